// vLLM V1's scheduler with speculative decoding: every sequence may advance by another number of tokens.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "wordline/serve/fetch_queue.h"
#include "wordline/serve/kv_cache.h"
#include "wordline/serve/scheduler.h"

namespace wordline::serve {

// As policy/engine/vllm_v1.cpp has it, of vLLM 0.19.0 with a speculative_config (vllm/v1/core/sched/scheduler.py,
// async_scheduler.py). A running request computes its latest token and k drafts, in the order of admission, as many of
// them as the budget and the model's length leave; it holds blocks for them and for the draft model's own. What of it
// is accepted is known when the step has run: an asynchronous engine reckons until then as if all were, and computes a
// sequence that may have ended once more. Each step touches every running request: none is like the one before.
class SpeculativeScheduler final : public Scheduler {
 public:
  // `input.engine.speculation` must be on.
  explicit SpeculativeScheduler(const SchedulerInput& input);

  bool enqueue(Slot slot, const Request& request) override;
  bool plan(Step& step) override;
  void complete(const Step& step) override;
  std::int64_t repeats(std::int64_t) override { return 0; }
  void repeat() override;
  std::int64_t blocks_used() const override { return cache_.used(); }
  std::int64_t blocks_total() const override { return cache_.total(); }
  std::uint64_t preemptions() const override { return preemptions_; }
  PrefixHits prefix_hits() const override {
    return {cache_.counts().queries, cache_.counts().hits, cache_.counts().host_hits};
  }
  std::int64_t found_tokens(Slot slot) const override { return sequences_[slot].found; }
  std::int64_t blocks_stored() const override { return cache_.host() ? cache_.host()->stored() : 0; }
  void fetched(Slot slot) override { fetches_.arrived(slot); }
  void let_go(Slot slot) override;
  SpeculationCounts speculation() const override { return counts_; }
  std::int64_t cached_tokens(Slot slot, const Request& request) override { return cache_.cached_tokens(slot, request); }
  std::int64_t waiting() const override { return static_cast<std::int64_t>(waiting_.size()) + fetches_.size(); }

 private:
  struct Sequence {
    std::uint64_t id = 0, verified = 0;    // verifications so far
    double rate = 0;                       // of acceptance, its own
    std::int32_t prompt = 0, output = 0;   // tokens asked for
    std::int32_t emitted = 0;              // tokens that the steps planned so far give
    std::int32_t seen = 0;                 // of them, those of steps that have run: all that the engine knows
    std::int32_t computed = 0;             // of what a prefill computes, or, fetching, when that has come
    std::int32_t found = -1;               // when it was first admitted; -1: it was not
    std::int32_t published = 0;            // tokens whose full blocks others can find
    std::int32_t in_flight = 0;            // tokens that its last step may give it
    std::int64_t last = -1;                // its last step that gave it tokens
    std::int64_t planned = -1;             // its last step
    bool decoding = false, holds = false;  // blocks and a seat
    bool ended() const { return emitted == output; }
    std::int64_t known() const { return std::int64_t{prompt} + seen; }
  };
  // Who had tokens in a step, and how many with them.
  struct Given {
    Slot slot;
    std::int32_t emitted;
  };

  bool schedule_running(Step& step, std::int64_t& left);
  void admit_waiting(Step& step, std::int64_t& left);
  void begin(Slot slot, std::int64_t chunk, Step& step);
  std::int64_t in_flight(const Sequence& sequence) const;
  std::int64_t wanted(const Sequence& sequence, std::int64_t left) const;
  bool allocate(Slot slot, std::int64_t tokens);
  void compute(Slot slot, std::int64_t tokens, Step& step);
  void prefill(Slot slot, std::int64_t tokens, Step& step);
  void decode(Slot slot, std::int64_t tokens, Step& step);
  void give(Slot slot, std::int64_t tokens, Step& step);
  void preempt_last(Step& step);
  std::int64_t full_tokens(const Sequence& sequence) const;

  const std::int64_t seats_, budget_, longest_, queries_, lookahead_;
  const bool asynchronous_, hands_over_;
  const Acceptance acceptance_;
  KvCache cache_;
  FetchQueue fetches_;
  SpeculationCounts counts_;
  std::vector<Sequence> sequences_;
  std::vector<Slot> running_;  // in the order of admission
  std::deque<Slot> waiting_;
  std::vector<Given> given_;               // in the step that is being planned
  std::deque<std::vector<Given>> flying_;  // in those that are planned and have not run
  std::int64_t step_ = 0;
  std::uint64_t preemptions_ = 0;
};

}  // namespace wordline::serve
