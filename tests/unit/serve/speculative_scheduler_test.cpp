// The scheduler with speculation against a plain one, and against steps worked out by hand.
#include <gmock/gmock.h>

#include <tuple>

#include "plain_speculative.h"
#include "steps.h"
#include "wordline/model/deployment.h"

namespace wordline::serve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Engine drafting(Engine engine, std::int32_t drafts, std::vector<double> acceptance) {
  engine.speculation.method = "ngram";
  engine.speculation.num_speculative_tokens = drafts;
  engine.speculation.acceptance = std::move(acceptance);
  return engine;
}

using Chunks = std::vector<std::tuple<std::int64_t, std::int64_t, bool>>;

Chunks chunks(const Step& step) {
  Chunks out;
  for (const auto& chunk : step.shape.prefill) out.emplace_back(chunk.new_tokens, chunk.context_tokens, chunk.drafts);
  return out;
}

void expect_same(const Step& a, const Step& b) {
  ASSERT_EQ(a.shape.decode_sequences, b.shape.decode_sequences);
  ASSERT_EQ(a.shape.decode_context_tokens, b.shape.decode_context_tokens);
  ASSERT_EQ(a.shape.decode_queries, b.shape.decode_queries);
  ASSERT_EQ(chunks(a), chunks(b));
  ASSERT_EQ(a.prefilled, b.prefilled);
  ASSERT_EQ(a.ended_rows, b.ended_rows);
  ASSERT_EQ(a.cut_rows, b.cut_rows);
  ASSERT_EQ(a.accepted, b.accepted);
  ASSERT_THAT(a.interrupted, testing::UnorderedElementsAreArray(b.interrupted));
  ASSERT_THAT(a.resumed, testing::UnorderedElementsAreArray(b.resumed));
  ASSERT_THAT(a.finished, testing::UnorderedElementsAreArray(b.finished));
}

// What happened in a comparison: the paths that it walked.
struct Walked {
  std::uint64_t preemptions = 0;
  std::int64_t cut = 0, ended = 0, resumed = 0;
};

// Feeds both the same arrivals, some in each step. An asynchronous engine plans one step ahead.
Walked compare(const SchedulerInput& input, const Workload& workload, std::uint64_t seed) {
  const auto scheduler = make_scheduler(input);
  PlainSpeculative plain(input);
  core::Random random(seed);
  Walked walked;
  Slot arrived = 0;
  Step now, next, plain_now, plain_next;
  bool running = false;
  for (int idle = 0; idle < 3;) {
    for (auto n = random.below(3); n > 0 && arrived < workload.requests.size(); --n, ++arrived) {
      Request request = workload.requests[arrived];
      request.id = arrived;
      EXPECT_EQ(scheduler->enqueue(arrived, request), plain.enqueue(arrived, request));
    }
    const bool planned = scheduler->plan(next);
    EXPECT_EQ(planned, plain.plan(plain_next));
    expect_same(next, plain_next);
    if (testing::Test::HasFailure()) return {};
    walked.cut += next.cut_rows, walked.ended += next.ended_rows;
    walked.resumed += static_cast<std::int64_t>(next.resumed.size());
    if (running) {
      scheduler->complete(now);
      plain.complete(plain_now);
    }
    running = planned;
    std::swap(now, next);
    std::swap(plain_now, plain_next);
    if (planned && !input.engine.async_scheduling) {
      scheduler->complete(now);
      plain.complete(plain_now);
      running = false;
    }
    EXPECT_EQ(scheduler->blocks_used(), plain.blocks_used());
    EXPECT_EQ(scheduler->preemptions(), plain.preemptions());
    idle = planned || arrived < workload.requests.size() ? 0 : idle + 1;
  }
  EXPECT_EQ(scheduler->blocks_used(), 0);
  walked.preemptions = scheduler->preemptions();
  return walked;
}

class SpeculativeProperty : public testing::TestWithParam<bool> {};

TEST_P(SpeculativeProperty, PlansTheStepsOfThePlainScheduler) {
  Walked all;
  const auto draft = std::make_shared<const model::Deployment>();
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE(seed);
    core::Random random(seed, 11);
    const auto block_size = static_cast<std::int32_t>(1 + random.below(8));
    const auto seats = static_cast<std::int32_t>(1 + random.below(9));
    const auto drafts = static_cast<std::int32_t>(1 + random.below(5));
    const auto room = static_cast<std::int32_t>(random.below(random.below(2) == 0 ? 6 : 40));
    Engine engine = drafting(small_engine(seats, 2 * seats + room, block_size, GetParam()), drafts, {random.uniform()});
    if (random.below(2) == 0) engine.speculation.method = "draft-model", engine.speculation.draft = draft;
    const std::int64_t usable = 4 + static_cast<std::int64_t>(random.below(60));
    const auto longest = random.below(3) == 0 ? static_cast<std::int32_t>(20 + random.below(40)) : 0;
    const auto workload = random_workload(seed, 60, 1 + random.below(40), 1);
    const Walked walked = compare({engine, with_null_block(usable), longest}, workload, seed);
    ASSERT_FALSE(HasFailure());
    all.preemptions += walked.preemptions;
    all.cut += walked.cut, all.ended += walked.ended, all.resumed += walked.resumed;
  }
  EXPECT_GT(all.preemptions, 1000u);  // the hard paths were walked
  EXPECT_GT(all.cut, 1000);
  EXPECT_GT(all.resumed, 200);
  EXPECT_EQ(all.ended > 1000, GetParam());
}

INSTANTIATE_TEST_SUITE_P(SynchronousAndAsynchronous, SpeculativeProperty, testing::Bool());

TEST(SpeculativeScheduler, GivesAllDraftsAndOneMoreWhereAllAreAccepted) {
  // Prompt 5, answer 8, 3 drafts a step: 1 with the prompt, then 4, then the 3 that are left of 4.
  Steps steps(drafting(small_engine(2, 20, 4), 3, {1}), 20, {request(5, 8)});
  ASSERT_TRUE(steps.enqueue(0));
  const Step& step = steps.next();
  EXPECT_THAT(step.prefilled, ElementsAre(0));
  EXPECT_EQ(steps.scheduler().blocks_used(), 2);
  steps.next();
  expect_decode(step, 1, 5);
  EXPECT_EQ(step.shape.tokens(), 4);
  EXPECT_EQ(step.shape.logits_rows(), 4);
  EXPECT_EQ(step.given(), 4);
  EXPECT_EQ(steps.scheduler().blocks_used(), 3);  // of 9 tokens
  steps.next();
  expect_decode(step, 1, 9);
  EXPECT_EQ(step.given(), 3);
  EXPECT_THAT(step.finished, ElementsAre(0));
  EXPECT_TRUE(steps.idle());
  EXPECT_EQ(steps.scheduler().blocks_used(), 0);
  const SpeculationCounts counts = steps.scheduler().speculation();
  EXPECT_EQ(counts.num_drafts, 2u);
  EXPECT_EQ(counts.num_draft_tokens, 6u);
  EXPECT_EQ(counts.num_accepted_tokens, 6u);  // as vLLM counts them, before the answer is cut
}

TEST(SpeculativeScheduler, GivesOneTokenWhereNoneIsAccepted) {
  Steps steps(drafting(small_engine(2, 20, 4), 3, {0}), 20, {request(5, 3)});
  ASSERT_TRUE(steps.enqueue(0));
  const Step& step = steps.next();
  steps.next();
  expect_decode(step, 1, 5);
  EXPECT_EQ(step.given(), 1);
  steps.next();
  expect_decode(step, 1, 6);
  EXPECT_THAT(step.finished, ElementsAre(0));
}

TEST(SpeculativeScheduler, HoldsBlocksForTheDraftModelToo) {
  Engine engine = drafting(small_engine(2, 20, 1), 3, {0});
  engine.speculation.method = "draft-model";
  engine.speculation.draft = std::make_shared<const model::Deployment>();
  Steps steps(engine, 20, {request(5, 3)});
  ASSERT_TRUE(steps.enqueue(0));
  steps.next();
  EXPECT_EQ(steps.scheduler().blocks_used(), 5);
  steps.next();
  EXPECT_EQ(steps.scheduler().blocks_used(), 5 + 4 + 3);  // context, latest token and drafts, the draft model's own
}

TEST(SpeculativeScheduler, CutsTheDraftsThatTheBudgetHasNoRoomFor) {
  // Two sequences of 4 tokens each in a budget of 6.
  Steps steps(drafting(small_engine(2, 6, 16), 3, {1}), 20, {request(3, 9), request(3, 9)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  EXPECT_THAT(step.prefilled, ElementsAre(0, 1));
  steps.next();
  expect_decode(step, 1, 3);
  ASSERT_EQ(step.shape.prefill.size(), 1u);
  expect_chunk(step, 0, 2, 3);
  EXPECT_TRUE(step.shape.prefill.front().drafts);
  EXPECT_EQ(step.shape.logits_rows(), 6);
  EXPECT_EQ(step.decoded(), 2);
  EXPECT_EQ(step.given(), 4 + 2);
}

TEST(SpeculativeScheduler, PassesOverWhomTheBudgetLeavesNothing) {
  Steps steps(drafting(small_engine(2, 4, 16), 3, {1}), 20, {request(2, 9), request(2, 9)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  EXPECT_THAT(step.prefilled, ElementsAre(0, 1));
  steps.next();
  expect_decode(step, 1, 2);
  EXPECT_THAT(step.interrupted, ElementsAre(1));
  steps.next();
  EXPECT_THAT(step.finished, ElementsAre(0));  // 1 + 4 + 4 tokens
  EXPECT_THAT(step.interrupted, IsEmpty());
  steps.next();
  expect_decode(step, 1, 2);
  EXPECT_THAT(step.resumed, ElementsAre(1));
}

TEST(SpeculativeScheduler, PreemptsTheLastAdmittedForTheDraftsOfTheFirst) {
  // 4 blocks of 4 tokens; both prompts take 2. Each wants 7 + 1 + 3 tokens in the next step: a third block.
  Steps steps(drafting(small_engine(2, 16, 4), 3, {0}), 4, {request(7, 6), request(7, 6)});
  ASSERT_TRUE(steps.enqueue(0));
  ASSERT_TRUE(steps.enqueue(1));
  const Step& step = steps.next();
  EXPECT_EQ(steps.scheduler().blocks_used(), 4);
  steps.next();
  expect_decode(step, 1, 7);
  EXPECT_THAT(step.interrupted, ElementsAre(1));
  EXPECT_EQ(steps.scheduler().preemptions(), 1u);
  EXPECT_EQ(steps.scheduler().blocks_used(), 3);
}

TEST(SpeculativeScheduler, RefusesWhatFindsNoRoomForItsDraftsEvenAlone) {
  // 4 blocks of 4 tokens. Of 15 tokens 14 are computed, the last two of them possibly with 2 drafts behind each.
  for (const bool asynchronous : {false, true}) {
    Steps steps(drafting(small_engine(1, 16, 4, asynchronous), 2, {0}), 4,
                {request(10, 3), request(10, 5), request(10, 6)});
    EXPECT_TRUE(steps.enqueue(0));
    EXPECT_EQ(steps.enqueue(1), !asynchronous);
    EXPECT_FALSE(steps.enqueue(2));
  }
}

TEST(SpeculativeScheduler, AnAsynchronousEngineComputesOnceMoreWhoMayHaveEnded) {
  // All 3 drafts are accepted, so the step after the prompt's ends the answer of 5; the engine knows only later.
  Steps steps(drafting(small_engine(2, 20, 1, true), 3, {1}), 40, {request(4, 5)});
  ASSERT_TRUE(steps.enqueue(0));
  const Step& step = steps.ahead();
  steps.ahead();
  expect_decode(step, 1, 4);
  EXPECT_THAT(step.finished, ElementsAre(0));
  EXPECT_EQ(step.given(), 4);
  steps.ahead();  // planned before the step above has run
  expect_decode(step, 1, 8);
  EXPECT_EQ(step.ended_rows, 1);
  EXPECT_EQ(step.given(), 0);
  EXPECT_THAT(step.finished, IsEmpty());
  EXPECT_EQ(steps.scheduler().blocks_used(), 0);
}

TEST(SpeculativeScheduler, AnAsynchronousEngineLetsGoWhoIsSureToEnd) {
  Steps steps(drafting(small_engine(2, 20, 1, true), 3, {0}), 40, {request(4, 2)});
  ASSERT_TRUE(steps.enqueue(0));
  const Step& step = steps.ahead();
  steps.ahead();
  EXPECT_THAT(step.finished, ElementsAre(0));
  EXPECT_TRUE(steps.idle());
}

}  // namespace
}  // namespace wordline::serve
