// Yield against area on real wafers: the 500 without a pattern of the shared maps (WM-811K).
#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "wordline/fab/cluster_fit.h"

namespace wordline::fab {
namespace {

class WaferMapsOfWm811k : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("WORDLINE_REFERENCE");
    const auto file =
        (folder ? std::filesystem::path(folder) : std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference") /
        "fab/wm811k_subset_2892.bin.gz";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
    for (auto& map : read_wafer_maps(file)) {
      ++all_;
      if (map.label == "none") plain_.push_back(std::move(map));
    }
  }
  static std::vector<WindowCounts> windows(const std::vector<WaferMap>& maps,
                                           const std::vector<int>& sides = {2, 3, 4}) {
    std::vector<WindowCounts> out;
    for (const int side : sides) out.push_back(count_windows(maps, side));
    return out;
  }
  int all_ = 0;
  std::vector<WaferMap> plain_;
};

TEST_F(WaferMapsOfWm811k, SharesOfFaultFreeWindowsAreThoseOfTheNotes) {
  EXPECT_EQ(all_, 2892);
  ASSERT_EQ(plain_.size(), 500u);
  const auto w = windows(plain_);
  EXPECT_NEAR(w[0].fault_free(), 0.786, 0.0005);
  EXPECT_NEAR(w[1].fault_free(), 0.615, 0.0005);
  EXPECT_NEAR(w[2].fault_free(), 0.446, 0.0005);
  // Each bad die as one fault, one alpha for each size of window.
  EXPECT_NEAR(w[0].clustering_by_moments(), 3.81, 0.01);
  EXPECT_NEAR(w[1].clustering_by_moments(), 2.89, 0.01);
  EXPECT_NEAR(w[2].clustering_by_moments(), 3.15, 0.01);
  for (const auto& counts : w) {
    const double nb = yield_model("negative-binomial").yield(counts.mean(), counts.clustering_by_moments());
    EXPECT_LE(std::abs(nb - counts.fault_free()), 0.01) << counts.side;
  }
  EXPECT_GT(std::abs(yield_model("poisson").yield(w[2].mean(), 0) - w[2].fault_free()), 0.03);
}

// One density and one alpha for all sizes.
TEST_F(WaferMapsOfWm811k, OneNegativeBinomialFitsAllSizesAndPoissonDoesNot) {
  const auto w = windows(plain_);
  for (const auto to : {FitTo::counts, FitTo::shares}) {
    const auto fit = fit_clustering("negative-binomial", w, to);
    EXPECT_LE(worst_miss(fit, w), 0.01);
    EXPECT_GT(fit.clustering, 1.5);
    EXPECT_LT(fit.clustering, 2.2);
    EXPECT_GT(worst_miss(fit_clustering("poisson", w, to), w), 0.03);
    for (const auto& other : {"poisson", "murphy", "seeds"})
      EXPECT_LT(fit_clustering(other, w, to).log_likelihood, fit.log_likelihood) << other;
  }
}

// Fitted on every other wafer, judged on the rest; and fitted on small windows, judged on larger ones.
TEST_F(WaferMapsOfWm811k, TheFitHoldsWhereItWasNotFitted) {
  std::vector<WaferMap> half[2];
  for (std::size_t i = 0; i < plain_.size(); ++i) half[i % 2].push_back(plain_[i]);
  for (const int fitted : {0, 1}) {
    const auto fit = fit_clustering("negative-binomial", windows(half[fitted]), FitTo::counts);
    const auto poisson = fit_clustering("poisson", windows(half[fitted]), FitTo::counts);
    const auto others = windows(half[1 - fitted]);
    EXPECT_LE(worst_miss(fit, others), 0.01);
    EXPECT_GT(worst_miss(poisson, others), 0.03);
  }
}

}  // namespace
}  // namespace wordline::fab
