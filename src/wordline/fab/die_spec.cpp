#include "wordline/fab/die_spec.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "wordline/fab/repair.h"

namespace wordline::fab {

namespace {

template <class Visit>
void fields(DieSpec& die, const std::string& path, Visit&& visit) {
  visit.may(path + ".area", die.area, Limit::above_zero);
  visit.may(path + ".wafer_price", die.wafer_price);
  visit.may(path + ".processing", die.processing);
  visit.may(path + ".density", die.density);
  visit.may(path + ".clustering", die.clustering, Limit::above_zero);
  visit.may(path + ".critical_share", die.critical_share, Limit::share_above_zero);
  visit.may(path + ".parametric_yield", die.parametric_yield, Limit::share_above_zero);
  if (die.parts > 0) visit.need(path + ".parts_share", die.parts_share, Limit::share);
}

double yield_of(const DieSpec& die, const Defects& defects) {
  const core::SquareMetres area = die.area;
  if (die.parts == 0) return yield_of(defects, area);
  const core::SquareMetres all_parts = area * double(die.parts_share);
  const auto working = parts_that_work(defects, {area - all_parts, all_parts / double(die.parts), die.parts});
  return std::accumulate(working.begin() + die.needed, working.end(), 0.0);
}

}  // namespace

DieSize DieSpec::size() const {
  const core::Metres width(std::sqrt(core::SquareMetres(area).value() / aspect));
  return {width, width * aspect};
}

double DieSpec::dies_per_wafer() const { return dies_by_formula(size(), wafer); }

DieSupply supply_of(const DieSpec& die) {
  Defects defects = die.defects;
  defects.density = die.density;
  defects.clustering = die.clustering;
  defects.critical_share = die.critical_share;
  const double dies = die.dies_per_wafer();
  if (dies < 1)
    throw core::InputError({}, fmt::format("a die of {:.0f} mm2", core::SquareMetres(die.area).value() * 1e6),
                           "one of which the wafer holds at least one");
  return {yield_of(die, defects) * double(die.parametric_yield),
          (core::Usd(die.wafer_price) + core::Usd(die.processing)) / dies};
}

DieSpec read_die(FieldReader& file, const std::string& path, const core::Catalog& catalog,
                 const Ranged<core::SquareMetres>* area) {
  const core::Reader& table = file.table(path);
  DieSpec die;
  if (area) die.area = *area;
  if (!area || table.has("area")) file.need(path + ".area", die.area, Limit::above_zero);
  die.node = table.text("node");
  const Node node = load_node(catalog, die.node, table.where("node"));
  const std::string subject = "fab/nodes/" + die.node;
  die.wafer = node.wafer;
  die.defects = node.defects;
  die.wafer_price = {node.wafer_price, {subject, "wafer.price"}};
  die.density = {core::exactly(node.defects.density), {subject, "defects.density"}};
  die.clustering = {core::exactly(node.defects.clustering), {subject, "defects.clustering"}};
  die.critical_share = {core::exactly(node.defects.critical_share), {subject, "defects.critical_share"}};
  die.aspect = table.number_or("aspect", 1, 0.1, 10);
  if (table.has("parts")) {
    die.parts = static_cast<int>(table.integer("parts", 1, 10000));
    die.needed = static_cast<int>(table.integer("needed", 0, die.parts));
    if (die.defects.layers != 1) table.fail("parts", "a node whose faults are one group of layers");
  }
  fields(die, path, file);
  const double slender = std::max(die.aspect, 1 / die.aspect), wafer = die.wafer.diameter.value();
  if (std::sqrt(die.area.range().high * slender) > wafer / 3)
    table.fail("area", "sides of at most a third of the wafer's diameter");
  if (std::sqrt(die.area.range().low / slender) < wafer / 500)
    table.fail("area", "sides of at least 1/500 of the wafer's diameter");
  return die;
}

void add_inputs(Inputs& inputs, DieSpec& die) { fields(die, "", InputCollector{inputs}); }

}  // namespace wordline::fab
