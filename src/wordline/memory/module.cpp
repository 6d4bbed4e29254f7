#include "wordline/memory/module.h"

namespace wordline::memory {

Module load_module(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  catalog.load("memory/modules", name, asked_at);
  const core::Reader reader = catalog.read("memory/modules", name, asked_at);
  Module module;
  module.name = name;
  module.title = reader.text("title");
  dram::LevelSizes sizes;
  if (reader.has("ranks")) sizes["rank"] = static_cast<int>(reader.integer("ranks", 1, 8));
  module.part = std::make_shared<const dram::Part>(dram::load_part(catalog, reader.text("part"), sizes));
  module.read_delay = reader.quantity_or<core::Seconds>("read_delay", core::Seconds(0));
  reader.finish();
  return module;
}

}  // namespace wordline::memory
