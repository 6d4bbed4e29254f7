// The vllm-v1 scheduler against steps worked out by hand.
#include <gmock/gmock.h>

#include "steps.h"
#include "wordline/core/error.h"

namespace wordline::serve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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
