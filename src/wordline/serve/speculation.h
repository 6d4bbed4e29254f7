// Speculative decoding: cheap drafts of the next tokens, which the model verifies together in one step.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace wordline::model {
struct Deployment;
}

namespace wordline::serve {

// What the user may set, by the names of vLLM's speculative_config, and how many drafts are accepted: a server finds
// that out, a simulation is told. With method "" there is no speculation.
struct Speculation {
  std::string method;  // "draft-model"; or "ngram", whose drafts take no time
  std::int32_t num_speculative_tokens = 0;
  // Of the first, the second, ... draft: the probability that it is accepted where all before it were. The last one
  // holds for those behind it, too.
  std::vector<double> acceptance;
  // Above 0: each request has a rate of its own, by the Beta law whose mean is `acceptance` and whose two parameters
  // sum up to this.
  double spread = 0;
  std::uint64_t seed = 1;                          // a run's own
  std::shared_ptr<const model::Deployment> draft;  // the draft model on the chips of the model it drafts for

  bool on() const { return !method.empty(); }
  // Tokens that a decoding sequence computes in a step: its latest, and the drafts.
  std::int64_t queries() const { return on() ? num_speculative_tokens + 1 : 1; }
  // Slots of KV cache that a sequence holds beyond the tokens of its step, for the draft model's own
  // (num_lookahead_tokens), and tokens that its first pass adds for each sequence (max_num_new_slots_for_drafting).
  std::int64_t lookahead() const { return draft ? num_speculative_tokens : 0; }
  std::int64_t draft_slots() const { return draft ? 1 : 0; }
};

std::vector<std::string> speculation_methods();

// Throws core::InputError where the settings contradict each other: no drafts, or more than vLLM verifies (128), rates
// outside 0..1 or more of them than drafts, a draft model that lacks or is not wanted.
void check(const Speculation& speculation);
// The same for the model that is drafted for: a draft with another vocabulary, a shorter context than `max_model_len`
// or on other ranks, as vLLM 0.19 has it; stages of pipeline parallelism are not modelled.
void check(const Speculation& speculation, const model::Deployment& deployment, std::int32_t max_model_len);

// How many drafts are accepted: a function of seed, request and step of the request, whatever else goes on.
class Acceptance {
 public:
  explicit Acceptance(const Speculation& speculation);

  // The request's own rate, where there is a spread; else 0, which is not looked at.
  double rate_of(std::uint64_t request) const;
  // Of the drafts of the request's `step`-th verification, counted from 0.
  std::int32_t accepted(std::uint64_t request, std::uint64_t step, double rate) const;
  // Accepted drafts of a verification, the mean over requests.
  double mean() const;

 private:
  std::uint64_t seed_;
  double spread_;
  std::vector<double> reached_;  // the probability that this many drafts and one are accepted
};

// What became of the drafts, by the names of vLLM's SpecDecodingStats. As there, a draft is accepted even where the
// request ends with a token before it.
struct SpeculationCounts {
  std::uint64_t num_drafts = 0;  // verifications: a sequence's in one step is one
  std::uint64_t num_draft_tokens = 0, num_accepted_tokens = 0;
  std::vector<std::uint64_t> num_accepted_tokens_per_pos;

  void add(std::int64_t draft_tokens, std::int64_t accepted);
  void merge(const SpeculationCounts& other);
  // Tokens that a verification gives in the mean, 1 + accepted / drafts; 1 where there was none.
  double acceptance_length() const;
  // Of all verifications, the share in which this draft was accepted.
  std::vector<double> acceptance_rate_per_pos() const;
};

}  // namespace wordline::serve
