// The plain map of many simulators: blocks go around the data buses, then column lowest, bank group, bank, rank, row.
#include "wordline/memory/policy/address_map/address_map_policy.h"

namespace wordline::memory::policy::address_map {

std::string linear(const System& system) {
  const auto& geometry = system.module.part->standard.geometry;
  const int data_bus_level = system.module.part->standard.data_bus_level;
  std::string text;
  for (int level = data_bus_level; level > 0; --level) text += geometry.levels[static_cast<std::size_t>(level)] + " ";
  text += "channel module column";
  for (int level = geometry.bank_level() - 1; level <= geometry.bank_level(); ++level)
    text += " " + geometry.levels[static_cast<std::size_t>(level)];
  for (int level = data_bus_level + 1; level < geometry.bank_level() - 1; ++level)
    text += " " + geometry.levels[static_cast<std::size_t>(level)];
  return text + " row";
}

}  // namespace wordline::memory::policy::address_map
