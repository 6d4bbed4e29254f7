// The memory of a machine: equal modules behind one address map, with a controller for each command bus.
#pragma once

#include <algorithm>
#include <string>

#include "wordline/core/catalog.h"
#include "wordline/core/units.h"
#include "wordline/memory/module.h"
#include "wordline/memory/settings.h"

namespace wordline::memory {

// `count` modules of one kind. Immutable; copies are cheap.
struct System {
  Module module;
  int count = 1;
  Settings settings = {};

  // Command buses of all modules; channel c of module m has the number m * module.channels() + c.
  int channels() const { return count * module.channels(); }
  core::Bytes capacity() const { return module.capacity() * count; }
  core::BytesPerSecond peak() const { return module.peak() * count; }
  // Bytes that one access moves: the settings', else a cache line of 64, or a burst where that is longer (128 of a
  // locked pair of ranks).
  int access_bytes() const {
    if (settings.access_bytes > 0) return settings.access_bytes;
    return std::max(64, module.part->standard.geometry.burst_bytes);
  }
  // Bursts of one access on its data bus: two where a burst is 32 bytes (HBM), else one.
  int bursts() const;
};

// `count` modules of that name, in `modes` besides their own. Throws core::InputError for an unknown name, with the
// nearest.
System load_system(const core::Catalog& catalog, const std::string& module, int count = 1,
                   const core::Location& asked_at = {}, const dram::Modes& modes = {});

}  // namespace wordline::memory
