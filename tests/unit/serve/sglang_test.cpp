// The sglang scheduler against steps worked out by hand.
#include <gmock/gmock.h>

#include "steps.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Engine sglang(std::int32_t seats, std::int32_t chunk, bool overlap = false) {
  Engine engine = small_engine(seats, chunk, 1, overlap);
  engine.policy = "sglang";
  return engine;
}

TEST(Sglang, PromptsGoBeforeThoseThatDecode) {
  Steps steps(sglang(8, 16), 1000, {request(4, 3), request(6, 2)});
  ASSERT_TRUE(steps.enqueue(0));
  expect_chunk(steps.next(), 0, 4, 0);
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  expect_decode(step, 0, 0);
  expect_chunk(step, 0, 6, 0);
  EXPECT_THAT(step.interrupted, ElementsAre(0));
  steps.next();
  expect_decode(step, 2, 10);
  EXPECT_THAT(step.resumed, ElementsAre(0));
  EXPECT_THAT(step.finished, ElementsAre(1));
  steps.next();
  expect_decode(step, 1, 5);
  EXPECT_THAT(step.resumed, IsEmpty());
  EXPECT_THAT(step.finished, ElementsAre(0));
  EXPECT_TRUE(steps.idle());
  EXPECT_EQ(steps.scheduler().blocks_used(), 0);
}

TEST(Sglang, AStandstillStretchesOneGapBetweenTokens) {
  // One-second steps: request 0 has tokens at 1, 2 and, after the prompt that came at 1.5, at 4.
  const auto result =
      run(one_second_server(1000), sglang(8, 16), {"by hand", {{core::Seconds(0), 4, 3}, {core::Seconds(1.5), 4, 1}}});
  EXPECT_DOUBLE_EQ(result.served[0].e2el.value(), 4);
  EXPECT_DOUBLE_EQ(result.served[1].ttft.value(), 1.5);
  EXPECT_DOUBLE_EQ(result.itl.mean.value(), 1.5);
  EXPECT_NEAR(result.itl.max.value(), 2, 1e-8);
  EXPECT_EQ(result.preemptions, 0u);
}

TEST(Sglang, CutsTheLastPromptToTheChunk) {
  Steps steps(sglang(8, 8), 1000, {request(20, 1), request(6, 1)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  expect_chunk(step, 0, 8, 0);
  EXPECT_EQ(step.shape.prefill.size(), 1u);
  expect_chunk(steps.next(), 0, 8, 8);
  steps.next();
  expect_chunk(step, 0, 4, 16);
  expect_chunk(step, 1, 4, 0);
  EXPECT_THAT(step.prefilled, ElementsAre(0));
  steps.next();
  expect_chunk(step, 0, 2, 4);
  EXPECT_THAT(step.prefilled, ElementsAre(1));
  EXPECT_TRUE(steps.idle());
}

TEST(Sglang, MaxPrefillTokensBoundsAStepOfSeveralPrompts) {
  Engine engine = sglang(8, 64);
  engine.max_prefill_tokens = 10;
  Steps steps(engine, 1000, {request(12, 1), request(6, 1), request(4, 1)});
  for (Slot slot = 0; slot < 3; ++slot) ASSERT_TRUE(steps.enqueue(slot));
  const Step& step = steps.next();
  EXPECT_EQ(step.shape.prefill.size(), 1u);  // longer than it may be, but the first
  expect_chunk(step, 0, 12, 0);
  steps.next();
  EXPECT_EQ(step.shape.prefill.size(), 1u);  // the next one's 4 tokens are as many as are left
  expect_chunk(step, 0, 6, 0);
}

// After the first step 90 tokens of 100 are free, and the running request is expected to need 0.7 x 49 = 34.3 of them:
// a request that may need 55 with its reserve of one is admitted, one that may need 56 is not.
TEST(Sglang, AdmitsWhatFitsBesideWhatTheRunningAreExpectedToNeed) {
  for (const std::int32_t output : {44, 45}) {
    Steps steps(sglang(8, 64), 100, {request(10, 50), request(10, output)});
    ASSERT_TRUE(steps.enqueue(0));
    steps.next();
    ASSERT_TRUE(steps.enqueue(1));
    const Step& step = steps.next();
    EXPECT_EQ(step.shape.prefill.size(), output == 44 ? 1u : 0u);
    EXPECT_EQ(step.short_of_blocks, output == 45);
  }
}

TEST(Sglang, ConservativenessScalesTheExpectation) {
  Engine engine = sglang(8, 64);
  engine.schedule_conservativeness = 0.5;  // 0.35 x 49 = 17.15 of 90
  Steps steps(engine, 100, {request(10, 50), request(10, 61)});
  ASSERT_TRUE(steps.enqueue(0));
  steps.next();
  ASSERT_TRUE(steps.enqueue(1));
  EXPECT_EQ(steps.next().shape.prefill.size(), 1u);  // 72 < 72.85
}

TEST(Sglang, RetractsToTheEndOfTheQueueAndExpectsMoreFromThenOn) {
  Engine engine = sglang(8, 64);
  engine.schedule_conservativeness = 0.01;
  Steps steps(engine, 24, {request(7, 8), request(7, 8), request(1, 1)});
  ASSERT_TRUE(steps.enqueue(0));
  steps.next();
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  expect_chunk(step, 0, 7, 0);
  for (int i = 3; i <= 7; ++i) steps.next();
  expect_decode(step, 2, 22);
  EXPECT_EQ(steps.scheduler().blocks_used(), 24);
  steps.next();  // no token is free: of two with six tokens each, the later one goes
  expect_decode(step, 1, 12);
  EXPECT_THAT(step.interrupted, ElementsAre(1));
  EXPECT_EQ(steps.scheduler().preemptions(), 1u);
  ASSERT_TRUE(steps.enqueue(2));
  steps.next();  // 13 + 2 + 1 tokens do not fit 11, and nobody passes the head of the queue
  expect_decode(step, 1, 13);
  EXPECT_THAT(step.finished, ElementsAre(0));
  steps.next();
  expect_chunk(step, 0, 13, 0);                 // the prompt and the six tokens it was given
  EXPECT_THAT(step.prefilled, ElementsAre(1));  // 11 tokens are free, 8 of them promised: too few for 1 + 1 + 1
  steps.next();
  expect_decode(step, 1, 13);
  EXPECT_THAT(step.finished, ElementsAre(1));
  EXPECT_THAT(steps.next().prefilled, ElementsAre(2));
  EXPECT_TRUE(steps.idle());
  EXPECT_EQ(steps.scheduler().blocks_used(), 0);
}

TEST(Sglang, TheOverlapScheduleComputesTheEndedOnceMore) {
  Steps steps(sglang(8, 64, true), 1000, {request(4, 2), request(4, 4)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  EXPECT_EQ(steps.ahead().shape.prefill.size(), 2u);
  const Step& second = steps.ahead();
  expect_decode(second, 2, 8);
  EXPECT_THAT(second.finished, ElementsAre(0));
  const Step& third = steps.ahead();
  expect_decode(third, 2, 10);
  EXPECT_EQ(third.ended_rows, 1);
  EXPECT_EQ(third.decoded(), 1);
  EXPECT_THAT(third.finished, IsEmpty());
  const Step& fourth = steps.ahead();
  expect_decode(fourth, 1, 6);
  EXPECT_EQ(fourth.ended_rows, 0);
  EXPECT_THAT(fourth.finished, ElementsAre(1));
}

TEST(Sglang, ASeatIsFreeOnceTheBatchHasDecodedWithoutWhoLeft) {
  Steps steps(sglang(2, 64), 1000, {request(4, 2), request(4, 5), request(4, 1)});
  for (Slot slot = 0; slot < 3; ++slot) ASSERT_TRUE(steps.enqueue(slot));
  const Step& step = steps.next();
  EXPECT_THAT(step.prefilled, ElementsAre(0, 1));
  steps.next();
  EXPECT_THAT(step.finished, ElementsAre(0));
  steps.next();
  expect_decode(step, 1, 5);  // batch_is_full still holds when prompts are looked for
  steps.next();
  EXPECT_THAT(step.prefilled, ElementsAre(2));
}

TEST(Sglang, MixedChunksShareStepsWithThoseThatDecode) {
  Engine engine = sglang(8, 8);
  engine.enable_mixed_chunk = true;
  Steps steps(engine, 1000, {request(4, 3), request(10, 1)});
  ASSERT_TRUE(steps.enqueue(0));
  steps.next();
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  expect_decode(step, 1, 4);
  expect_chunk(step, 0, 7, 0);
  EXPECT_THAT(step.interrupted, IsEmpty());
  steps.next();
  expect_decode(step, 1, 5);
  expect_chunk(step, 0, 3, 7);
  EXPECT_THAT(step.finished, testing::UnorderedElementsAre(0, 1));
}

Request with(std::int32_t prompt, Content content) {
  Request out = request(prompt, 1);
  out.content = std::make_shared<const Content>(std::move(content));
  return out;
}

TEST(Sglang, LpmTakesTheLongestCachedPrefixFirst) {
  for (const bool lpm : {false, true}) {
    Engine engine = sglang(1, 64);
    engine.prefix_caching = true;
    engine.schedule_policy = lpm ? "lpm" : "fcfs";
    Steps steps(engine, 1000, {with(40, {{7, 40}}), with(30, {{8, 30}}), with(50, {{7, 40}, {9, 10}})});
    ASSERT_TRUE(steps.enqueue(0));
    steps.next();
    ASSERT_TRUE(steps.enqueue(1));
    ASSERT_TRUE(steps.enqueue(2));
    const Step& step = steps.next();
    expect_chunk(step, 0, lpm ? 10 : 30, lpm ? 40 : 0);
    steps.next();
    expect_chunk(step, 0, lpm ? 30 : 10, lpm ? 0 : 40);
    EXPECT_EQ(steps.scheduler().prefix_hits().asked, 120);
    EXPECT_EQ(steps.scheduler().prefix_hits().found, 40);
  }
}

TEST(Sglang, RefusesWhatDoesNotFitAlone) {
  Steps steps(sglang(8, 64), 24, {request(10, 12), request(10, 13)});
  EXPECT_TRUE(steps.enqueue(0));
  EXPECT_FALSE(steps.enqueue(1));
}

}  // namespace
}  // namespace wordline::serve
