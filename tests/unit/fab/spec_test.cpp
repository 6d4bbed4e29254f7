// Files of stacks and packages: what the catalogue's give, what moves with what, and what is said of bad ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "wordline/core/error.h"
#include "wordline/fab/cost.h"
#include "wordline/fab/package_spec.h"

namespace wordline::fab {
namespace {

// The catalogue with a change to one of its files.
core::Catalog changed(const std::string& kind, const std::string& name, const std::vector<std::string>& settings) {
  auto catalog = core::Catalog::open();
  core::Value file = catalog.load(kind, name);
  auto& table = std::get<core::Table>(file.data);
  table.insert_or_assign("source", core::Value{"a test", {}});
  table.insert_or_assign("kind", core::Value{"assumed", {}});
  for (const auto& setting : settings) core::set_value(file, setting);
  catalog.put(kind, name, std::move(file));
  return catalog;
}

StackSpec stack(const std::vector<std::string>& settings = {}) {
  return load_stack(changed("fab/stacks", "hbm3e-8h", settings), "hbm3e-8h");
}

std::string said(const std::vector<std::string>& settings) {
  try {
    stack(settings);
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "nothing";
}

TEST(StackFile, SaysWhatTheStackIs) {
  const StackSpec s = stack();
  EXPECT_EQ(s.layers, 8);
  EXPECT_EQ(s.capacity(), core::gibibytes(24));
  EXPECT_EQ(s.bonding, Bonding::d2w);
  EXPECT_FALSE(s.flow);
  EXPECT_EQ(s.dram.node, "dram-10nm-class");
  const StackDesign d = design_of(s);
  EXPECT_NEAR(d.bond_cost.value(), 60.0 / 1000 + 0.2, 1e-12);
  EXPECT_NEAR(d.dram.cost.value() * s.dram.dies_per_wafer(), 4000 + 500, 1e-9);
  EXPECT_NEAR(design_of(s, Bonding::w2w).bond_cost.value(), 300.0 / 10 / s.dram.dies_per_wafer(), 1e-12);
}

TEST(StackFile, ASetFlowIsKept) {
  const StackSpec s = stack({"tests.flow=mid+post"});
  EXPECT_EQ(result_of(s).flow, (TestFlow{false, true, true}));
  EXPECT_LE(result_of(stack()).objective, result_of(s).objective);
}

TEST(StackFile, PriceFollowsTheMargin) {
  const StackSpec s = stack({"sale.gross_margin=0.5"});
  const StackResult r = result_of(s);
  EXPECT_NEAR(price_of(s, r) / r.cost_per_shipped, 2, 1e-12);
}

// Base dies come from the same line as DRAM dies where they are of one node.
TEST(StackFile, WafersOfTheLine) {
  const StackSpec own = stack(), foundry = stack({"base.node=logic-12nm"});
  const StackResult a = result_of(own), b = result_of(foundry);
  EXPECT_NEAR(wafers_of(own, a),
              a.dies_per_good / own.dram.dies_per_wafer() + a.bases_per_good / own.base.dies_per_wafer(), 1e-12);
  EXPECT_NEAR(wafers_of(foundry, b), b.dies_per_good / foundry.dram.dies_per_wafer(), 1e-12);
  EXPECT_NEAR(line_of(own, a).good_per_wafer * wafers_of(own, a), 1, 1e-12);
  const core::Hertz stacks = 3600 / core::hours(1);
  EXPECT_NEAR(bonders_of(own, a, stacks), 3.6 * a.bonds_per_good, 1e-9);  // at 1,000 bonds an hour
}

TEST(StackFile, EveryRangeIsAnInputOnce) {
  StackSpec s = stack();
  const Inputs inputs = inputs_of(s);
  std::set<std::pair<std::string, std::string>> seen;
  for (const Input& input : inputs) EXPECT_TRUE(seen.insert({input.origin.subject, input.origin.path}).second);
  EXPECT_TRUE(seen.contains({"fab/stacks/hbm3e-8h", "dram.area"}));
  const auto price = std::find_if(inputs.begin(), inputs.end(), [](const Input& i) {
    return i.origin == Origin{"fab/nodes/dram-10nm-class", "wafer.price"};
  });
  ASSERT_NE(price, inputs.end());
  EXPECT_EQ(price->places.size(), 2u);  // DRAM die and base
  const auto area =
      std::find_if(inputs.begin(), inputs.end(), [](const Input& i) { return i.origin.path == "dram.area"; });
  ASSERT_NE(area, inputs.end());
  area->set(150e-6);
  EXPECT_EQ(core::SquareMetres(s.base.area), core::square_millimetres(150));  // which has no area of its own
  const double before = result_of(s).cost_per_good.value();
  price->set(price->range.high);
  EXPECT_GT(result_of(s).cost_per_good.value(), before);
}

TEST(StackFile, SaysWhatIsWrongWhere) {
  using testing::HasSubstr;
  EXPECT_THAT(said({"bonding.d2w.yield=1.2"}), HasSubstr("--set bonding.d2w.yield: found the number 1.2"));
  EXPECT_THAT(said({"dram.aera=\"100 mm2\""}), HasSubstr("did you mean \"area\""));
  EXPECT_THAT(said({"dram.node=dram-11nm-class"}), HasSubstr("dram-10nm-class"));
  EXPECT_THAT(said({"dram.area=\"100 mm\""}), HasSubstr("an area such as"));
  EXPECT_THAT(said({"dram.area=\"20000 mm2\""}), HasSubstr("a third of the wafer's diameter"));
  EXPECT_THAT(said({"bonding.method=d2x"}), HasSubstr("one of w2w, d2w, d2d"));
  EXPECT_THAT(said({"tests.flow=pre-mid"}), HasSubstr("pre+mid"));
  EXPECT_THAT(said({"tests.final.coverage=-1"}), HasSubstr("coverage"));
  EXPECT_THAT(said({"sale.gross_margin=1"}), HasSubstr("below 1"));
  EXPECT_THAT(said({"tsv.failure=1"}), HasSubstr("the yield of an interface's vias"));
  EXPECT_THAT(said({"bonding.matched_wafers=4", "spare_layers=1"}), HasSubstr("1 where there are spare layers"));
  EXPECT_THAT(said({"layers=0"}), HasSubstr("1 to 64"));
  EXPECT_THROW(load_stack(core::Catalog::open(), "hbm9"), core::InputError);
}

TEST(PackageFile, PricesTheWhole) {
  const auto catalog = core::Catalog::open();
  PackageSpec spec = load_package(catalog, "h200-sxm");
  const Price p = price_of(spec);
  EXPECT_EQ(p.capacity, core::gibibytes(144));
  const StackResult hbm = result_of(spec.stacks.at(0).stack);
  EXPECT_NEAR(p.memory.value(), 6 * price_of(spec.stacks[0].stack, hbm).value(), 1e-9);
  EXPECT_NEAR(p.package.of(Group::memory).value(), p.memory.value() * p.package.begun_per_good, 1e-9);
  EXPECT_EQ(design_of(spec).placings, 7);
  EXPECT_GT(p.sale, p.cost);
}

// A die of which some parts may be faulty yields more than one that is whole or nothing.
TEST(PackageFile, FaultyPartsAreForgiven) {
  const auto gpu = [](const std::vector<std::string>& settings) {
    const PackageSpec spec = load_package(changed("fab/packages", "h100-sxm", settings), "h100-sxm");
    return supply_of(spec.dies.at(0).die).yield;
  };
  const double whole = gpu({"dies.gpu.needed=144"});
  EXPECT_NEAR(whole, std::pow(1 + 0.11 * 8.14 / 10, -10), 1e-6);
  EXPECT_GT(gpu({}), whole * 1.3);
  EXPECT_GT(gpu({"dies.gpu.needed=100"}), gpu({}));
}

TEST(PackageFile, StackAndNodeInputsAreThere) {
  const auto catalog = core::Catalog::open();
  PackageSpec spec = load_package(catalog, "mi300x");
  const Inputs inputs = inputs_of(spec);
  const auto has = [&](const Origin& origin) {
    return std::any_of(inputs.begin(), inputs.end(), [&](const Input& i) { return i.origin == origin; });
  };
  EXPECT_TRUE(has({"fab/stacks/hbm3-12h", "dram.area"}));
  EXPECT_TRUE(has({"fab/nodes/logic-5nm", "wafer.price"}));
  EXPECT_TRUE(has({"fab/packages/mi300x", "assembly.bond_yield"}));
}

TEST(PackageFile, SaysWhatIsWrongWhere) {
  const auto words = [](const std::vector<std::string>& settings) {
    try {
      load_package(changed("fab/packages", "h100-sxm", settings), "h100-sxm");
    } catch (const core::InputError& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  EXPECT_THAT(words({"stacks.hbm.stack=hbm3-9h"}), testing::HasSubstr("hbm3-8h"));
  EXPECT_THAT(words({"dies.gpu.needed=145"}), testing::HasSubstr("0 to 144"));
  EXPECT_THAT(words({"substrate.yeild=0.9"}), testing::HasSubstr("unknown key"));
  EXPECT_THAT(words({"assembly.bond_yield=0"}), testing::HasSubstr("above 0"));
}

TEST(Study, SameOnAnyNumberOfThreads) {
  const auto drawn = [](unsigned threads) {
    std::vector<double> all;
    const Study study = study_of(stack(), {200, 9, Distribution::triangular, threads});
    for (const Answer& answer : study.answers)
      all.insert(all.end(), answer.drawn.values().begin(), answer.drawn.values().end());
    return all;
  };
  EXPECT_EQ(drawn(1), drawn(5));
}

TEST(Study, MidIsTheResultAndBarsAreOrdered) {
  const StackSpec spec = stack();
  const Study study = study_of(spec, {50, 1, Distribution::pert, 1});
  EXPECT_DOUBLE_EQ(study.answers.at(0).at_mid, result_of(spec).cost_per_good.value());
  ASSERT_GT(study.tornado.size(), 20u);
  const auto width = [](const Study::Bar& bar) { return std::abs(bar.at_high - bar.at_low); };
  for (std::size_t i = 1; i < study.tornado.size(); ++i)
    EXPECT_GE(width(study.tornado[i - 1]), width(study.tornado[i]));
}

}  // namespace
}  // namespace wordline::fab
