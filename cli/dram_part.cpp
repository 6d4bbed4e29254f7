#include "dram_part.h"

#include <algorithm>

#include "wordline/memory/module.h"

namespace wordline::cli {

void PartOptions::add_to(Args& run) {
  run.positional("PART", name, "part (dram/parts) or module (memory/modules) of the catalogue").required();
  run.option("--ranks", ranks, "ranks of a DIMM or package; left out: the module's, 1 of a part");
  run.option("--hot", hot, "the mode in which refreshes come twice as often");
  run.option("--fine-granularity", fine_granularity, "shorter all-bank refreshes, twice as often (DDR4, DDR5)");
}

dram::Part PartOptions::load(const core::Catalog& catalog) const {
  dram::Modes modes;
  if (hot) modes.push_back("hot");
  if (fine_granularity) modes.push_back("fine-granularity");
  const auto named = [&](const char* kind) {
    const auto names = catalog.names(kind);
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::string part = name;
  int module_ranks = 1;
  if (!named("dram/parts") && named("memory/modules")) {
    const auto module = memory::load_module(catalog, name);
    const auto& geometry = module.part->standard.geometry;
    part = module.part->name;
    for (const auto& mode : module.modes)
      if (std::find(modes.begin(), modes.end(), mode) == modes.end()) modes.push_back(mode);
    if (const int level = geometry.level_of("rank"); level > 0)
      module_ranks = geometry.sizes[static_cast<std::size_t>(level)];
  }
  const int count = ranks > 0 ? ranks : module_ranks;
  return dram::load_part(catalog, part, count == 1 ? dram::LevelSizes{} : dram::LevelSizes{{"rank", count}}, modes);
}

}  // namespace wordline::cli
