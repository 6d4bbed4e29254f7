// Minimalist open-page (Kaseridis, Stuecheli and John, MICRO 2011): four blocks of a row, then channel, module and
// every level down to the bank, then the row's other blocks, then the row. A stream takes four blocks from each bank in
// turn. Every level below the channel is xored with bits of the row of its own, the bank group with the lowest; where a
// size is no power of two it is added to, modulo the size.
#include <fmt/format.h>

#include <algorithm>

#include "wordline/memory/policy/address_map/address_map_policy.h"
#include "wordline/memory/policy/address_map/hashes.h"

namespace wordline::memory::policy::address_map {

std::string mop(const System& system) {
  const auto& geometry = system.module.part->standard.geometry;
  const std::int64_t columns = geometry.columns / system.bursts();
  std::int64_t together = std::min<std::int64_t>(4, columns);
  while (columns % together != 0) --together;
  const int bank = geometry.bank_level();
  std::string text = fmt::format("column:{} channel module", together);
  std::vector<int> order;  // data buses first, then bank groups and banks, then ranks
  for (int level = 1; level <= system.module.part->standard.data_bus_level; ++level) order.push_back(level);
  std::vector<int> hashed{bank - 1, bank};
  for (int level = std::max(1, bank - 1); level <= bank; ++level)
    if (std::find(order.begin(), order.end(), level) == order.end()) order.push_back(level);
  for (int level = 1; level < bank - 1; ++level) {
    if (std::find(order.begin(), order.end(), level) == order.end()) order.push_back(level);
    hashed.push_back(level);
  }
  for (const int level : order) text += " " + geometry.levels[static_cast<std::size_t>(level)];
  return text + " column row" + row_hashes(system, hashed);
}

}  // namespace wordline::memory::policy::address_map
