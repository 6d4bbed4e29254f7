// Dies on a wafer: counting against the published formula and against cases that are known.
#include "wordline/fab/die.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "wordline/core/error.h"
#include "wordline/core/random.h"
#include "wordline/fab/node.h"

namespace wordline::fab {
namespace {

using core::millimetres;

WaferFormat bare(double diameter, double edge = 0, double scribe = 0) {
  WaferFormat w;
  w.diameter = millimetres(diameter);
  w.edge = millimetres(edge);
  w.scribe_x = w.scribe_y = millimetres(scribe);
  return w;
}

TEST(Dies, FormulaIsThePublishedOne) {
  const auto wafer = bare(300, 5, 0.2);
  for (const double area : {25.0, 100.0, 400.0, 814.0}) {
    const double with_lanes = area + 2 * 0.2 * std::sqrt(area) + 0.2 * 0.2;
    const double published =
        std::numbers::pi * 145 * 145 / with_lanes - std::numbers::pi * 290 / std::sqrt(2 * with_lanes);
    EXPECT_NEAR(dies_by_formula(square_die(core::square_millimetres(area)), wafer), published, 1e-9 * published);
  }
}

// A circle of radius 2.5 about the corner of four unit squares holds 12 of them whole. About the centre of one it holds
// 9: those two columns on reach to hypot(2.5, 0.5). All 16 of the ring around the 9 begin within it.
TEST(Dies, CountsSmallGridsExactly) {
  const auto wafer = bare(5);
  const DieSize die{millimetres(1), millimetres(1)};
  EXPECT_EQ(whole_dies(die, wafer, {}), 9);
  EXPECT_EQ(whole_dies(die, wafer, {millimetres(0.5), millimetres(0.5)}), 12);
  EXPECT_EQ(whole_dies(die, wafer, {millimetres(-7.5), millimetres(3.5)}), 12);  // a whole number of pitches on
  EXPECT_EQ(whole_dies(die, wafer), 12);
  const auto layout = lay_out(die, wafer, GridOffset{});
  EXPECT_EQ(layout.whole, 9);
  EXPECT_EQ(layout.dies.size(), 9u + static_cast<std::size_t>(layout.partial));
  EXPECT_EQ(layout.partial, 16);
}

TEST(Dies, LayoutAgreesWithTheCountAndLiesWithin) {
  core::Random random(7);
  for (int i = 0; i < 60; ++i) {
    auto wafer = bare(300, 6 * random.uniform(), 0.3 * random.uniform());
    wafer.scribe_y = millimetres(0.2 * random.uniform());
    (i % 2 ? wafer.notch : wafer.flat) = millimetres(1 + 20 * random.uniform());
    const DieSize die{millimetres(3 + 25 * random.uniform()), millimetres(3 + 30 * random.uniform())};
    const auto layout = lay_out(die, wafer);
    EXPECT_EQ(layout.whole, whole_dies(die, wafer));
    EXPECT_EQ(layout.whole, whole_dies(die, wafer, layout.offset));
    EXPECT_GE(layout.whole, whole_dies(die, wafer, GridOffset{}));
    const double usable = 150 - wafer.edge.in(millimetres(1));
    for (const auto& place : layout.dies) {
      if (!place.whole) continue;
      for (const double sx : {-0.5, 0.5})
        for (const double sy : {-0.5, 0.5}) {
          const double x = (place.x + sx * die.width).in(millimetres(1)),
                       y = (place.y + sy * die.height).in(millimetres(1));
          ASSERT_LE(std::hypot(x, y), usable + 1e-6);
          ASSERT_GE(y, wafer.flat.in(millimetres(1)) + wafer.edge.in(millimetres(1)) - 150 - 1e-6 -
                           (wafer.flat.value() > 0 ? 0 : 1000));
        }
    }
  }
}

// The mean over all offsets is what the formula estimates: within 3 % for dies that are small against the wafer.
TEST(Dies, FormulaIsNearTheMeanCount) {
  core::Random random(8);
  const auto wafer = bare(300, 3, 0.1);
  for (const double area : {20.0, 60.0, 110.0, 200.0}) {
    const auto die = square_die(core::square_millimetres(area));
    double sum = 0;
    for (int i = 0; i < 400; ++i)
      sum += static_cast<double>(
          whole_dies(die, wafer, {millimetres(20 * random.uniform()), millimetres(20 * random.uniform())}));
    EXPECT_NEAR(sum / 400 / dies_by_formula(die, wafer), 1, 0.03) << area;
  }
}

TEST(Dies, NotchAndFlatCostDiesAtTheBottomOnly) {
  const DieSize die{millimetres(4), millimetres(4)};
  auto wafer = bare(200, 3, 0.1);
  const auto round = lay_out(die, wafer, GridOffset{});
  wafer.flat = millimetres(12);
  const auto cut = lay_out(die, wafer, GridOffset{});
  EXPECT_LT(cut.whole, round.whole);
  wafer.flat = millimetres(0);
  wafer.notch = millimetres(8);
  const auto notched = lay_out(die, wafer, GridOffset{});
  EXPECT_LT(notched.whole, round.whole);
  EXPECT_GT(notched.whole, cut.whole);
  ASSERT_EQ(round.dies.size(), notched.dies.size());
  for (std::size_t i = 0; i < round.dies.size(); ++i)
    if (round.dies[i].whole != notched.dies[i].whole) {
      EXPECT_LT(round.dies[i].y.value(), 0);
      EXPECT_LT(std::abs(round.dies[i].x.value()), 0.012);
    }
}

TEST(Dies, MoreEdgeOrWiderLanesNeverGiveMore) {
  const DieSize die{millimetres(11), millimetres(10)};
  std::int64_t last = 1 << 30;
  for (const double edge : {0.0, 1.0, 3.0, 5.0, 20.0, 140.0}) {
    const auto now = whole_dies(die, bare(300, edge, 0.1));
    EXPECT_LE(now, last);
    last = now;
  }
  EXPECT_EQ(last, 1);  // 20 mm across: one of 11 x 10
}

TEST(Dies, BadSizesAreNamed) {
  EXPECT_THROW(dies_by_formula({millimetres(0), millimetres(1)}, bare(300)), core::InputError);
  EXPECT_THROW(lay_out({millimetres(400), millimetres(1)}, bare(300)), core::InputError);
  EXPECT_THROW(lay_out({millimetres(0.01), millimetres(1)}, bare(300)), core::InputError);
  EXPECT_THROW(lay_out({millimetres(1), millimetres(1)}, bare(300, 150)), core::InputError);
}

TEST(Nodes, OfTheCatalogueAllLoad) {
  const auto catalog = core::Catalog::open();
  const auto names = catalog.names("fab/nodes");
  EXPECT_GE(names.size(), 12u);
  for (const auto& name : names) {
    const auto node = load_node(catalog, name);
    EXPECT_GT(node.wafer_price.low.value(), 500) << name;
    EXPECT_GT(yield_of(node.defects, core::square_millimetres(100)), 0.7) << name;
  }
  EXPECT_THAT([&] { load_node(catalog, "logic-5m"); },
              testing::ThrowsMessage<core::InputError>(testing::HasSubstr("logic-5nm")));
}

}  // namespace
}  // namespace wordline::fab
