#include "wordline/memory/module.h"

#include <algorithm>

namespace wordline::memory {

namespace {

// The part of a module and whether it suits `pair`, where the module says it: of a pair of ranks that answers as one,
// the part's twin "<part>-locked".
dram::Part read_part(const core::Catalog& catalog, const core::Reader& module, const dram::LevelSizes& sizes,
                     const dram::Modes& modes) {
  const std::string name = module.text("part");
  if (!module.has("pair")) return dram::load_part(catalog, name, sizes, modes);
  const bool locked = module.choice("pair", {"pseudochannels", "locked"}) == "locked";
  dram::Part part = dram::load_part(catalog, locked ? name + "-locked" : name, sizes, modes);
  if (!locked && part.standard.geometry.level_of("pseudochannel") < 0)
    module.fail("pair", "a part whose pairs of ranks are pseudo-channels");
  return part;
}

// What registers and buffers add to a read; a key that is left out adds nothing.
core::Seconds read_delay(const core::Reader& module) {
  core::Seconds sum(0);
  for (const auto* key : {"read_delay", "registering_delay", "buffer_delay"})
    sum = sum + module.quantity_or<core::Seconds>(key, core::Seconds(0));
  return sum;
}

}  // namespace

Module load_module(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at,
                   const dram::Modes& modes) {
  catalog.load("memory/modules", name, asked_at);
  const core::Reader reader = catalog.read("memory/modules", name, asked_at);
  Module module;
  module.name = name;
  module.title = reader.text("title");
  dram::LevelSizes sizes;
  if (reader.has("ranks")) sizes["rank"] = static_cast<int>(reader.integer("ranks", 1, 8));
  if (reader.has("modes")) module.modes = reader.texts("modes");
  for (const auto& mode : modes)
    if (std::find(module.modes.begin(), module.modes.end(), mode) == module.modes.end()) module.modes.push_back(mode);
  module.part = std::make_shared<const dram::Part>(read_part(catalog, reader, sizes, module.modes));
  module.read_delay = read_delay(reader);
  reader.finish();
  return module;
}

Module with_energies(Module module, dram::EnergyMode mode, const dram::DataRates& rates) {
  dram::Part part = *module.part;
  part.power = dram::power_of(part.power_table, part.standard, part.clock.period(), mode, rates);
  module.part = std::make_shared<const dram::Part>(std::move(part));
  return module;
}

}  // namespace wordline::memory
