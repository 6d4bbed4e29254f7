// Steps: the timer against the ops, and what must hold for any shape.
#include "wordline/model/step_timer.h"

#include <random>

#include "fixture.h"
#include "wordline/model/parts.h"

namespace wordline::model {
namespace {

using chip::Bound;
using chip::Dtype;

double flops(const std::vector<Op>& list) {
  double sum = 0;
  for (const auto& op : list)
    if (const auto* k = std::get_if<chip::Kernel>(&op.work)) sum += chip::counts_of(*k).matrix.value() * op.count;
  return sum;
}

// A mixed step with seeds for its numbers.
StepShape random_shape(std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(n)); };
  StepShape out;
  out.decode_sequences = below(200);
  out.decode_context_tokens = out.decode_sequences * below(8000);
  for (auto i = below(3); i > 0; --i) out.prefill.push_back({1 + below(3000), below(5000)});
  return out;
}

// The same with drafts to verify, some of the sequences with fewer.
StepShape verifying(StepShape shape, std::mt19937& random) {
  const auto drafts = static_cast<std::int64_t>(1 + random() % 7);
  shape.decode_queries = 1 + drafts;
  shape.decode_rows = random() % 2 == 0 ? 1 : shape.decode_queries;
  if (random() % 2 == 0) shape.prefill.push_back({drafts, static_cast<std::int64_t>(random() % 5000), true});
  return shape;
}

TEST(StepTimer, EqualsTheSumOverOpsBitForBit) {
  std::mt19937 random(7);
  std::vector<Deployment> deployments;
  for (const int tp : {1, 4, 16}) deployments.push_back(deployment("llama-3.1-70b", tp, Dtype::fp8));
  for (const char* name : {"gpt-oss-20b", "deepseek-v3", "ax-k1"}) {
    deployments.push_back(deployment(name, 2));
    auto& d = deployments.back();
    d.weights = d.architecture.stated;
    d.dp = 2, d.pp = 2, d.ep = 4;
  }
  for (const auto& d : deployments) {
    StepTimer timer(d, round_streams());
    for (int i = 0; i < 100; ++i) {
      StepShape shape = random_shape(random);
      if (i % 5 == 0) shape.decode_sequences %= 5, shape.decode_context_tokens = 1000, shape.prefill.clear();
      if (i % 2 == 0) shape = verifying(shape, random);
      StepCost sum;
      for (const auto& line : timer.breakdown(shape)) sum += line.cost;
      const StepCost got = timer(shape), again = timer(shape);
      EXPECT_EQ(got.time, sum.time);
      EXPECT_EQ(got.joules, sum.joules);
      EXPECT_EQ(got.by_bound, sum.by_bound);
      EXPECT_EQ(got.time, again.time);
      core::Seconds parts;
      for (const auto part : got.by_bound) parts += part;
      EXPECT_EQ(parts, got.time);
    }
  }
}

TEST(StepShape, CountsTokensSequencesAndRows) {
  const StepShape shape{3, 300, {{100, 0}, {2, 50, true}}, 0, 4, 4};
  EXPECT_EQ(shape.tokens(), 3 * 4 + 100 + 2);
  EXPECT_EQ(shape.prompt_tokens(), 100);
  EXPECT_EQ(shape.sequences(), 5);
  EXPECT_EQ(shape.logits_rows(), 3 * 4 + 1 + 2);
}

// All but attention is that of as many tokens; attention reads keys and values once for all queries of a sequence.
TEST(StepTimer, VerifyingDraftsCostsMoreThanAStepAndLessThanTwo) {
  // The second chip's library has a kernel for one query a sequence, too: its heads would read keys for each query.
  for (const char* chip : {"", "h200-sxm"}) {
    Deployment d = deployment("llama-3.1-70b", 4);
    if (*chip) d.chip = chip::load(core::Catalog::open(), chip);
    StepTimer timer(d, round_streams());
    const auto one = timer({16, 16 * 4000, {}}).time, five = timer({16, 16 * 4000, {}, 0, 5, 5}).time;
    EXPECT_GT(five, one) << chip;
    EXPECT_LT(five.value(), 1.5 * one.value()) << chip;
  }
}

TEST(StepTimer, CountsBeyondWhatIsRememberedAreComputed) {
  StepTimer timer(deployment("llama-3.1-8b", 1), round_streams());
  const StepShape shape{0, 0, {{100000, 0}}};
  StepCost sum;
  for (const auto& line : timer.breakdown(shape)) sum += line.cost;
  EXPECT_EQ(timer(shape).time, sum.time);
}

TEST(StepTimer, SmallBatchesAreBoundByDramAndLongPromptsByTheTensorCores) {
  StepTimer timer(deployment("llama-3.1-70b", 4), round_streams());
  EXPECT_EQ(timer({8, 8 * 1000, {}}).bound(), Bound::dram);
  EXPECT_EQ(timer({0, 0, {{8192, 0}}}).bound(), Bound::tensor);
}

TEST(StepTimer, TimeNeverFallsAsAnythingGrows) {
  std::mt19937 random(11);
  StepTimer timer(deployment("llama-3.1-8b", 2), round_streams());
  for (int i = 0; i < 500; ++i) {
    const StepShape shape = random_shape(random);
    const auto time = timer(shape).time;
    StepShape more = shape;
    ++more.decode_sequences;
    EXPECT_GE(timer(more).time, time);
    more = shape;
    if (shape.decode_sequences > 0) more.decode_context_tokens += 100;
    for (auto& chunk : more.prefill) ++chunk.context_tokens;
    EXPECT_GE(timer(more).time, time);
    more = shape;
    for (auto& chunk : more.prefill) ++chunk.new_tokens;
    EXPECT_GE(timer(more).time, time);
  }
}

TEST(StepTimer, NeverBeatsThePeaksAndMoreBandwidthNeverHurts) {
  std::mt19937 random(13);
  const auto d = deployment("llama-3.1-8b", 2);
  StepTimer slow(d, round_streams()), fast(d, round_streams(1.5));
  for (int i = 0; i < 300; ++i) {
    const StepShape shape = random_shape(random);
    if (shape.tokens() == 0) continue;
    const auto time = slow(shape).time;
    EXPECT_LE(fast(shape).time, time);
    const auto list = ops(d, shape);
    EXPECT_GE(time.value(), flops(list) / 1000e12);
    double read = 0;
    for (const auto& op : list)
      if (const auto* k = std::get_if<chip::Kernel>(&op.work)) read += chip::counts_of(*k).bytes().value() * op.count;
    EXPECT_GE(time.value(), read / 3e12);
  }
}

TEST(StepTimer, CopiesAgree) {
  StepTimer timer(deployment("llama-3.1-8b", 1), round_streams());
  const auto before = timer({3, 300, {}});
  StepTimer copy = timer;
  EXPECT_EQ(copy({3, 300, {}}).time, before.time);
}

TEST(StepTimer, StepsOfAFewAreWhatTheyWereWhenTheyComeAgain) {
  for (const char* name : {"llama-3.1-8b", "gpt-oss-20b", "deepseek-v3"}) {
    const auto d = deployment(name, 2);
    StepTimer timer(d, round_streams());
    for (int round = 0; round < 2; ++round)
      for (const std::int64_t sequences : {1, 2, 3, 8})
        for (std::int64_t context = 0; context < 4000; context += 501) {
          const StepShape shape{sequences, sequences * context, {}}, chunk{0, 0, {{1 + context, 7 * context}}};
          EXPECT_EQ(timer(shape).time, StepTimer(d, round_streams())(shape).time) << name << ", " << context;
          EXPECT_EQ(timer(chunk).joules, StepTimer(d, round_streams())(chunk).joules) << name << ", " << context;
        }
  }
}

}  // namespace
}  // namespace wordline::model
