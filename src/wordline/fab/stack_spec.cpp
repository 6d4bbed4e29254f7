#include "wordline/fab/stack_spec.h"

#include <fmt/format.h>

#include <algorithm>

namespace wordline::fab {

namespace {

constexpr std::array<Bonding, 3> bondings = {Bonding::w2w, Bonding::d2w, Bonding::d2d};
std::size_t at(Bonding bonding) { return static_cast<std::size_t>(bonding); }

template <class Visit>
void test_fields(TestSpec& test, const std::string& path, Visit& visit) {
  visit.need(path + ".coverage", test.coverage, Limit::share);
  visit.need(path + ".cost", test.cost);
}

// All numbers with ranges but the dies' own.
template <class Visit>
void fields(StackSpec& s, Visit&& visit) {
  for (const Bonding each : bondings) {
    if (!s.bonds[at(each)]) continue;
    BondSpec& bond = *s.bonds[at(each)];
    const std::string path = fmt::format("bonding.{}", name_of(each));
    visit.need(path + ".yield", bond.yield, Limit::share_above_zero);
    visit.need(path + ".tool", bond.tool);
    visit.need(path + ".rate", bond.rate, Limit::above_zero);
    visit.may(path + ".material", bond.material);
  }
  visit.may("bonding.damage", s.damage, Limit::share);
  visit.may("tsv.failure", s.tsv_failure, Limit::share);
  test_fields(s.pre, "tests.die", visit);
  test_fields(s.pre_base, "tests.base", visit);
  test_fields(s.mid, "tests.mid", visit);
  test_fields(s.post, "tests.post", visit);
  test_fields(s.final, "tests.final", visit);
  visit.may("tests.escape", s.escape_cost);
  visit.may("repair.share", s.repairable, Limit::share);
  visit.may("repair.cost", s.repair_cost);
  visit.need("finish.cost", s.finish_cost);
  visit.may("finish.yield", s.finish_yield, Limit::share_above_zero);
  visit.need("capacity.wafer_starts", s.wafer_starts, Limit::above_zero);
  visit.need("capacity.cycle_time", s.cycle_time);
  visit.may("sale.gross_margin", s.gross_margin, Limit::share);
}

void read_bonding(StackSpec& s, FieldReader& file) {
  const core::Reader& table = file.table("bonding");
  s.bonding = bonding_of(table.choice("method", {"w2w", "d2w", "d2d"}));
  for (const Bonding each : bondings)
    if (each == s.bonding || file.has(fmt::format("bonding.{}", name_of(each)))) s.bonds[at(each)].emplace();
  s.matched_wafers = static_cast<int>(table.integer_or("matched_wafers", 1, 1, 1000));
  if (s.matched_wafers > 1 && s.spare_layers > 0) table.fail("matched_wafers", "1 where there are spare layers");
}

void read_tsvs(StackSpec& s, FieldReader& file) {
  if (!file.has("tsv")) return;
  const core::Reader& table = file.table("tsv");
  s.tsvs.groups = static_cast<int>(table.integer("groups", 0, 1000000));
  s.tsvs.signals = static_cast<int>(table.integer("signals", 0, 1000000));
  s.tsvs.spares = static_cast<int>(table.integer("spares", 0, 1000));
}

void read_flow(StackSpec& s, FieldReader& file) {
  const core::Reader& table = file.table("tests");
  std::vector<std::string> names = {"best"};
  for (const TestFlow& flow : test_flows()) names.push_back(name_of(flow));
  if (!table.has("flow")) return;
  const std::string name = table.choice("flow", names);
  for (const TestFlow& flow : test_flows())
    if (name == name_of(flow)) s.flow = flow;
}

}  // namespace

StackSpec load_stack(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const std::string kind = "fab/stacks";
  FieldReader file(catalog.read(kind, name, asked_at), kind + "/" + name);
  const core::Reader& top = file.table("");
  StackSpec s;
  s.name = name;
  s.title = top.text("title");
  s.layers = static_cast<int>(top.integer("layers", 1, 64));
  s.spare_layers = static_cast<int>(top.integer_or("spare_layers", 0, 0, 16));
  s.die_capacity = top.quantity<core::Bytes>("die_capacity");
  if (!(s.die_capacity.value() > 0)) top.fail("die_capacity", "a size above 0");
  s.dram = read_die(file, "dram", catalog);
  s.base = read_die(file, "base", catalog, &s.dram.area);
  read_bonding(s, file);
  read_tsvs(s, file);
  read_flow(s, file);
  fields(s, file);
  if (s.damage.range().high >= 1) file.table("bonding").fail("damage", "a share from 0, below 1");
  if (s.gross_margin.range().high >= 1) file.table("sale").fail("gross_margin", "a share from 0, below 1");
  file.finish();
  at_its_ends(s, top.where(), [](const StackSpec& at) { result_of(at); });
  return s;
}

Inputs inputs_of(StackSpec& spec) {
  Inputs inputs;
  add_inputs(inputs, spec);
  return inputs;
}

void add_inputs(Inputs& inputs, StackSpec& spec) {
  add_inputs(inputs, spec.dram);
  add_inputs(inputs, spec.base);
  fields(spec, InputCollector{inputs});
}

StackDesign design_of(const StackSpec& s, std::optional<Bonding> asked) {
  StackDesign d;
  d.bonding = asked.value_or(s.bonding);
  const auto& bond = s.bonds[at(d.bonding)];
  if (!bond)
    throw core::InputError({}, fmt::format("the bonding {} of {}", name_of(d.bonding), s.name),
                           fmt::format("one that the file describes in [bonding.{}]", name_of(d.bonding)));
  d.layers = s.layers;
  d.spare_layers = s.spare_layers;
  d.die_capacity = s.die_capacity;
  d.dram = supply_of(s.dram);
  d.base = supply_of(s.base);
  const double dies = s.dram.dies_per_wafer();
  d.bond_yield = bond->yield;
  d.bond_cost = core::UsdPerHour(bond->tool) / core::Hertz(bond->rate);
  if (d.bonding == Bonding::w2w) d.bond_cost = d.bond_cost / dies;
  d.bond_cost += core::Usd(bond->material);
  d.tsvs = s.tsvs;
  d.tsvs.failure = s.tsv_failure;
  d.damage = s.damage;
  d.pre = s.pre.now();
  d.pre_base = s.pre_base.now();
  d.mid = s.mid.now();
  d.post = s.post.now();
  d.final = s.final.now();
  d.repairable = s.repairable;
  d.repair_cost = s.repair_cost;
  d.finish_cost = s.finish_cost;
  d.finish_yield = s.finish_yield;
  d.escape_cost = s.escape_cost;
  d.matched_wafers = s.matched_wafers;
  d.dies_per_wafer = static_cast<int>(dies);
  return d;
}

StackResult result_of(const StackSpec& spec) { return result_of(spec, spec.bonding); }

StackResult result_of(const StackSpec& spec, Bonding bonding) {
  const StackDesign design = design_of(spec, bonding);
  return spec.flow ? stack_of(design, *spec.flow) : best_flows(design).front();
}

core::Usd price_of(const StackSpec& spec, const StackResult& result) {
  return result.cost_per_shipped / (1 - double(spec.gross_margin));
}

double wafers_of(const StackSpec& spec, const StackResult& result) {
  const double base = spec.base.node == spec.dram.node ? result.bases_per_good / spec.base.dies_per_wafer() : 0;
  return result.dies_per_good / spec.dram.dies_per_wafer() + base;
}

double bonders_of(const StackSpec& spec, const StackResult& result, core::Hertz stacks) {
  const BondSpec& bond = *spec.bonds[at(spec.bonding)];
  const double at_once = spec.bonding == Bonding::w2w ? spec.dram.dies_per_wafer() : 1;
  return stacks * result.bonds_per_good / (core::Hertz(bond.rate) * at_once);
}

Line line_of(const StackSpec& spec, const StackResult& result) {
  return {spec.wafer_starts, spec.cycle_time, 1 / wafers_of(spec, result), spec.capacity()};
}

}  // namespace wordline::fab
