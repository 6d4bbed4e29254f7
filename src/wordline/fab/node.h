// A process node of the catalogue (catalog/fab/nodes): what a wafer costs, what it looks like, and how it fails.
#pragma once

#include <string>

#include "wordline/core/catalog.h"
#include "wordline/fab/die.h"
#include "wordline/fab/yield.h"

namespace wordline::fab {

struct Node {
  std::string name, title;
  core::Range<core::Usd> wafer_price;  // one processed wafer, before test and packaging
  WaferFormat wafer;
  Defects defects;
};

// Throws core::InputError with file and line for a bad file, with the nearest name for an unknown node.
Node load_node(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at = {});
Node read_node(const std::string& name, const core::Reader& table);

}  // namespace wordline::fab
