#include "wordline/fab/node.h"

namespace wordline::fab {

namespace {

WaferFormat wafer_format(const core::Reader& table) {
  WaferFormat wafer;
  wafer.diameter = table.quantity<core::Metres>("diameter");
  wafer.edge = table.quantity<core::Metres>("edge");
  wafer.scribe_x = wafer.scribe_y = table.quantity<core::Metres>("scribe");
  wafer.notch = table.quantity_or("notch", core::Metres(0));
  wafer.flat = table.quantity_or("flat", core::Metres(0));
  try {
    check(wafer);
  } catch (const core::InputError& error) {
    throw core::InputError(core::to_string(table.where()) + ": " + error.what());
  }
  return wafer;
}

Defects defects_of(const core::Reader& table) {
  Defects defects;
  defects.model = table.choice("model", yield_models());
  defects.density = table.quantity<core::PerSquareMetre>("density");
  if (table.has("clustering")) defects.clustering = table.number("clustering", 1e-3);
  if (table.has("critical_share")) defects.critical_share = table.number("critical_share", 1e-6, 1);
  if (table.has("layers")) defects.layers = table.number("layers", 1e-6, 1e6);
  return defects;
}

}  // namespace

Node read_node(const std::string& name, const core::Reader& table) {
  Node node;
  node.name = name;
  node.title = table.text("title");
  const auto wafer = table.table("wafer");
  node.wafer_price = wafer.range<core::Usd>("price");
  node.wafer = wafer_format(wafer);
  wafer.finish();
  const auto defects = table.table("defects");
  node.defects = defects_of(defects);
  defects.finish();
  if (table.has("sources")) table.table("sources");
  table.finish();
  return node;
}

Node load_node(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  return read_node(name, catalog.read("fab/nodes", name, asked_at));
}

}  // namespace wordline::fab
