// Policies, which touch no request while their batch stays the same, against plain ones: step by step alike.
#include <gmock/gmock.h>

#include <tuple>

#include "plain_scheduler.h"
#include "plain_sglang.h"
#include "plain_trtllm.h"
#include "servers.h"

namespace wordline::serve {
namespace {

using Chunks = std::vector<std::tuple<std::int64_t, std::int64_t>>;

Chunks chunks(const Step& step) {
  Chunks out;
  for (const auto& chunk : step.shape.prefill) out.emplace_back(chunk.new_tokens, chunk.context_tokens);
  return out;
}

// Compares what two schedulers planned; those named may be in another order where it does not matter.
void expect_same(Step a, Step b) {
  ASSERT_EQ(a.shape.decode_sequences, b.shape.decode_sequences);
  ASSERT_EQ(a.shape.decode_context_tokens, b.shape.decode_context_tokens);
  ASSERT_EQ(chunks(a), chunks(b));
  ASSERT_EQ(a.prefilled, b.prefilled);
  ASSERT_EQ(a.ended_rows, b.ended_rows);
  ASSERT_THAT(a.interrupted, testing::UnorderedElementsAreArray(b.interrupted));
  ASSERT_THAT(a.resumed, testing::UnorderedElementsAreArray(b.resumed));
  ASSERT_THAT(a.finished, testing::UnorderedElementsAreArray(b.finished));
}

// Feeds both the same arrivals, some in each step; returns the preemptions. An asynchronous engine plans one step
// ahead.
template <typename Plain>
std::uint64_t compare(const Engine& engine, std::int64_t kv_blocks, const Workload& workload, std::uint64_t seed) {
  const SchedulerInput input{engine, kv_blocks, 0};
  const auto fast = make_scheduler(input);
  Plain plain(input);
  core::Random random(seed);
  Slot arrived = 0;
  Step fast_now, fast_next, plain_now, plain_next;
  bool running = false;
  for (int idle = 0; idle < 3;) {
    for (auto n = random.below(3); n > 0 && arrived < workload.requests.size(); --n, ++arrived)
      EXPECT_EQ(fast->enqueue(arrived, workload.requests[arrived]), plain.enqueue(arrived, workload.requests[arrived]));
    const bool planned = fast->plan(fast_next);
    EXPECT_EQ(planned, plain.plan(plain_next));
    expect_same(fast_next, plain_next);
    if (testing::Test::HasFatalFailure()) return 0;
    if (running) {
      fast->complete(fast_now);
      plain.complete(plain_now);
    }
    running = planned;
    std::swap(fast_now, fast_next);
    std::swap(plain_now, plain_next);
    if (planned && !engine.async_scheduling) {
      fast->complete(fast_now);
      plain.complete(plain_now);
      running = false;
    }
    EXPECT_EQ(fast->blocks_used(), plain.blocks_used());
    EXPECT_EQ(fast->preemptions(), plain.preemptions());
    idle = planned || arrived < workload.requests.size() ? 0 : idle + 1;
  }
  EXPECT_EQ(fast->blocks_used(), 0);
  return fast->preemptions();
}

class VllmV1Property : public testing::TestWithParam<bool> {};

TEST_P(VllmV1Property, PlansTheStepsOfThePlainScheduler) {
  std::uint64_t preemptions = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    core::Random random(seed, 7);
    const auto block_size = static_cast<std::int32_t>(1 + random.below(8));
    const auto seats = static_cast<std::int32_t>(1 + random.below(9));
    const auto budget = seats + static_cast<std::int32_t>(random.below(30));
    const std::int64_t usable = 4 + static_cast<std::int64_t>(random.below(40));
    const auto workload = random_workload(seed, 60, 1 + random.below(40), 1);
    const Engine engine = small_engine(seats, budget, block_size, GetParam());
    preemptions += compare<PlainScheduler>(engine, with_null_block(usable), workload, seed);
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(preemptions, 1000u);  // the hard path was walked
}

INSTANTIATE_TEST_SUITE_P(SynchronousAndAsynchronous, VllmV1Property, testing::Bool());

class TrtLlmProperty : public testing::TestWithParam<bool> {};

TEST_P(TrtLlmProperty, PlansTheStepsOfThePlainScheduler) {
  std::uint64_t pauses = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    core::Random random(seed, 8);
    const auto block_size = static_cast<std::int32_t>(1 + random.below(8));
    const auto seats = static_cast<std::int32_t>(1 + random.below(9));
    Engine engine = small_engine(seats, seats + static_cast<std::int32_t>(random.below(60)), block_size, GetParam());
    vary(engine, random);
    engine.policy = "trtllm";
    const std::int64_t blocks = 4 + static_cast<std::int64_t>(random.below(40));
    const auto workload = random_workload(seed, 60, 1 + random.below(40), 1);
    const auto paused = compare<PlainTrtLlm>(engine, blocks, workload, seed);
    ASSERT_FALSE(HasFailure());
    if (engine.capacity_scheduler_policy == "GUARANTEED_NO_EVICT") {
      EXPECT_EQ(paused, 0u);
    }
    pauses += paused;
  }
  EXPECT_GT(pauses, 500u);  // the hard path was walked
}

INSTANTIATE_TEST_SUITE_P(SynchronousAndAsynchronous, TrtLlmProperty, testing::Bool());

class SglangProperty : public testing::TestWithParam<bool> {};

TEST_P(SglangProperty, PlansTheStepsOfThePlainScheduler) {
  std::uint64_t retractions = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE(seed);
    core::Random random(seed, 10);
    const auto seats = static_cast<std::int32_t>(1 + random.below(9));
    Engine engine = small_engine(seats, seats + static_cast<std::int32_t>(random.below(60)), 1, GetParam());
    vary(engine, random);
    engine.policy = "sglang";
    const std::int64_t tokens = 20 + static_cast<std::int64_t>(random.below(150));
    const auto workload = random_workload(seed, 60, 1 + random.below(40), 1);
    retractions += compare<PlainSglang>(engine, tokens, workload, seed);
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(retractions, 150u);  // the hard path was walked
}

INSTANTIATE_TEST_SUITE_P(SynchronousAndAsynchronous, SglangProperty, testing::Bool());

}  // namespace
}  // namespace wordline::serve
