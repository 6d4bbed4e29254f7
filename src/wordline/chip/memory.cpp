#include "wordline/chip/memory.h"

#include <fmt/format.h>

namespace wordline::chip {

Memory modules_of(const core::Catalog& catalog, const std::string& module, int count, const core::Location& asked_at) {
  auto system = std::make_shared<memory::System>(memory::load_system(catalog, module, count, asked_at));
  return {module, count, system->capacity(), system->peak(), system};
}

Memory read_memory(const core::Catalog& catalog, const core::Reader& table) {
  Memory out = modules_of(catalog, table.text("module"), static_cast<int>(table.integer("count", 1, 1024)),
                          table.where("module"));
  if (table.has("capacity")) {
    const auto usable = table.quantity<core::Bytes>("capacity");
    if (usable > out.capacity)
      table.fail("capacity", fmt::format("at most what {} modules of {} hold, {:.1f} GB", out.count, out.module,
                                         out.capacity.in(core::gigabytes(1))));
    out.capacity = usable;
  }
  out.pieces_at_once = static_cast<int>(table.integer_or("pieces_at_once", out.pieces_at_once, 1, 4096));
  table.finish();
  return out;
}

}  // namespace wordline::chip
