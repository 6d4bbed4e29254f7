// Spares and grades.
#include "wordline/fab/repair.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "wordline/core/error.h"

namespace wordline::fab {
namespace {

Defects faults(const std::string& model, double per_cm2, double clustering = 2) {
  Defects d;
  d.model = model;
  d.density = core::per_square_centimetre(per_cm2);
  d.clustering = clustering;
  return d;
}

TEST(Repair, SparesAreBinomial) {
  EXPECT_DOUBLE_EQ(at_least(1, 2, 0.9), 0.99);
  EXPECT_NEAR(at_least(2, 3, 0.9), 0.972, 1e-15);
  EXPECT_NEAR(at_least(8, 8, 0.99), std::pow(0.99, 8), 1e-15);
  EXPECT_EQ(at_least(0, 5, 0.1), 1);
  EXPECT_EQ(at_least(6, 5, 1), 0);
  EXPECT_EQ(at_least(5, 5, 1), 1);
  EXPECT_EQ(at_least(1, 5, 0), 0);
  // 1,024 TSVs that fail once in 1,000: half of all dies lose one or more; 8 spares leave one die in a million.
  EXPECT_NEAR(at_least(1024, 1024, 0.999), 0.3590, 1e-4);
  EXPECT_GT(at_least(1024, 1032, 0.999), 0.999998);
  for (int spares = 0; spares < 10; ++spares)
    EXPECT_LE(at_least(64, 64 + spares, 0.97), at_least(64, 65 + spares, 0.97));
  EXPECT_THROW(at_least(1, 2, 1.5), core::InputError);
  EXPECT_THROW(at_least(-1, 2, 0.5), core::InputError);
}

TEST(Repair, WithoutFaultsThatClusterPartsAreBinomial) {
  const PartedDie die{core::square_millimetres(200), core::square_millimetres(4), 144};
  const auto chance = parts_that_work(faults("poisson", 0.1), die);
  ASSERT_EQ(chance.size(), 145u);
  const double shared = std::exp(-0.2), part = std::exp(-0.004);
  EXPECT_NEAR(std::accumulate(chance.begin(), chance.end(), 0.0), shared, 1e-12);
  EXPECT_NEAR(std::accumulate(chance.begin() + 132, chance.end(), 0.0), shared * at_least(132, 144, part), 1e-12);
}

// All parts good is the yield of the whole area, in every model; all that can happen sums to the yield of what is
// shared.
TEST(Repair, AllPartsGoodIsTheYieldOfTheWhole) {
  for (const auto& model : yield_models())
    for (const double alpha : {0.3, 1.0, 3.0, 50.0}) {
      const auto d = faults(model, 0.3, alpha);
      const PartedDie die{core::square_millimetres(100), core::square_millimetres(10), 40};
      const auto chance = parts_that_work(d, die);
      EXPECT_NEAR(chance[40], yield_of(d, core::square_millimetres(500)), 1e-8) << model;
      EXPECT_NEAR(std::accumulate(chance.begin(), chance.end(), 0.0), yield_of(d, core::square_millimetres(100)), 1e-8);
      for (const double c : chance) EXPECT_GE(c, 0);
    }
}

// Of two parts with a mean of one fault each under Seeds: both good 1/3; one good 2 (1/2 - 1/3); by hand.
TEST(Repair, TwoPartsByHand) {
  const auto chance = parts_that_work(faults("seeds", 1), {core::SquareMetres(0), core::square_millimetres(100), 2});
  EXPECT_NEAR(chance[2], 1.0 / 3, 1e-9);
  EXPECT_NEAR(chance[1], 1.0 / 3, 1e-9);
  EXPECT_NEAR(chance[0], 1.0 / 3, 1e-9);
}

TEST(Repair, GradesShareOutTheDies) {
  const PartedDie die{core::square_millimetres(250), core::square_millimetres(3.9), 144};
  const auto d = faults("negative-binomial", 0.11, 10);
  const auto shares = graded(d, die, {{"full", 144}, {"132", 132}, {"114", 114}});
  ASSERT_EQ(shares.size(), 3u);
  EXPECT_NEAR(shares[0], yield_of(d, core::square_millimetres(250 + 144 * 3.9)), 1e-9);
  EXPECT_GT(shares[1], shares[0] / 2);
  EXPECT_NEAR(shares[0] + shares[1] + shares[2], yield_of(d, core::square_millimetres(250)), 1e-3);
  // A grade that takes everything takes what is left.
  const auto all = graded(d, die, {{"full", 144}, {"any", 0}});
  EXPECT_NEAR(all[0] + all[1], yield_of(d, core::square_millimetres(250)), 1e-9);
}

TEST(Repair, NamesWhatIsWrong) {
  const PartedDie die{core::square_millimetres(1), core::square_millimetres(1), 4};
  const auto d = faults("poisson", 1);
  EXPECT_THROW(graded(d, die, {{"a", 5}}), core::InputError);
  EXPECT_THROW(graded(d, die, {{"a", 3}, {"b", 3}}), core::InputError);
  EXPECT_THROW(parts_that_work(d, {core::SquareMetres(-1), core::SquareMetres(1), 4}), core::InputError);
  EXPECT_THROW(parts_that_work(d, {core::SquareMetres(0), core::SquareMetres(1), 0}), core::InputError);
  auto layered = d;
  layered.layers = 2;
  EXPECT_THROW(parts_that_work(layered, die), core::InputError);
}

}  // namespace
}  // namespace wordline::fab
