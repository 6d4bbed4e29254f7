#include "wordline/fab/package.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wordline/core/error.h"

namespace wordline::fab {

namespace {

void must(bool holds, const char* what, double found, const char* wanted) {
  if (!holds) throw core::InputError({}, fmt::format("{} {}", what, found), wanted);
}

void check(const PackageDesign& d) {
  for (const auto& [what, share] : {std::pair{"the yield of aligning a chip", d.align_yield},
                                    {"the yield of joining a chip", d.bond_yield},
                                    {"the yield of joining the substrate", d.substrate_yield}})
    must(share > 0 && share <= 1, what, share, "a share above 0, up to 1");
  for (const auto& [what, share] : {std::pair{"the coverage of the module test", d.module_test.coverage},
                                    {"the coverage of the final test", d.final.coverage}})
    must(share >= 0 && share <= 1, what, share, "a share from 0 to 1");
  must(d.placings >= 0, "chips placed:", d.placings, "0 or more");
  for (const PlacedChips& chips : d.chips) {
    must(chips.count >= 0, "a number of chips", chips.count, "0 or more");
    must(chips.quality > 0 && chips.quality <= 1, "the quality of a chip", chips.quality, "a share above 0, up to 1");
  }
}

// `n` things that each work with probability `works` and pass the tests so far where they do not with `passes`.
double let_pass(double works, double passes, double n) { return std::pow(works + (1 - works) * passes, n); }

}  // namespace

const char* name_of(Group group) {
  switch (group) {
    case Group::logic:
      return "logic";
    case Group::memory:
      return "memory";
    case Group::packaging:
      return "packaging";
    case Group::test:
      break;
  }
  return "test and assembly";
}

PlacedChips tested_chips(const std::string& name, int count, const DieSupply& die, const Test& test, Group group) {
  const Tested passed = tested(die.yield, test.coverage);
  const core::Usd made = die.cost + test.cost;
  return {name, count, made, made / passed.yield, passed.quality, group};
}

core::Usd PackageResult::of(Group group) const {
  core::Usd all;
  for (const PackageLine& line : lines)
    if (line.group == group) all += line.cost.total();
  return all;
}

PackageResult package_of(const PackageDesign& d) {
  check(d);
  PackageResult r;
  r.placed_yield = std::pow(d.align_yield * d.bond_yield, d.placings);
  r.good = r.placed_yield * d.substrate_yield;
  const double missed = 1 - d.module_test.coverage, missed_twice = missed * (1 - d.final.coverage);
  const double joint = d.align_yield * d.bond_yield;
  double to_substrate = let_pass(joint, missed, d.placings);
  r.shipped = let_pass(joint, missed_twice, d.placings) * let_pass(d.substrate_yield, 1 - d.final.coverage, 1);
  for (const PlacedChips& chips : d.chips) {
    r.good *= std::pow(chips.quality, chips.count);
    to_substrate *= let_pass(chips.quality, missed, chips.count);
    r.shipped *= let_pass(chips.quality, missed_twice, chips.count);
  }
  r.escapes = std::max(0.0, 1 - r.good / r.shipped);
  r.begun_per_good = 1 / r.good;
  const bool module_tested = d.module_test.coverage > 0;
  if (module_tested) r.steps.push_back({"module test", 1, to_substrate});
  r.steps.push_back({"final test", to_substrate, r.shipped / to_substrate});

  const auto line = [&](const std::string& name, Group group, core::Usd once, core::Usd spent) {
    const core::Usd lost = std::max(spent / r.good - once, core::Usd(0));
    r.cost_per_good += spent / r.good;
    if (spent.value() > 0) r.lines.push_back({{name, once, lost}, group});
  };
  for (const PlacedChips& chips : d.chips)
    line(chips.name, chips.group, chips.made * double(chips.count), chips.cost * double(chips.count));
  line("chips onto the interposer", Group::packaging, d.assembly_cost, d.assembly_cost);
  line("module test", Group::test, d.module_test.cost, d.module_test.cost);
  line("substrate", Group::packaging, d.substrate_cost, d.substrate_cost * to_substrate);
  line("lid and finish", Group::test, d.finish_cost, d.finish_cost * to_substrate);
  line("final test", Group::test, d.final.cost, d.final.cost * to_substrate);
  return r;
}

}  // namespace wordline::fab
