// The vllm-v1 scheduler against steps worked out by hand.
#include <gmock/gmock.h>

#include "servers.h"
#include "wordline/core/error.h"

namespace wordline::serve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Runs plan() and complete() in turn, as a synchronous engine does.
class Steps {
 public:
  Steps(const Engine& engine, std::int64_t usable_blocks, std::vector<Request> requests)
      : requests_(std::move(requests)), scheduler_(make_scheduler({engine, with_null_block(usable_blocks), 0})) {}
  bool enqueue(Slot slot) { return scheduler_->enqueue(slot, requests_[slot]); }
  // The next step, run at once.
  const Step& next() {
    EXPECT_TRUE(scheduler_->plan(step_));
    scheduler_->complete(step_);
    return step_;
  }
  bool idle() { return !scheduler_->plan(step_); }
  const Scheduler& scheduler() const { return *scheduler_; }

 private:
  std::vector<Request> requests_;
  std::unique_ptr<Scheduler> scheduler_;
  Step step_;
};

Request request(std::int32_t prompt, std::int32_t output) { return {core::Seconds(0), prompt, output}; }

void expect_chunk(const Step& step, std::size_t i, std::int64_t tokens, std::int64_t context) {
  ASSERT_LT(i, step.shape.prefill.size());
  EXPECT_EQ(step.shape.prefill[i].new_tokens, tokens);
  EXPECT_EQ(step.shape.prefill[i].context_tokens, context);
}

void expect_decode(const Step& step, std::int64_t sequences, std::int64_t context) {
  EXPECT_EQ(step.shape.decode_sequences, sequences);
  EXPECT_EQ(step.shape.decode_context_tokens, context);
}

TEST(VllmV1, CutsAPromptToTheBudgetAndGivesTheFirstTokenWithItsLastChunk) {
  Steps steps(small_engine(2, 8, 16), 10, {request(20, 2)});
  ASSERT_TRUE(steps.enqueue(0));
  const Step& step = steps.next();
  expect_chunk(step, 0, 8, 0);
  EXPECT_THAT(step.prefilled, IsEmpty());
  steps.next();
  expect_chunk(step, 0, 8, 8);
  steps.next();
  expect_chunk(step, 0, 4, 16);
  EXPECT_THAT(step.prefilled, ElementsAre(0));
  EXPECT_THAT(step.finished, IsEmpty());
  steps.next();
  expect_decode(step, 1, 20);
  EXPECT_THAT(step.shape.prefill, IsEmpty());
  EXPECT_THAT(step.finished, ElementsAre(0));
  EXPECT_TRUE(steps.idle());
  EXPECT_EQ(steps.scheduler().blocks_used(), 0);
}

TEST(VllmV1, ServesTheRunningBeforeTheWaiting) {
  Steps steps(small_engine(2, 8, 16), 10, {request(4, 3), request(10, 1)});
  ASSERT_TRUE(steps.enqueue(0));
  const Step& step = steps.next();
  expect_chunk(step, 0, 4, 0);
  ASSERT_TRUE(steps.enqueue(1));
  steps.next();
  expect_decode(step, 1, 4);
  expect_chunk(step, 0, 7, 0);  // what one decode token leaves of the budget
  steps.next();
  expect_decode(step, 1, 5);
  expect_chunk(step, 0, 3, 7);
  EXPECT_THAT(step.finished, ElementsAre(0, 1));  // a single token is first and last at once
  EXPECT_TRUE(steps.idle());
}

TEST(VllmV1, PacksSeveralPromptsIntoOneStepInOrderOfArrival) {
  Steps steps(small_engine(4, 10, 16), 10, {request(4, 1), request(5, 1), request(6, 1)});
  for (Slot slot = 0; slot < 3; ++slot) ASSERT_TRUE(steps.enqueue(slot));
  const Step& step = steps.next();
  ASSERT_EQ(step.shape.prefill.size(), 3u);
  expect_chunk(step, 2, 1, 0);
  EXPECT_THAT(step.prefilled, ElementsAre(0, 1));
  steps.next();
  expect_chunk(step, 0, 5, 1);
  EXPECT_THAT(step.prefilled, ElementsAre(2));
}

TEST(VllmV1, AdmitsNoMoreThanItHasSeats) {
  Steps steps(small_engine(1, 8, 16), 10, {request(2, 2), request(2, 1)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  EXPECT_EQ(steps.next().shape.prefill.size(), 1u);
  const Step& step = steps.next();
  EXPECT_THAT(step.shape.prefill, IsEmpty());
  EXPECT_THAT(step.finished, ElementsAre(0));
  steps.next();
  EXPECT_THAT(step.prefilled, ElementsAre(1));
}

TEST(VllmV1, AdmitsAPromptOnlyIfAllOfItFitsTheFreeBlocks) {
  // 4 blocks of 4 tokens; the first holds 2, so the second's 9 tokens (3 blocks) wait although its first chunk would
  // fit.
  Steps steps(small_engine(2, 8, 4), 4, {request(7, 2), request(9, 1)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  EXPECT_EQ(steps.next().shape.prefill.size(), 1u);
  const Step& step = steps.next();
  EXPECT_THAT(step.shape.prefill, IsEmpty());
  steps.next();
  expect_chunk(step, 0, 8, 0);
}

TEST(VllmV1, PreemptsTheLastAdmittedAndRecomputesWhatItHad) {
  // 4 blocks of 4 tokens. Both prompts take 2; in step 3 each would need a third.
  Steps steps(small_engine(2, 16, 4), 4, {request(7, 6), request(7, 6)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  EXPECT_THAT(step.prefilled, ElementsAre(0, 1));
  EXPECT_EQ(steps.scheduler().blocks_used(), 4);
  steps.next();
  expect_decode(step, 2, 14);
  steps.next();
  expect_decode(step, 1, 8);
  EXPECT_THAT(step.interrupted, ElementsAre(1));
  EXPECT_EQ(steps.scheduler().preemptions(), 1u);
  EXPECT_EQ(steps.scheduler().blocks_used(), 3);
  for (int i = 4; i <= 6; ++i) steps.next();
  EXPECT_THAT(step.finished, ElementsAre(0));
  steps.next();
  expect_chunk(step, 0, 9, 0);  // 7 of the prompt and the 2 tokens it was given
  EXPECT_THAT(step.prefilled, ElementsAre(1));
  for (int i = 8; i <= 10; ++i) steps.next();
  EXPECT_THAT(step.finished, ElementsAre(1));
  EXPECT_TRUE(steps.idle());
  EXPECT_EQ(steps.scheduler().blocks_used(), 0);
}

TEST(VllmV1, ThePreemptedGoBeforeThoseThatWait) {
  Steps steps(small_engine(2, 16, 4), 4, {request(7, 6), request(7, 6), request(1, 1)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  ASSERT_TRUE(steps.enqueue(2));
  for (int i = 1; i <= 6; ++i) steps.next();
  const Step& step = steps.next();
  ASSERT_EQ(step.shape.prefill.size(), 2u);
  expect_chunk(step, 0, 9, 0);
  expect_chunk(step, 1, 1, 0);
}

TEST(VllmV1, RefusesWhatCanNeverFit) {
  Steps steps(small_engine(2, 16, 4), 4, {request(12, 5), request(12, 6)});
  EXPECT_TRUE(steps.enqueue(0));   // 16 tokens are computed: the last one given never is
  EXPECT_FALSE(steps.enqueue(1));  // 17
}

TEST(VllmV1, RefusesWhatExceedsTheModelsLength) {
  const auto scheduler = make_scheduler({small_engine(2, 16, 4), 100, 10});
  EXPECT_TRUE(scheduler->enqueue(0, request(6, 4)));
  EXPECT_FALSE(scheduler->enqueue(1, request(6, 5)));
}

TEST(VllmV1, UnknownPoliciesAreNamedWithTheNearest) {
  Engine engine = small_engine(1, 1, 16);
  engine.policy = "vllm_v2";
  EXPECT_THROW(make_scheduler({engine, 10, 0}), core::InputError);
  EXPECT_THAT(engine_policies(), testing::Contains("vllm-v1"));
}

}  // namespace
}  // namespace wordline::serve
