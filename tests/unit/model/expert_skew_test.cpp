// Experts that are not all alike: a step takes as long as its fullest rank.
#include <gmock/gmock.h>

#include <algorithm>

#include "fixture.h"
#include "wordline/core/error.h"
#include "wordline/model/ops.h"

namespace wordline::model {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// DeepSeek-V3 on eight data-parallel ranks, experts spread over all: 32 on each.
Deployment spread(double skew, bool eplb = false, int redundant = 0) {
  Deployment d = deployment("deepseek-v3", 1);
  d.weights = d.architecture.stated;
  d.dp = d.ep = 8;
  d.expert_skew = skew;
  d.eplb = eplb;
  d.redundant_experts = redundant;
  return d;
}

StepCost cost(const Deployment& d, const StepShape& shape) { return StepTimer(d, round_streams())(shape); }

const Op& named(const std::vector<Op>& list, const std::string& name) {
  return *std::find_if(list.begin(), list.end(), [&](const Op& op) { return op.name() == name; });
}

double bytes_of(const Deployment& d, const std::string& transfer) {
  const auto list = ops(d, {64, 64000, {}});
  return std::get<cluster::Transfer>(named(list, transfer).work).bytes.value();
}

TEST(ExpertSkew, NoneIsToTheLastBitWhatEvenOnesTake) {
  for (const StepShape& shape : {StepShape{1, 1000, {}}, StepShape{64, 64000, {}}, StepShape{8, 8000, {{2048, 0}}}}) {
    const StepCost even = cost(spread(0), shape), balanced = cost(spread(0, true), shape);
    EXPECT_EQ(even.time, balanced.time);
    EXPECT_EQ(even.joules, balanced.joules);
  }
  const auto experts = [](const Deployment& d) {
    const auto list = ops(d, {64, 64000, {}});
    return std::get<chip::Experts>(std::get<chip::Kernel>(named(list, "experts").work).work);
  };
  EXPECT_EQ(experts(spread(0, true)), experts(spread(0)));
  EXPECT_EQ(expert_imbalance(spread(0, true)), 1);
}

TEST(ExpertSkew, TimeNeverFallsWhereEveryExpertIsRead) {
  core::Seconds last;
  for (double skew = 0; skew <= 2; skew += 0.125) {
    const core::Seconds now = cost(spread(skew), {0, 0, {{16384, 0}}}).time;
    EXPECT_GE(now, last) << skew;
    last = now;
  }
}

// Of many tokens the products take the time, not the weights that are read once: most of the imbalance shows in the
// experts' kernels, never more than all of it, and nothing makes up for it elsewhere in the step.
TEST(ExpertSkew, ManyTokensWaitForTheFullestRanksProducts) {
  const StepShape many{0, 0, {{16384, 0}}};
  const auto of_experts = [&](const Deployment& d) {
    core::Seconds sum;
    for (const auto& line : StepTimer(d, round_streams()).breakdown(many))
      if (line.op.name() == "experts") sum += line.cost.time;
    return sum;
  };
  const Deployment even = spread(0), skewed = spread(2);
  const double ratio = of_experts(skewed) / of_experts(even), imbalance = expert_imbalance(skewed);
  EXPECT_GT(ratio, (1 + imbalance) / 2);
  EXPECT_LE(ratio, imbalance);
  EXPECT_GE(cost(skewed, many).time - cost(even, many).time, of_experts(skewed) - of_experts(even));
}

// Few tokens that choose the same experts read fewer weights: where all are on one rank, that is what skew does.
TEST(ExpertSkew, OnOneRankFewTokensReadFewerExpertsAndPlacementIsNothing) {
  Deployment d = deployment("gpt-oss-20b", 2);
  d.weights = d.architecture.stated;
  const StepShape few{8, 8000, {}};
  const core::Seconds even = cost(d, few).time;
  d.expert_skew = 1.5;
  EXPECT_LT(cost(d, few).time, even);
  EXPECT_EQ(expert_imbalance(d), 1);
}

TEST(ExpertSkew, AllToAllsAreAsLongAsTheFullestRanks) {
  const Deployment even = spread(0), skewed = spread(1);
  const auto placement = chip::placed(routing_of(skewed, *skewed.architecture.kinds.back().feed_forward.experts));
  EXPECT_GT(bytes_of(skewed, "moe_dispatch"), 1.1 * bytes_of(even, "moe_dispatch"));
  EXPECT_NEAR(bytes_of(skewed, "moe_combine"), 64 * 7168 * 2.0 * 8 * placement->reached, 1e-6);
  EXPECT_LT(bytes_of(spread(1, true, 32), "moe_combine"), bytes_of(skewed, "moe_combine"));
}

TEST(ExpertSkew, ReplicasTakeMemoryAndGiveTimeBack) {
  const auto weights = [](const Deployment& d) { return memory_of(d, 8192).weights.value(); };
  // 32 more on 8 ranks are 4 more on each, of 58 layers.
  const double expert = 3.0 * 2048 * 7168 * (1 + 4.0 / (128 * 128));
  EXPECT_NEAR(weights(spread(1, true, 32)) - weights(spread(1)), 58 * 4 * expert, 1e-3 * expert);
  const StepShape many{0, 0, {{16384, 0}}};
  const double even = cost(spread(0), many).time.value(), linear = cost(spread(1), many).time.value();
  const double balanced = cost(spread(1, true), many).time.value();
  EXPECT_LT(balanced, linear);
  EXPECT_LT(cost(spread(1, true, 32), many).time.value(), balanced);
  EXPECT_GE(cost(spread(1, true, 32), many).time.value(), 0.999 * even);
}

// The other ranks wait: they draw a running chip's power, not what the fullest does.
TEST(ExpertSkew, RanksThatWaitMoveNothing) {
  const Deployment d = spread(1);
  const StepShape many{0, 0, {{16384, 0}}};
  StepTimer timer(d, round_streams());
  for (const auto& line : timer.breakdown(many)) {
    if (line.op.name() != "experts") continue;
    const auto& kernel = std::get<chip::Kernel>(line.op.work);
    chip::Kernel mean = kernel;
    std::get<chip::Experts>(mean.work).mean_rank = true;
    const chip::KernelCost fullest = timer.kernels()(kernel), own = timer.kernels()(mean);
    EXPECT_LT(own.time, fullest.time);
    EXPECT_NEAR(chip::counts_of(mean).matrix.value() * expert_imbalance(d), chip::counts_of(kernel).matrix.value(),
                1e-9 * chip::counts_of(kernel).matrix.value());
    const double each = line.cost.joules.value() / (8 * line.op.count);
    EXPECT_NEAR(each, (own.joules + d.chip.awake() * (fullest.time - own.time)).value(), 1e-9 * each);
    EXPECT_LT(each, fullest.joules.value());
  }
}

TEST(ExpertSkew, SaysWhatCannotBePlaced) {
  const auto refuses = [](const Deployment& d, const char* why) {
    EXPECT_THAT([&] { check_split(d); }, ThrowsMessage<core::InputError>(HasSubstr(why)));
  };
  refuses(spread(-0.5), "an expert skew of -0.5: wanted 0 to 10");
  refuses(spread(11), "an expert skew of 11: wanted 0 to 10");
  refuses(spread(1, false, 8), "8 redundant experts without EPLB");
  refuses(spread(1, true, 7), "256 experts and 7 redundant ones for 8 ranks: wanted as many on each");
  refuses(spread(1, true, -8), "-8 redundant experts: wanted 0 to");
  Deployment one = spread(1, true);
  one.ep = 1;
  refuses(one, "EPLB with one rank of experts");
  Deployment dense = deployment("llama-3.1-8b", 1);
  dense.expert_skew = 1;
  refuses(dense, "the model has no experts");
}

}  // namespace
}  // namespace wordline::model
