// What every expert owes the aggregate, over all that are registered; and every aggregation, over all of these.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "wordline/core/document.h"
#include "wordline/core/random.h"
#include "wordline/fab/metrology/aggregation.h"
#include "wordline/fab/metrology/expert.h"

namespace wordline::fab {
namespace {

// Settings that have every key any policy wants.
core::Value settings(const std::string& policy) {
  return core::parse_toml(
      "policy = \"" + policy +
          "\"\ngain = 0.2\nbias_gain = 0.2\nforgetting = 0.99\nwindow = 40\nneighbours = 5\nage = 0.1\n"
          "rounds = 20\nshrinkage = 0.1\ndiscount = 0.99\nrate = 0.1\n",
      "settings");
}

constexpr std::size_t features = 6;

// A process that drifts and depends on two of its features.
struct Process {
  core::Random random{11};
  double level = 50;
  std::vector<double> x = std::vector<double>(features);
  double next() {
    level += 0.1 * random.normal();
    for (double& value : x) value = random.normal();
    return level + 2 * x[0] - x[3] + 0.3 * random.normal();
  }
};

Labelled warm_up(Process& process, std::size_t rows) {
  Labelled out{features, {}, {}};
  for (std::size_t i = 0; i < rows; ++i) {
    const double y = process.next();
    out.add(process.x.data(), y);
  }
  return out;
}

class EachExpert : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Expert> make() const {
    const auto value = settings(GetParam());
    return make_expert(core::Reader(value));
  }
};

TEST_P(EachExpert, PredictsBetterThanTheMeanOfTheWarmUp) {
  Process process;
  const auto rows = warm_up(process, 60);
  double mean = 0;
  for (const double y : rows.y) mean += y / 60;
  const auto expert = make();
  expert->start(rows);
  double errors = 0, errors_of_mean = 0;
  for (std::int64_t wafer = 0; wafer < 600; ++wafer) {
    const double y = process.next();
    const auto said = expert->predict(process.x.data(), wafer);
    ASSERT_TRUE(said && std::isfinite(*said));
    errors += (*said - y) * (*said - y);
    errors_of_mean += (mean - y) * (mean - y);
    expert->learn(process.x.data(), y, wafer);
  }
  EXPECT_LT(errors, errors_of_mean);
}

TEST_P(EachExpert, GoesOnFromASavedStateBitForBit) {
  Process process;
  const auto one = make(), other = make();
  one->start(warm_up(process, 50));
  std::int64_t wafer = 0;
  for (; wafer < 130; ++wafer) {
    const double y = process.next();
    one->learn(process.x.data(), y, wafer);
  }
  StateWriter out;
  one->save(out);
  StateReader in(out.bytes(), "state");
  other->restore(in, features);
  in.finish();
  for (; wafer < 260; ++wafer) {
    const double y = process.next();
    ASSERT_EQ(one->predict(process.x.data(), wafer), other->predict(process.x.data(), wafer)) << wafer;
    one->learn(process.x.data(), y, wafer);
    other->learn(process.x.data(), y, wafer);
  }
  StateWriter after_one, after_other;
  one->save(after_one);
  other->save(after_other);
  EXPECT_EQ(after_one.bytes(), after_other.bytes());
}

TEST_P(EachExpert, RefusesAStateOfOtherFeaturesOrCutShort) {
  Process process;
  const auto one = make();
  one->start(warm_up(process, 50));
  StateWriter out;
  one->save(out);
  if (GetParam() != "ewma") {  // which has no features
    StateReader in(out.bytes(), "state");
    EXPECT_THROW(make()->restore(in, features + 1), core::InputError);
  }
  for (std::size_t size = 0; size < out.bytes().size(); size += 7) {
    StateReader cut(std::string_view(out.bytes()).substr(0, size), "state");
    EXPECT_THROW(make()->restore(cut, features), core::InputError) << size;
  }
}

TEST_P(EachExpert, KeepsItsMemory) {
  Process process;
  const auto expert = make();
  expert->start(warm_up(process, 60));
  const auto size = [&] {
    StateWriter out;
    expert->save(out);
    return out.bytes().size();
  };
  const auto learn = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t wafer = from; wafer < to; ++wafer) {
      const double y = process.next();
      expert->learn(process.x.data(), y, wafer);
    }
  };
  learn(0, 100);
  const auto before = size();
  learn(100, 1000);
  EXPECT_EQ(size(), before);
}

TEST_P(EachExpert, BearsAWarmUpThatSaysNothing) {
  Labelled still{features, {}, {}};
  const std::vector<double> zeros(features, 0.0);
  for (int i = 0; i < 12; ++i) still.add(zeros.data(), 7);
  const auto expert = make();
  expert->start(still);
  const auto said = expert->predict(zeros.data(), 0);
  if (said) {
    EXPECT_NEAR(*said, 7, 1e-6);
  }
  Labelled without{0, {}, {5, 6, 7, 8}};
  const auto blind = make();
  blind->start(without);
  blind->learn(nullptr, 6, 0);
  EXPECT_NO_THROW(blind->predict(nullptr, 1));
}

INSTANTIATE_TEST_SUITE_P(Policies, EachExpert, testing::ValuesIn(expert_policies()), [](const auto& each) {
  std::string name = each.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

class EachAggregation : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Aggregation> make(std::size_t experts) const {
    const auto value = settings(GetParam());
    auto made = make_aggregation(core::Reader(value));
    made->start(experts);
    return made;
  }
};

double sum(const std::vector<double>& weights) {
  double total = 0;
  for (const double w : weights) {
    EXPECT_GE(w, 0);
    total += w;
  }
  return total;
}

TEST_P(EachAggregation, ComesToTheBestExpertAndBackAgain) {
  core::Random random(3);
  const auto aggregation = make(4);
  const auto play = [&](std::size_t best, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      const double truth = random.normal();
      Advice advice{{0, 0, 0, 0}, 0};
      for (std::size_t e = 0; e < 4; ++e) advice.opinions[e] = truth + (e == best ? 0.1 : 2.0) * random.normal();
      advice.aggregate = aggregate_of(advice.opinions, aggregation->weights());
      aggregation->learn(advice, truth);
      ASSERT_NEAR(sum(aggregation->weights()), 1, 1e-12);
    }
    EXPECT_GT(aggregation->weights()[best], 0.8) << best;
  };
  play(2, 300);
  play(0, 1500);  // it is another from here on: discounts let the weights follow
}

TEST_P(EachAggregation, AsksOnlyThoseAwake) {
  constexpr double asleep = std::numeric_limits<double>::quiet_NaN();
  const auto aggregation = make(3);
  Advice advice{{1, asleep, 3}, 2};
  aggregation->learn(advice, 1);
  EXPECT_NEAR(sum(aggregation->weights()), 1, 1e-12);
  EXPECT_GT(aggregation->weights()[0], aggregation->weights()[2]);
  EXPECT_GT(aggregation->weights()[0], aggregation->weights()[1]);
  EXPECT_GT(aggregation->weights()[1], aggregation->weights()[2]);  // asleep: neither praised nor blamed
}

TEST_P(EachAggregation, DoesNotDependOnTheUnit) {
  const auto one = make(3), other = make(3);
  core::Random random(5);
  for (int i = 0; i < 200; ++i) {
    const double truth = random.normal();
    Advice small{{truth + 0.5, truth + random.normal(), truth - 1}, 0}, large;
    small.aggregate = aggregate_of(small.opinions, one->weights());
    for (const double x : small.opinions) large.opinions.push_back(1024 * x);
    large.aggregate = aggregate_of(large.opinions, other->weights());
    one->learn(small, truth);
    other->learn(large, 1024 * truth);
  }
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(one->weights()[i], other->weights()[i], 1e-9);
}

TEST_P(EachAggregation, GoesOnFromASavedStateBitForBit) {
  const auto one = make(3), other = make(3);
  core::Random random(6);
  const auto play = [&](Aggregation& a, double truth, double x) {
    Advice advice{{truth + 0.5, x, truth - 1}, 0};
    advice.aggregate = aggregate_of(advice.opinions, a.weights());
    a.learn(advice, truth);
  };
  for (int i = 0; i < 20; ++i) play(*one, random.normal(), random.normal());
  StateWriter out;
  one->save(out);
  StateReader in(out.bytes(), "state");
  other->restore(in);
  for (int i = 0; i < 20; ++i) {
    const double truth = random.normal(), x = random.normal();
    play(*one, truth, x);
    play(*other, truth, x);
    ASSERT_EQ(one->weights(), other->weights());
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, EachAggregation, testing::ValuesIn(aggregation_policies()), [](const auto& each) {
  std::string name = each.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace wordline::fab
