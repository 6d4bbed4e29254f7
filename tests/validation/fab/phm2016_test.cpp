// Virtual metrology on the PHM 2016 challenge's CMP runs, by the causal protocol of the shared notes.
#include "phm2016.h"

#include <gtest/gtest.h>

#include <map>

#include <fmt/format.h>

#include "wordline/core/random.h"

namespace wordline::fab {
namespace {

struct Rate {
  std::int64_t sampling;
  double best_of_the_notes;  // mean square error of the best single expert there, and of the aggregate where that is
                             // better
};
constexpr Rate rates[] = {{1, 12.4}, {5, 21.6}, {25, 30.0}};

std::shared_ptr<const Bank> bank(const std::string& name) {
  static const auto catalog = core::Catalog::open();
  return std::make_shared<const Bank>(load_bank(catalog, name));
}

ReplaySettings protocol(std::int64_t sampling) {
  ReplaySettings settings;
  settings.warm_up_share = 0.2;
  settings.sampling = settings.delay = sampling;
  return settings;
}

class Phm2016 : public testing::Test {
 protected:
  void SetUp() override {
    if (!data()) GTEST_SKIP() << "the shared data are not there";
  }
  static const std::optional<WaferTable>& data() {
    static const auto table = phm2016();
    return table;
  }
  static const ReplayScore& score(const std::string& name, std::int64_t sampling) {
    static std::map<std::pair<std::string, std::int64_t>, ReplayScore> known;
    const auto key = std::pair(name, sampling);
    if (!known.contains(key)) known[key] = replay(*data(), bank(name), protocol(sampling));
    return known[key];
  }
  static double best_expert(const std::string& name, std::int64_t sampling) {
    const auto& s = score(name, sampling);
    double best = s.expert_mse(0);
    for (std::size_t i = 1; i < s.expert_wafers.size(); ++i) best = std::min(best, s.expert_mse(i));
    return best;
  }
};

// The moving average of labels of gain 0.2 is in the notes: the protocol is theirs.
TEST_F(Phm2016, TheProtocolIsThatOfTheNotes) {
  EXPECT_EQ(score("linear", 1).wafers, 2262);
  EXPECT_NEAR(score("linear", 1).expert_mse(0), 12.35, 0.05);
  EXPECT_NEAR(score("linear", 5).expert_mse(0), 23.2, 0.4);
  EXPECT_NEAR(score("linear", 25).expert_mse(0), 40.3, 2);
}

TEST_F(Phm2016, TheAggregateIsAsGoodAsTheBestExpert) {
  for (const auto* name : {"linear", "mixed"})
    for (const auto& rate : rates) {
      const double ratio = score(name, rate.sampling).mse() / best_expert(name, rate.sampling);
      fmt::print("{} 1/{}: {:.3f}, {:.4f} of the best expert, {:.1f} % covered\n", name, rate.sampling,
                 score(name, rate.sampling).mse(), ratio, 100 * score(name, rate.sampling).coverage());
      EXPECT_LE(ratio, 1.01) << name << " " << rate.sampling;
    }
}

TEST_F(Phm2016, BetterThanTheNotesByATenthAtTwoRatesOfThree) {
  for (const auto* name : {"linear", "mixed"}) {
    int better = 0;
    for (const auto& rate : rates) better += score(name, rate.sampling).mse() <= 0.9 * rate.best_of_the_notes;
    EXPECT_GE(better, 2) << name;
  }
}

TEST_F(Phm2016, IntervalsCoverNineOfTen) {
  for (const auto* name : {"linear", "mixed"})
    for (const auto& rate : rates)
      EXPECT_NEAR(score(name, rate.sampling).coverage(), 0.9, 0.02) << name << rate.sampling;
}

// All wafers from some point on in another order, with their labels: what was said before stays, bit for bit.
TEST_F(Phm2016, NothingSaidDependsOnTheFuture) {
  const auto said = [&](const WaferTable& table, std::size_t until) {
    std::vector<double> out;
    replay(table, bank("mixed"), protocol(5), [&](const Replayed& w) {
      if (w.row < until) out.insert(out.end(), {w.prediction.value, w.prediction.low, w.prediction.high});
    });
    return out;
  };
  auto shuffled = *data();
  const std::size_t from = 1500, n = shuffled.rows(), d = shuffled.feature_names.size();
  core::Random random(1);
  for (std::size_t i = n - 1; i > from; --i) {
    const std::size_t j = from + random.below(i - from + 1);
    if (shuffled.chambers[i] != shuffled.chambers[j]) continue;  // the warm-ups stay as long as they are
    std::swap(shuffled.labels[i], shuffled.labels[j]);
    std::swap_ranges(shuffled.features.begin() + static_cast<std::ptrdiff_t>(i * d),
                     shuffled.features.begin() + static_cast<std::ptrdiff_t>((i + 1) * d),
                     shuffled.features.begin() + static_cast<std::ptrdiff_t>(j * d));
  }
  const auto before = said(*data(), from);
  EXPECT_GT(before.size(), 2000u);
  EXPECT_EQ(before, said(shuffled, from));
  EXPECT_NE(said(*data(), n), said(shuffled, n));
}

}  // namespace
}  // namespace wordline::fab
