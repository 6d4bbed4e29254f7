// The DRAM of a chip: equal modules from the memory room, and how much of them software can fill.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "wordline/core/catalog.h"
#include "wordline/core/reader.h"
#include "wordline/core/units.h"
#include "wordline/memory/front_end.h"
#include "wordline/memory/system.h"

namespace wordline::chip {

// `count` modules of one kind and their controllers. Speed and capacity can be replaced one without the other.
struct Memory {
  std::string module;  // name in catalog/memory/modules
  int count = 0;
  core::Bytes capacity;                          // what software can fill
  core::BytesPerSecond peak;                     // of all modules together
  std::shared_ptr<const memory::System> system;  // what is simulated
  int pieces_at_once = 16;                       // scattered pieces that the cores fetch side by side, on each channel
  std::optional<memory::FrontEnd> cores;  // of a machine whose cores load in order, which bounds what they get together
};

// Modules of that name behind controllers of default settings; the capacity is theirs.
Memory modules_of(const core::Catalog&, const std::string& module, int count, const core::Location& asked_at = {});
// The same controllers and cores before other modules; the capacity is theirs.
Memory with_modules(Memory, const core::Catalog&, const std::string& module, int count,
                    const core::Location& asked_at = {});
// The [memory] table of a chip's file: `system`, a machine of catalog/memory/systems with its controllers' settings, or
// `module` and `count`, which beside `system` take the place of its modules; `capacity` where software cannot fill all.
Memory read_memory(const core::Catalog&, const core::Reader& table);

}  // namespace wordline::chip
