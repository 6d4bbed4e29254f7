// A scheduler run step by step, for tests worked out by hand.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "servers.h"

namespace wordline::serve {

// Runs plan() and complete() in turn, as a synchronous engine does, or a step ahead, as an asynchronous one.
class Steps {
 public:
  Steps(const Engine& engine, std::int64_t usable_blocks, std::vector<Request> requests)
      : requests_(std::move(requests)),
        scheduler_(
            make_scheduler({engine, engine.policy == "vllm-v1" ? with_null_block(usable_blocks) : usable_blocks, 0})) {}
  bool enqueue(Slot slot) { return scheduler_->enqueue(slot, requests_[slot]); }
  // The next step, run at once.
  const Step& next() {
    EXPECT_TRUE(scheduler_->plan(step_));
    scheduler_->complete(step_);
    return step_;
  }
  // The next step, planned while the one before runs.
  const Step& ahead() {
    std::swap(step_, before_);
    EXPECT_TRUE(scheduler_->plan(step_));
    if (flying_) scheduler_->complete(before_);
    flying_ = true;
    return step_;
  }
  bool idle() { return !scheduler_->plan(step_); }
  const Scheduler& scheduler() const { return *scheduler_; }

 private:
  std::vector<Request> requests_;
  std::unique_ptr<Scheduler> scheduler_;
  Step step_, before_;
  bool flying_ = false;
};

inline Request request(std::int32_t prompt, std::int32_t output) { return {core::Seconds(0), prompt, output}; }

inline void expect_chunk(const Step& step, std::size_t i, std::int64_t tokens, std::int64_t context) {
  ASSERT_LT(i, step.shape.prefill.size());
  EXPECT_EQ(step.shape.prefill[i].new_tokens, tokens);
  EXPECT_EQ(step.shape.prefill[i].context_tokens, context);
}

inline void expect_decode(const Step& step, std::int64_t sequences, std::int64_t context) {
  EXPECT_EQ(step.shape.decode_sequences, sequences);
  EXPECT_EQ(step.shape.decode_context_tokens, context);
}

}  // namespace wordline::serve
