#include "wordline/memory/module.h"

namespace wordline::memory {

namespace {

// The part of a module and whether it suits `pair`, where the module says it: of a pair of ranks that answers as one,
// the part's twin "<part>-locked".
dram::Part read_part(const core::Catalog& catalog, const core::Reader& module, const dram::LevelSizes& sizes) {
  const std::string name = module.text("part");
  if (!module.has("pair")) return dram::load_part(catalog, name, sizes);
  const bool locked = module.choice("pair", {"pseudochannels", "locked"}) == "locked";
  dram::Part part = dram::load_part(catalog, locked ? name + "-locked" : name, sizes);
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

Module load_module(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  catalog.load("memory/modules", name, asked_at);
  const core::Reader reader = catalog.read("memory/modules", name, asked_at);
  Module module;
  module.name = name;
  module.title = reader.text("title");
  dram::LevelSizes sizes;
  if (reader.has("ranks")) sizes["rank"] = static_cast<int>(reader.integer("ranks", 1, 8));
  module.part = std::make_shared<const dram::Part>(read_part(catalog, reader, sizes));
  module.read_delay = read_delay(reader);
  reader.finish();
  return module;
}

}  // namespace wordline::memory
