// A memory module of the catalogue: a DRAM part in a package with its channels, ranks and own delays.
#pragma once

#include <memory>
#include <string>

#include "wordline/core/catalog.h"
#include "wordline/core/units.h"
#include "wordline/dram/part.h"

namespace wordline::memory {

// One DIMM or stack. Immutable after load; copies share the part.
struct Module {
  std::string name;                        // "hbm3-5200-8h-16gb"
  std::string title;                       // "HBM3 5.2 Gb/s, 8 high, 16 GB"
  std::shared_ptr<const dram::Part> part;  // one channel's table, the module's ranks included
  dram::Modes modes;                       // in which it operates: "hot", "fine-granularity"
  core::Seconds read_delay;                // added to every read by registers and data buffers; 0 for a bare stack

  // Command buses of the module: channels of a stack, sub-channels of a DIMM. They share nothing.
  int channels() const { return part->standard.geometry.channels; }
  core::Bytes capacity() const { return part->channel_bytes * channels(); }
  core::BytesPerSecond peak() const { return part->channel_peak * channels(); }
};

// Reads catalog/memory/modules/<name>.toml and its part; `modes` besides the file's own. Throws core::InputError with
// place and nearest name.
Module load_module(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at = {},
                   const dram::Modes& modes = {});

// The same module with its energies by another mode and for other data than uniform-random. Throws core::InputError
// where the mode asks for what the part lacks.
Module with_energies(Module module, dram::EnergyMode mode, const dram::DataRates& rates);

}  // namespace wordline::memory
