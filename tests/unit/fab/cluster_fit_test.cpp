// Windows of dies and what is fitted to them: cases by hand, and wafers drawn from a law that the fit must find.
#include "wordline/fab/cluster_fit.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "wordline/core/error.h"
#include "wordline/core/random.h"

namespace wordline::fab {
namespace {

WaferMap map_of(const std::vector<std::string>& rows) {
  WaferMap map;
  map.width = static_cast<int>(rows[0].size());
  map.height = static_cast<int>(rows.size());
  for (const auto& row : rows)
    for (const char c : row)
      map.dies.push_back(c == '.' ? DieResult::none : c == 'x' ? DieResult::bad : DieResult::good);
  return map;
}

TEST(Windows, LieSideBySideAndMustBeFull) {
  const auto map = map_of({"oooxo", "ooxxo", ".ooox", "oooox"});
  const auto two = count_windows({map}, 2);
  EXPECT_THAT(two.windows,
              testing::ElementsAre(2, 0, 0, 1, 0));  // (0,0) free, (2,0) three bad, (0,2) not full, (2,2) free
  EXPECT_DOUBLE_EQ(two.fault_free(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(two.mean(), 1);
  EXPECT_DOUBLE_EQ(two.variance(), 2);
  EXPECT_DOUBLE_EQ(two.clustering_by_moments(), 1);
  EXPECT_EQ(count_windows({map}, 1).total(), 19);
  EXPECT_EQ(count_windows({map}, 5).total(), 0);
  EXPECT_THROW(count_windows({map}, 0), core::InputError);
}

TEST(BadDies, HaveTheChancesOfTheAlternatingSum) {
  for (const auto& name : yield_models())
    for (const double alpha : {0.3, 1.0, 2.0, 20.0}) {
      const auto model = yield_model(name);
      const auto chance = bad_dies(model.law(alpha), 0.4, 4);
      EXPECT_NEAR(std::accumulate(chance.begin(), chance.end(), 0.0), 1, 1e-9);
      const auto good = [&](int dies) { return model.yield(0.4 * dies, alpha); };
      EXPECT_NEAR(chance[0], good(4), 1e-9);
      EXPECT_NEAR(chance[1], 4 * (good(3) - good(4)), 1e-9);
      EXPECT_NEAR(chance[2], 6 * (good(2) - 2 * good(3) + good(4)), 1e-9);
    }
}

// Windows whose dies share a density drawn from a gamma law.
WindowCounts drawn(core::Random& random, int side, double faults, double alpha, int count) {
  WindowCounts out{side, std::vector<std::int64_t>(static_cast<std::size_t>(side * side) + 1)};
  for (int i = 0; i < count; ++i) {
    const double density = std::isinf(alpha) ? faults : faults * random.gamma(alpha, 1 / alpha);
    std::size_t bad = 0;
    for (int die = 0; die < side * side; ++die) bad += random.uniform() >= std::exp(-density);
    ++out.windows[bad];
  }
  return out;
}

TEST(ClusterFit, FindsTheLawThatWindowsWereDrawnFrom) {
  core::Random random(5);
  for (const double alpha : {0.5, 2.0, 6.0}) {
    std::vector<WindowCounts> windows;
    for (const int side : {2, 3, 4}) windows.push_back(drawn(random, side, 0.1, alpha, 100000));
    for (const auto to : {FitTo::counts, FitTo::shares}) {
      const auto fit = fit_clustering("negative-binomial", windows, to);
      EXPECT_NEAR(fit.faults / 0.1, 1, 0.02) << alpha;
      EXPECT_NEAR(fit.clustering / alpha, 1, to == FitTo::counts ? 0.06 : 0.12) << alpha;
      EXPECT_LT(worst_miss(fit, windows), 0.004);
      for (const auto& other : {"poisson", "murphy", "seeds"})
        EXPECT_LT(fit_clustering(other, windows, to).log_likelihood, fit.log_likelihood) << other;
    }
  }
}

TEST(ClusterFit, WithoutClusteringItIsPoisson) {
  core::Random random(6);
  std::vector<WindowCounts> windows{drawn(random, 2, 0.2, INFINITY, 200000), drawn(random, 4, 0.2, INFINITY, 200000)};
  const auto fit = fit_clustering("negative-binomial", windows, FitTo::counts);
  EXPECT_GT(fit.clustering, 50);
  EXPECT_NEAR(fit.fault_free(4), std::exp(-3.2), 0.002);
}

TEST(ClusterFit, RefusesWhatHasNothingToFit) {
  const WindowCounts none{2, {0, 0, 0, 0, 0}}, good{2, {9, 0, 0, 0, 0}}, bad{2, {0, 0, 0, 0, 9}},
      mixed{2, {0, 3, 0, 0, 9}};
  for (const auto& windows : {none, good, bad})
    for (const auto to : {FitTo::counts, FitTo::shares})
      EXPECT_THROW(fit_clustering("poisson", {windows}, to), core::InputError);
  EXPECT_THROW(fit_clustering("poisson", {mixed}, FitTo::shares), core::InputError);
  EXPECT_NO_THROW(fit_clustering("poisson", {mixed}, FitTo::counts));
  EXPECT_THROW(fit_clustering("poison", {mixed}, FitTo::counts), core::InputError);
}

}  // namespace
}  // namespace wordline::fab
