#include "wordline/chip/memory.h"

#include <fmt/format.h>

#include "wordline/memory/named_system.h"

namespace wordline::chip {

namespace {

Memory memory_of(memory::System system) {
  const auto shared = std::make_shared<const memory::System>(std::move(system));
  Memory out;
  out.module = shared->module.name;
  out.count = shared->count;
  out.capacity = shared->capacity();
  out.peak = shared->peak();
  out.system = shared;
  return out;
}

Memory read_modules(const core::Catalog& catalog, const core::Reader& table) {
  constexpr int most = 1024;
  if (!table.has("system")) {
    if (!table.has("module")) table.fail("module", "a module with its count, or the system of a machine that is known");
    return modules_of(catalog, table.text("module"), static_cast<int>(table.integer("count", 1, most)),
                      table.where("module"));
  }
  Memory machine = memory_of(memory::load_controllers(catalog, table.text("system"), table.where("system")));
  machine.cores = memory::load_cores_in_order(catalog, table.text("system"), table.where("system"));
  if (!table.has("module") && !table.has("count")) return machine;
  return with_modules(machine, catalog, table.text_or("module", machine.module),
                      static_cast<int>(table.integer_or("count", machine.count, 1, most)), table.where("module"));
}

}  // namespace

Memory modules_of(const core::Catalog& catalog, const std::string& module, int count, const core::Location& asked_at) {
  return memory_of(memory::load_system(catalog, module, count, asked_at));
}

Memory with_modules(Memory memory, const core::Catalog& catalog, const std::string& module, int count,
                    const core::Location& asked_at) {
  Memory out = memory_of(memory::with_modules(*memory.system, memory::load_module(catalog, module, asked_at), count));
  out.pieces_at_once = memory.pieces_at_once;
  out.cores = memory.cores;
  return out;
}

Memory read_memory(const core::Catalog& catalog, const core::Reader& table) {
  Memory out = read_modules(catalog, table);
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
