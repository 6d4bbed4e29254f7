// A package's closed form: by hand, and against packages put together one by one.
#include "wordline/fab/package.h"

#include <gtest/gtest.h>

#include <cmath>

#include "wordline/core/error.h"
#include "wordline/core/random.h"

namespace wordline::fab {
namespace {

PackageDesign design() {
  PackageDesign d;
  d.chips.push_back(tested_chips("gpu", 1, {0.5, core::Usd(300)}, {0.9, core::Usd(15)}, Group::logic));
  d.chips.push_back({"hbm", 6, core::Usd(250), core::Usd(250), 0.99, Group::memory});
  d.chips.push_back(tested_chips("interposer", 1, {0.6, core::Usd(90)}, {0.95, core::Usd(5)}, Group::packaging));
  d.placings = 7;
  d.align_yield = 0.999;
  d.bond_yield = 0.99;
  d.assembly_cost = core::Usd(350);
  d.module_test = {0.8, core::Usd(15)};
  d.substrate_cost = core::Usd(100);
  d.substrate_yield = 0.98;
  d.finish_cost = core::Usd(250);
  d.final = {0.95, core::Usd(150)};
  return d;
}

TEST(Package, ByHand) {
  const PackageResult r = package_of(design());
  const double gpu = 0.5 / 0.55, interposer = 0.6 / 0.62, joint = std::pow(0.999 * 0.99, 7);
  EXPECT_NEAR(r.placed_yield, joint, 1e-12);
  EXPECT_NEAR(r.good, gpu * std::pow(0.99, 6) * interposer * joint * 0.98, 1e-12);
  EXPECT_NEAR(r.begun_per_good * r.good, 1, 1e-12);
}

TEST(Package, LinesAndGroupsAddUp) {
  const PackageResult r = package_of(design());
  core::Usd lines;
  for (const PackageLine& line : r.lines) lines += line.cost.total();
  const core::Usd groups = r.of(Group::logic) + r.of(Group::memory) + r.of(Group::packaging) + r.of(Group::test);
  EXPECT_NEAR(lines / r.cost_per_good, 1, 1e-12);
  EXPECT_NEAR(groups / r.cost_per_good, 1, 1e-12);
}

TEST(Package, ClosedFormIsWhatBruteForceFinds) {
  const PackageDesign d = design();
  const PackageResult r = package_of(d);
  core::Random random(5);
  const auto chance = [&](double p) { return random.uniform() < p; };
  const int n = 200000;
  double good = 0, shipped = 0, cost = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    double spent = d.assembly_cost.value() + d.module_test.cost.value();
    std::vector<bool> works;
    for (const PlacedChips& chips : d.chips)
      for (int k = 0; k < chips.count; ++k) {
        spent += chips.cost.value();
        works.push_back(chance(chips.quality));
      }
    for (int k = 0; k < d.placings; ++k) works.push_back(chance(d.align_yield * d.bond_yield));
    bool passes = true;
    for (const bool each : works) passes = passes && (each || !chance(d.module_test.coverage));
    if (passes) {
      spent += d.substrate_cost.value() + d.finish_cost.value() + d.final.cost.value();
      works.push_back(chance(d.substrate_yield));
      for (const bool each : works) passes = passes && (each || !chance(d.final.coverage));
    }
    bool all = passes;
    for (const bool each : works) all = all && each;
    good += all;
    shipped += passes;
    cost += spent;
    squares += spent * spent;
  }
  const auto error = [&](double p) { return 4 * std::sqrt(p * (1 - p) / n); };
  EXPECT_NEAR(good / n, r.good, error(r.good));
  EXPECT_NEAR(shipped / n, r.shipped, error(r.shipped));
  const double mean = cost / n, deviation = std::sqrt(squares / n - mean * mean);
  EXPECT_NEAR(mean, r.cost_per_good.value() * r.good, 4 * deviation / std::sqrt(n));
}

TEST(Package, RefusesWhatIsOutOfRange) {
  PackageDesign d = design();
  d.bond_yield = 0;
  EXPECT_THROW(package_of(d), core::InputError);
  d = design();
  d.final.coverage = 1.1;
  EXPECT_THROW(package_of(d), core::InputError);
  d = design();
  d.chips[1].quality = 0;
  EXPECT_THROW(package_of(d), core::InputError);
}

}  // namespace
}  // namespace wordline::fab
