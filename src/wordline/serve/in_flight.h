// What engines with in-flight batching have in common: prompts computed in chunks, of which one at most is cut, beside
// one token for each sequence that decodes, over a prefix cache of blocks.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "wordline/serve/decode_batch.h"
#include "wordline/serve/kv_cache.h"
#include "wordline/serve/scheduler.h"

namespace wordline::serve {

// State of the requests, and what happens to one on its way. Which of them begin, and who loses its place, is the
// engine's: it derives from this.
class InFlight : public Scheduler {
 public:
  InFlight(const SchedulerInput& input, std::int64_t usable_blocks);

  void complete(const Step& step) override;
  std::int64_t repeats(std::int64_t most) override;
  std::int64_t blocks_used() const override { return cache_.used(); }
  std::int64_t blocks_total() const override { return cache_.total(); }
  std::uint64_t preemptions() const override { return preemptions_; }
  PrefixHits prefix_hits() const override {
    return {cache_.counts().queries, cache_.counts().hits, cache_.counts().host_hits};
  }
  std::int64_t found_tokens(Slot slot) const override { return sequences_[slot].found; }
  std::int64_t blocks_stored() const override { return cache_.host() ? cache_.host()->stored() : 0; }
  void let_go(Slot slot) override;
  std::int64_t cached_tokens(Slot slot, const Request& request) override { return cache_.cached_tokens(slot, request); }
  std::int64_t waiting() const override { return static_cast<std::int64_t>(waiting_.size()); }

 protected:
  static constexpr Slot nobody = ~Slot{0};
  // fetching: has the blocks of what it knows, but no seat; what is in some of them has not come. finishing: its last
  // token is planned, blocks and seat come back when that step has run.
  enum class Phase : std::uint8_t { waiting, fetching, prefilling, decoding, finishing };
  struct Sequence {
    Phase phase = Phase::waiting;
    bool holds = false;                   // blocks and a seat
    std::int32_t prompt = 0, output = 0;  // tokens asked for
    std::int32_t emitted = 0;             // tokens given when it last stopped decoding
    std::int32_t computed = 0;            // of a prefilling or finishing one; of a fetching one, when that has come
    std::int32_t found = -1;              // when it was first admitted; -1: it was not
    std::uint64_t rank = 0;               // counts admissions
  };

  // A request that may be served goes to the end of the queue.
  void queue(Slot slot, const Request& request);
  // What a prefill has to compute: the prompt, and after a preemption also the tokens given so far.
  std::int64_t known(Slot slot) const { return sequences_[slot].prompt + sequences_[slot].emitted; }
  // The decoding sequences, which have their blocks, go into the step.
  void decode(Step& step) const;
  // The head of the queue is admitted, of its tokens so many found in the cache.
  void admit_front(std::int64_t cached);
  // A request that was admitted is computed from here on.
  void begin_prefill(Slot slot);
  // Puts a chunk of a prefill, which has its blocks, into the step.
  void compute(Slot slot, std::int64_t chunk, Step& step);
  // Takes a running request's place and blocks; unless its last token is under way it goes to the head of the queue.
  void preempt(Slot slot, Step& step);
  // Ends the planning of a step: who finishes with it, who decodes after it. Whether there is anything to do.
  bool end_plan(Step& step, bool preempted);
  // A running request's seat is free; it is called before its phase changes and its blocks are given back.
  virtual void give_up_seat(Slot slot) = 0;

  const std::int64_t seats_, budget_, longest_;
  KvCache cache_;
  const bool hands_over_;
  DecodeBatch batch_;
  std::vector<Sequence> sequences_;
  std::deque<Slot> waiting_;
  Slot partial_ = nobody;  // the one whose prefill has begun but not ended
  std::int64_t step_ = 0;

 private:
  void begin_decoding(Slot slot, Step& step);
  void finish(Slot slot, std::int64_t context);

  std::int64_t finishing_ = 0;
  std::uint64_t admissions_ = 0, preemptions_ = 0;
  bool settled_ = false;  // the step planned last admitted all that could be
};

}  // namespace wordline::serve
