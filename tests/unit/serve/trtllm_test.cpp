// The trtllm and static-batching schedulers against steps worked out by hand.
#include <gmock/gmock.h>

#include "steps.h"

namespace wordline::serve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Engine trtllm(std::int32_t seats, std::int32_t budget, std::int32_t block_size, bool chunked = false) {
  Engine engine = small_engine(seats, budget, block_size);
  engine.policy = "trtllm";
  engine.enable_chunked_prefill = chunked;
  return engine;
}

TEST(TrtLlm, ContextAndGenerationShareAStep) {
  Steps steps(trtllm(2, 16, 4), 10, {request(4, 3), request(10, 1)});
  ASSERT_TRUE(steps.enqueue(0));
  const Step& step = steps.next();
  expect_chunk(step, 0, 4, 0);
  ASSERT_TRUE(steps.enqueue(1));
  steps.next();
  expect_decode(step, 1, 4);
  expect_chunk(step, 0, 10, 0);
  EXPECT_THAT(step.finished, ElementsAre(1));
  steps.next();
  expect_decode(step, 1, 5);
  EXPECT_THAT(step.finished, ElementsAre(0));
  EXPECT_TRUE(steps.idle());
  EXPECT_EQ(steps.scheduler().blocks_used(), 0);
}

TEST(TrtLlm, AWholePromptWaitsForAStepThatHasRoom) {
  Steps steps(trtllm(2, 10, 4), 10, {request(4, 3), request(10, 1)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  EXPECT_EQ(step.shape.prefill.size(), 1u);
  for (int i = 2; i <= 3; ++i) EXPECT_THAT(steps.next().shape.prefill, IsEmpty());
  EXPECT_THAT(step.finished, ElementsAre(0));
  expect_chunk(steps.next(), 0, 10, 0);
}

TEST(TrtLlm, ChunksEndWhereBlocksEnd) {
  Steps steps(trtllm(2, 10, 4, true), 10, {request(4, 3), request(10, 1)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  expect_chunk(step, 0, 4, 0);
  expect_chunk(step, 1, 4, 0);
  steps.next();
  expect_decode(step, 1, 4);
  expect_chunk(step, 0, 6, 4);
  EXPECT_THAT(step.prefilled, ElementsAre(1));
}

TEST(TrtLlm, APromptBeyondTheBudgetNeedsChunks) {
  for (const bool chunked : {false, true}) {
    Steps steps(trtllm(2, 10, 4, chunked), 10, {request(11, 1)});
    EXPECT_EQ(steps.enqueue(0), chunked);
  }
}

TEST(TrtLlm, NoEvictBeginsWhatFitsToItsEnd) {
  // 5 blocks of 4 tokens: each may come to need 3, though it begins with one or two.
  Steps steps(trtllm(2, 16, 4), 5, {request(6, 6), request(4, 8)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  for (int i = 2; i <= 6; ++i) {
    steps.next();
    EXPECT_THAT(step.shape.prefill, IsEmpty());
    EXPECT_TRUE(step.short_of_blocks);
  }
  EXPECT_THAT(step.finished, ElementsAre(0));
  expect_chunk(steps.next(), 0, 4, 0);
  EXPECT_EQ(steps.scheduler().preemptions(), 0u);
}

TEST(TrtLlm, MaxUtilizationPausesTheOneBegunLast) {
  // 4 blocks of 4 tokens. Both prompts take 2; in step 3 each would need a third.
  Engine engine = trtllm(2, 16, 4);
  engine.capacity_scheduler_policy = "MAX_UTILIZATION";
  Steps steps(engine, 4, {request(7, 6), request(7, 6)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  EXPECT_THAT(step.prefilled, ElementsAre(0, 1));
  steps.next();
  expect_decode(step, 2, 14);
  steps.next();
  expect_decode(step, 1, 8);
  EXPECT_THAT(step.interrupted, ElementsAre(1));
  EXPECT_EQ(steps.scheduler().preemptions(), 1u);
  for (int i = 4; i <= 6; ++i) steps.next();
  EXPECT_THAT(step.finished, ElementsAre(0));
  expect_chunk(steps.next(), 0, 9, 0);
  for (int i = 8; i <= 10; ++i) steps.next();
  EXPECT_THAT(step.finished, ElementsAre(1));
  EXPECT_TRUE(steps.idle());
  EXPECT_EQ(steps.scheduler().blocks_used(), 0);
}

TEST(TrtLlm, ReusesBlocksOfWhoCameBefore) {
  Engine engine = trtllm(1, 16, 4);
  engine.prefix_caching = true;
  Request request_with_text = request(10, 1);
  request_with_text.content = std::make_shared<const Content>(Content{{7, 10}});
  Steps steps(engine, 10, {request_with_text, request_with_text});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  expect_chunk(steps.next(), 0, 10, 0);
  expect_chunk(steps.next(), 0, 2, 8);
  EXPECT_EQ(steps.scheduler().prefix_hits().found, 8);
}

Engine fixed(std::int32_t seats, std::int32_t budget) {
  Engine engine = small_engine(seats, budget, 4);
  engine.policy = "static-batching";
  return engine;
}

TEST(StaticBatching, PadsPromptsAndKeepsTheRowsOfTheEnded) {
  Steps steps(fixed(2, 100), 10, {request(4, 3), request(6, 2), request(5, 1)});
  for (Slot slot = 0; slot < 3; ++slot) ASSERT_TRUE(steps.enqueue(slot));
  const Step& step = steps.next();
  EXPECT_EQ(step.shape.prefill.size(), 2u);
  expect_chunk(step, 0, 6, 0);
  expect_chunk(step, 1, 6, 0);
  EXPECT_EQ(steps.scheduler().blocks_used(), 4);  // 6 + 3 - 1 tokens a row
  steps.next();
  expect_decode(step, 2, 12);
  EXPECT_EQ(step.ended_rows, 0);
  EXPECT_THAT(step.finished, ElementsAre(1));
  steps.next();
  expect_decode(step, 2, 14);
  EXPECT_EQ(step.ended_rows, 1);
  EXPECT_THAT(step.finished, ElementsAre(0));
  EXPECT_EQ(steps.scheduler().blocks_used(), 0);
  steps.next();
  expect_chunk(step, 0, 5, 0);
  EXPECT_THAT(step.finished, ElementsAre(2));
  EXPECT_TRUE(steps.idle());
}

TEST(StaticBatching, TakesNoMoreThanFitsTheCacheOrAStep) {
  // Alone they need 2 and 3 blocks of 4 tokens, padded alike 3 each.
  Steps blocks(fixed(2, 100), 5, {request(4, 4), request(4, 8)});
  Steps tokens(fixed(2, 13), 100, {request(4, 4), request(7, 4)});
  for (Steps* steps : {&blocks, &tokens}) {
    ASSERT_TRUE(steps->enqueue(0));
    ASSERT_TRUE(steps->enqueue(1));
    const Step& step = steps->next();
    EXPECT_THAT(step.prefilled, ElementsAre(0));
    EXPECT_EQ(step.short_of_blocks, steps == &blocks);
  }
}

TEST(StaticBatching, RefusesWhatFitsNoStep) {
  Steps steps(fixed(2, 13), 100, {request(14, 1)});
  EXPECT_FALSE(steps.enqueue(0));
}

}  // namespace
}  // namespace wordline::serve
