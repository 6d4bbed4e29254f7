#include "wordline/fab/package_spec.h"

#include "wordline/core/error.h"

namespace wordline::fab {

namespace {

template <class Visit>
void test_fields(TestSpec& test, const std::string& path, Visit& visit) {
  visit.need(path + ".coverage", test.coverage, Limit::share);
  visit.need(path + ".cost", test.cost);
}

// All numbers with ranges but those of dies and stacks.
template <class Visit>
void fields(PackageSpec& p, Visit&& visit) {
  for (PackageDie& die : p.dies) test_fields(die.test, "dies." + die.name + ".test", visit);
  if (p.interposer) test_fields(p.interposer->test, "interposer.test", visit);
  visit.may("assembly.align_yield", p.align_yield, Limit::share_above_zero);
  visit.need("assembly.bond_yield", p.bond_yield, Limit::share_above_zero);
  visit.need("assembly.cost", p.assembly_cost);
  if (p.module_test) test_fields(*p.module_test, "tests.module", visit);
  test_fields(p.final, "tests.final", visit);
  visit.need("substrate.cost", p.substrate_cost);
  visit.may("substrate.yield", p.substrate_yield, Limit::share_above_zero);
  visit.may("finish.cost", p.finish_cost);
  visit.may("sale.gross_margin", p.gross_margin, Limit::share);
}

int count_of(const core::Reader& table) { return static_cast<int>(table.integer_or("count", 1, 1, 1000)); }

}  // namespace

PackageSpec load_package(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const std::string kind = "fab/packages";
  FieldReader file(catalog.read(kind, name, asked_at), kind + "/" + name);
  PackageSpec p;
  p.name = name;
  p.title = file.table("").text("title");
  for (const std::string& key : file.table("dies").keys()) {
    const core::Reader& table = file.table("dies." + key);
    p.dies.push_back({key, count_of(table), read_die(file, "dies." + key, catalog), {}});
  }
  if (file.has("stacks"))
    for (const std::string& key : file.table("stacks").keys()) {
      const core::Reader& table = file.table("stacks." + key);
      p.stacks.push_back({key, count_of(table), load_stack(catalog, table.text("stack"), table.where("stack"))});
    }
  if (file.has("interposer")) p.interposer = PackageDie{"interposer", 1, read_die(file, "interposer", catalog), {}};
  if (file.has("tests.module")) p.module_test.emplace();
  fields(p, file);
  if (p.gross_margin.range().high >= 1) file.table("sale").fail("gross_margin", "a share from 0, below 1");
  file.finish();
  at_its_ends(p, file.table("").where(), [](const PackageSpec& at) { price_of(at); });
  return p;
}

Inputs inputs_of(PackageSpec& spec) {
  Inputs inputs;
  for (PackageDie& die : spec.dies) add_inputs(inputs, die.die);
  if (spec.interposer) add_inputs(inputs, spec.interposer->die);
  fields(spec, InputCollector{inputs});
  for (PackageStacks& stacks : spec.stacks) add_inputs(inputs, stacks.stack);
  return inputs;
}

PackageDesign design_of(const PackageSpec& spec) {
  PackageDesign d;
  for (const PackageDie& die : spec.dies) {
    d.chips.push_back(tested_chips(die.name, die.count, supply_of(die.die), die.test.now(), Group::logic));
    d.placings += die.count;
  }
  for (const PackageStacks& stacks : spec.stacks) {
    const StackResult stack = result_of(stacks.stack);
    const core::Usd price = price_of(stacks.stack, stack);
    d.chips.push_back({stacks.name, stacks.count, price, price, 1 - stack.escapes, Group::memory});
    d.placings += stacks.count;
  }
  if (spec.interposer)
    d.chips.push_back(
        tested_chips("interposer", 1, supply_of(spec.interposer->die), spec.interposer->test.now(), Group::packaging));
  d.align_yield = spec.align_yield;
  d.bond_yield = spec.bond_yield;
  d.assembly_cost = spec.assembly_cost;
  if (spec.module_test) d.module_test = spec.module_test->now();
  d.substrate_cost = spec.substrate_cost;
  d.substrate_yield = spec.substrate_yield;
  d.finish_cost = spec.finish_cost;
  d.final = spec.final.now();
  return d;
}

Price price_of(const PackageSpec& spec) {
  const PackageDesign design = design_of(spec);
  Price price;
  price.package = package_of(design);
  price.cost = price.package.cost_per_good;
  for (const PlacedChips& chips : design.chips)
    if (chips.group == Group::memory) price.memory += chips.cost * double(chips.count);
  for (const PackageStacks& stacks : spec.stacks) price.capacity += stacks.stack.capacity() * double(stacks.count);
  price.sale = price.cost / (1 - double(spec.gross_margin));
  return price;
}

}  // namespace wordline::fab
