// Stacks and packages against published models and figures: interfaces of a stack, Chiplet Actuary, CATCH, and layers
// to spare as Taouil and Hamdioui have them.
#include <gtest/gtest.h>

#include <cmath>

#include "wordline/core/catalog.h"
#include "wordline/fab/node.h"
#include "wordline/fab/package_spec.h"

namespace wordline::fab {
namespace {

// Dies and base that cost nothing and work, in a stack of which only interfaces fail.
StackDesign only_interfaces(int layers, double bond_yield) {
  StackDesign d;
  d.layers = layers;
  d.die_capacity = core::gibibytes(2);
  d.dram = {1, core::Usd(1)};
  d.bond_yield = bond_yield;
  return d;
}

// N dies on a base have N interfaces. "80 %" of 8-high (SK hynix, May 2024) takes .9725 of each, if all loss is there.
TEST(Interfaces, OfStacksOfEightTwelveAndSixteen) {
  const struct {
    double bond, of8, of12, of16;
  } known[] = {{.99, .923, .886, .851}, {.995, .961, .942, .923}, {.998, .984, .976, .968}};
  for (const auto& row : known) {
    EXPECT_NEAR(stack_of(only_interfaces(8, row.bond), {}).good, row.of8, 5e-4);
    EXPECT_NEAR(stack_of(only_interfaces(12, row.bond), {}).good, row.of12, 5e-4);
    EXPECT_NEAR(stack_of(only_interfaces(16, row.bond), {}).good, row.of16, 5.1e-4);
  }
  EXPECT_NEAR(stack_of(only_interfaces(8, .9725), {}).good, .80, 1e-3);
}

// Yield, dies per wafer and cost of dies by Chiplet Actuary's formulas and parameters, computed apart from this code.
TEST(ChipletActuary, CostOfDies) {
  const struct {
    const char* node;
    double mm2, per_wafer, yield, usd;
  } known[] = {{"logic-5nm", 800, 58.79298269794954, .4302402590579391, 671.5923066351144},
               {"logic-7nm", 74, 779.3061963821025, .935775949077624, 12.815801388180283},
               {"logic-14nm", 400, 129.98426971831083, .7297986019862999, 41.99769972498607},
               {"logic-3nm", 100, 571.7124344116606, .8203482998751551, 63.965431567840746},
               {"silicon-interposer", 1000, 44.98041771939559, .5644739300537771, 76.28905712719362}};
  const auto catalog = core::Catalog::open();
  for (const auto& row : known) {
    const Node node = load_node(catalog, row.node);
    DieSpec die;
    die.wafer = node.wafer;
    die.defects = node.defects;
    die.area = core::square_millimetres(row.mm2);
    die.wafer_price = core::Usd(node.wafer_price.mid);
    die.density = node.defects.density;
    die.clustering = node.defects.clustering;
    die.critical_share = 1.0;
    const DieSupply supply = supply_of(die);
    EXPECT_NEAR(die.dies_per_wafer() / row.per_wafer, 1, 1e-9) << row.node;
    EXPECT_NEAR(supply.yield / row.yield, 1, 1e-9) << row.node;
    EXPECT_NEAR(supply.cost.value() / supply.yield / row.usd, 1, 1e-9) << row.node;
  }
}

// Its chip-last assembly on an interposer: known good dies and a known good interposer, n bondings of yield y2, then
// the substrate with y3: (sum of dies + interposer / y1) / (y2^n y3) + substrate / y3.
TEST(ChipletActuary, ChipLastAssembly) {
  const double y1 = .55, y2 = .95, y3 = .99, die = 120, die_yield = .7, interposer = 60, substrate = 25;
  const int n = 4;
  const double wanted = (n * die / die_yield + interposer / y1) / (std::pow(y2, n) * y3) + substrate / y3;
  PackageDesign d;
  d.chips.push_back(tested_chips("die", n, {die_yield, core::Usd(die)}, {1, {}}, Group::logic));
  d.chips.push_back(tested_chips("interposer", 1, {y1, core::Usd(interposer)}, {1, {}}, Group::packaging));
  d.placings = n;
  d.bond_yield = y2;
  d.module_test = {1, {}};
  d.substrate_cost = core::Usd(substrate);
  d.substrate_yield = y3;
  d.final = {1, {}};
  EXPECT_NEAR(package_of(d).cost_per_good.value() / wanted, 1, 1e-12);
}

// CATCH's recursion, from its formulas: a unit's parts are a smaller unit and a chip; the assembly's yield is
// align^chips * bond^bonds * tsv^tsvs / (1 + D A); a test of coverage c lets 1 - (1 - Y) c pass, of which Y over that
// works.
struct Unit {
  double cost = 0, quality = 1;
};
Unit tested_unit(double cost, double yield, double coverage, double test_cost) {
  const double passes = 1 - (1 - yield) * coverage;
  return {(cost + test_cost) / passes, yield / passes};
}

class Catch : public testing::TestWithParam<std::tuple<bool, bool>> {};

TEST_P(Catch, RecursionGivesTheSameCost) {
  const auto [pre, mid] = GetParam();
  const double die_yield = .82, base_yield = .9, die_cost = 8, base_cost = 11, coverage = .9, die_test = .5;
  const double align = .999, pad = .99999, tsv = .99998, dielectric = .01, bond_cost = .3, mid_cost = 1.2,
               final_cost = 6;
  const int layers = 12, pads = 900, tsvs = 400;
  const double assembly = align * std::pow(pad, pads) * std::pow(tsv, tsvs) / (1 + dielectric);

  const auto chip = [&](double cost, double yield) {
    return pre ? tested_unit(cost, yield, coverage, die_test) : Unit{cost, yield};
  };
  Unit stack = chip(base_cost, base_yield);
  for (int i = 1; i <= layers; ++i) {
    const Unit die = chip(die_cost, die_yield);
    const double cost = stack.cost + die.cost + bond_cost, yield = stack.quality * die.quality * assembly;
    if (i == layers)
      stack = tested_unit(cost, yield, 1, final_cost);
    else
      stack = mid ? tested_unit(cost, yield, 1, mid_cost) : Unit{cost, yield};
  }

  StackDesign d;
  d.layers = layers;
  d.die_capacity = core::gibibytes(2);
  d.dram = {die_yield, core::Usd(die_cost)};
  d.base = {base_yield, core::Usd(base_cost)};
  d.bond_yield = align * std::pow(pad, pads) / (1 + dielectric);
  d.tsvs = {tsvs, 1, 0, 1 - tsv};
  d.bond_cost = core::Usd(bond_cost);
  d.pre = d.pre_base = {coverage, core::Usd(die_test)};
  d.mid = {1, core::Usd(mid_cost)};
  d.final = {1, core::Usd(final_cost)};
  const StackResult result = stack_of(d, {pre, mid, false});
  EXPECT_NEAR(result.cost_per_good.value() / stack.cost, 1, 1e-10);
  EXPECT_NEAR(stack.quality, 1, 1e-12);
  EXPECT_NEAR(result.escapes, 0, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Flows, Catch, testing::Combine(testing::Bool(), testing::Bool()));

// Taouil and Hamdioui (JETTA 2012): whole wafers, 6 layers of 85 % each; two layers to spare give +118.8 % yield and
// -37.7 % cost. Independent layers alone give +137.2 %: the published gain leaves .9603 to each of the two further
// interfaces. With the interface's yield set to that, the cost, dies being all of it, follows without another number.
TEST(LayersToSpare, PublishedYieldAndCostBelongTogether) {
  const auto with = [](int spare, double bond_yield) {
    StackDesign d = only_interfaces(6, bond_yield);
    d.bonding = Bonding::w2w;
    d.dram.yield = .85;
    d.spare_layers = spare;
    return stack_of(d, {false, false, false});
  };
  EXPECT_NEAR(with(2, 1).good / with(0, 1).good - 1, 1.3725, 5e-4);
  const double bond_yield = std::sqrt((1 + 1.188) / (with(2, 1).good / with(0, 1).good));
  EXPECT_NEAR(bond_yield, .9603, 5e-4);
  EXPECT_NEAR(with(2, bond_yield).good / with(0, bond_yield).good - 1, 1.188, 1e-9);
  EXPECT_NEAR(with(2, bond_yield).cost_per_good / with(0, bond_yield).cost_per_good - 1, -.377, .02);
}

}  // namespace
}  // namespace wordline::fab
