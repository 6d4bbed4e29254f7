#include "wordline/chip/memory.h"

namespace wordline::chip {

Memory modules_of(const core::Catalog&, const std::string& module, int count, const core::Location&) {
  Memory out;
  out.module = module;
  out.count = count;
  return out;
}

Memory read_memory(const core::Catalog& catalog, const core::Reader& table) {
  Memory out = modules_of(catalog, table.text("module"), static_cast<int>(table.integer("count", 1, 1024)),
                          table.where("module"));
  if (table.has("capacity")) out.capacity = table.quantity<core::Bytes>("capacity");
  table.finish();
  return out;
}

}  // namespace wordline::chip
