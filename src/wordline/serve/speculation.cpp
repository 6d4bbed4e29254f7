#include "wordline/serve/speculation.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/core/error.h"
#include "wordline/core/random.h"
#include "wordline/model/deployment.h"

namespace wordline::serve {
namespace {

constexpr std::int32_t most_drafts = 128;  // MAX_SPEC_LEN of vllm/v1/sample/rejection_sampler.py

void check_rates(const Speculation& s) {
  if (s.acceptance.empty())
    throw core::InputError({}, "speculative decoding without acceptance rates", "a rate, 0 to 1, of each draft");
  if (s.acceptance.size() > static_cast<std::size_t>(s.num_speculative_tokens))
    throw core::InputError({}, fmt::format("{} acceptance rates", s.acceptance.size()),
                           fmt::format("at most one for each of {} drafts", s.num_speculative_tokens));
  for (const double rate : s.acceptance)
    if (!(rate >= 0 && rate <= 1)) throw core::InputError({}, fmt::format("an acceptance rate of {}", rate), "0 to 1");
  if (!(s.spread >= 0)) throw core::InputError({}, fmt::format("a spread of {}", s.spread), "0 or more");
  if (s.spread > 0 && (s.acceptance.size() > 1 || s.acceptance.front() == 0 || s.acceptance.front() == 1))
    throw core::InputError({}, fmt::format("a spread of {}", s.spread), "one acceptance rate, between 0 and 1");
}

}  // namespace

std::vector<std::string> speculation_methods() { return {"draft-model", "ngram"}; }

void check(const Speculation& s) {
  if (!s.on()) {
    if (s.num_speculative_tokens == 0 && s.acceptance.empty() && s.spread == 0) return;
    throw core::InputError({}, "settings of speculative decoding without a method", "a draft model, or ngram");
  }
  const auto methods = speculation_methods();
  if (std::find(methods.begin(), methods.end(), s.method) == methods.end())
    throw core::InputError({}, fmt::format("the speculative method \"{}\"", s.method), "draft-model or ngram",
                           core::nearest_name(s.method, methods));
  if (s.num_speculative_tokens < 1 || s.num_speculative_tokens > most_drafts)
    throw core::InputError({}, fmt::format("num-speculative-tokens is {}", s.num_speculative_tokens),
                           fmt::format("1 to {}", most_drafts));
  if ((s.method == "draft-model") != static_cast<bool>(s.draft))
    throw core::InputError(
        {}, fmt::format("the speculative method {} {} a draft model", s.method, s.draft ? "with" : "without"),
        s.draft ? "draft-model" : "a speculative model, or ngram");
  check_rates(s);
}

void check(const Speculation& s, const model::Deployment& deployment, std::int32_t max_model_len) {
  if (!s.on()) return;
  if (deployment.pp > 1)
    throw core::InputError({}, fmt::format("speculative decoding over {} stages", deployment.pp), "one stage (pp)");
  if (!s.draft) return;
  const model::Architecture &target = deployment.architecture, &draft = s.draft->architecture;
  if (draft.vocabulary != target.vocabulary)
    throw core::InputError({}, fmt::format("the draft model {} with {} words", draft.name, draft.vocabulary),
                           fmt::format("one with the {} words of {}", target.vocabulary, target.name));
  if (s.draft->tp != deployment.tp || s.draft->pp != 1 || s.draft->dp != deployment.dp)
    throw core::InputError({}, fmt::format("the draft model {} on {} ranks", draft.name, s.draft->tp),
                           fmt::format("the {} ranks of {}", deployment.tp, target.name));
  if (draft.max_positions < max_model_len)
    throw core::InputError({}, fmt::format("the draft model {} with a context of {}", draft.name, draft.max_positions),
                           fmt::format("max-model-len ({}), or a max-model-len that it reaches", max_model_len));
}

Acceptance::Acceptance(const Speculation& s) : seed_(s.seed), spread_(s.spread) {
  double reached = 1;
  for (std::size_t i = 0; i < static_cast<std::size_t>(s.num_speculative_tokens); ++i) {
    const double rate = s.acceptance[std::min(i, s.acceptance.size() - 1)];
    if (spread_ > 0) {  // the Beta law's moments, one over the other
      const auto n = static_cast<double>(i);
      reached *= (rate * spread_ + n) / (spread_ + n);
    } else {
      reached *= rate;
    }
    reached_.push_back(reached);
  }
}

double Acceptance::rate_of(std::uint64_t request) const {
  if (spread_ == 0) return 0;
  core::Random random(core::SplitMix64(seed_)() ^ request, 1);
  const double mean = reached_.front();
  const double a = random.gamma(mean * spread_, 1), b = random.gamma((1 - mean) * spread_, 1);
  return a + b > 0 ? a / (a + b) : mean;
}

std::int32_t Acceptance::accepted(std::uint64_t request, std::uint64_t step, double rate) const {
  const std::uint64_t of_request = core::SplitMix64(core::SplitMix64(seed_)() ^ request)();
  const double at = static_cast<double>(core::SplitMix64(of_request ^ step)() >> 11) * 0x1p-53;
  std::int32_t count = 0;
  double reached = 1;
  for (const double known : reached_) {
    reached = spread_ > 0 ? reached * rate : known;
    if (at >= reached) break;
    ++count;
  }
  return count;
}

double Acceptance::mean() const {
  double sum = 0;
  for (const double reached : reached_) sum += reached;
  return sum;
}

void SpeculationCounts::add(std::int64_t draft_tokens, std::int64_t accepted) {
  ++num_drafts;
  num_draft_tokens += static_cast<std::uint64_t>(draft_tokens);
  num_accepted_tokens += static_cast<std::uint64_t>(accepted);
  for (std::int64_t i = 0; i < accepted; ++i) ++num_accepted_tokens_per_pos[static_cast<std::size_t>(i)];
}

void SpeculationCounts::merge(const SpeculationCounts& other) {
  num_drafts += other.num_drafts;
  num_draft_tokens += other.num_draft_tokens;
  num_accepted_tokens += other.num_accepted_tokens;
  auto& all = num_accepted_tokens_per_pos;
  all.resize(std::max(all.size(), other.num_accepted_tokens_per_pos.size()));
  for (std::size_t i = 0; i < other.num_accepted_tokens_per_pos.size(); ++i)
    all[i] += other.num_accepted_tokens_per_pos[i];
}

double SpeculationCounts::acceptance_length() const {
  return num_drafts > 0 ? 1 + static_cast<double>(num_accepted_tokens) / static_cast<double>(num_drafts) : 1;
}

std::vector<double> SpeculationCounts::acceptance_rate_per_pos() const {
  std::vector<double> out;
  for (const std::uint64_t accepted : num_accepted_tokens_per_pos)
    out.push_back(num_drafts > 0 ? static_cast<double>(accepted) / static_cast<double>(num_drafts) : 0);
  return out;
}

}  // namespace wordline::serve
