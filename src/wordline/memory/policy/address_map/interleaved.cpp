// 256-byte granules go around all data buses of all modules, then around the bank groups, so that a stream keeps every
// bus busy. A rank (stack id) is left only after long enough for another rank's refresh to hide behind the stream.
#include <fmt/format.h>

#include <algorithm>

#include "wordline/memory/policy/address_map/address_map_policy.h"

namespace wordline::memory::policy::address_map {

namespace {

// Rows of one bank that a stream should pass before it changes the rank: the least power of two whose time is at least
// twice what a refresh takes from the last read before it to the first one after it.
std::int64_t stripes_before_rank_change(const System& system, std::int64_t stripe_bytes) {
  const auto& part = *system.module.part;
  const auto& standard = part.standard;
  if (standard.usual.ref_all == dram::no_command) return 1;
  const auto& geometry = standard.geometry;
  const double blocked_ticks =
      static_cast<double>(standard.spec(standard.usual.ref_all).busy) +
      3.0 * static_cast<double>(standard.gap(geometry.bank_level(), standard.usual.act, standard.usual.rd));
  const double bus_rate = part.channel_peak.value() / geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)];
  const double stripe_seconds = static_cast<double>(stripe_bytes) / bus_rate;
  const double wanted = 2 * blocked_ticks * part.clock.period().value();
  std::int64_t stripes = 1;
  while (static_cast<double>(stripes) * stripe_seconds < wanted) stripes *= 2;
  return stripes;
}

}  // namespace

std::string interleaved(const System& system) {
  const auto& geometry = system.module.part->standard.geometry;
  const int data_bus_level = system.module.part->standard.data_bus_level;
  const int bank_level = geometry.bank_level(), group_level = bank_level - 1;
  const std::int64_t columns = geometry.columns / system.bursts();
  const auto size = [&](int level) -> std::int64_t { return geometry.sizes[static_cast<std::size_t>(level)]; };

  std::string text = fmt::format("column:{}", std::min<std::int64_t>(4, columns));
  for (int level = data_bus_level; level > 0; --level) text += " " + geometry.levels[static_cast<std::size_t>(level)];
  text += fmt::format(" channel module {} column", geometry.levels[static_cast<std::size_t>(group_level)]);

  const std::int64_t row_bytes = std::int64_t{geometry.columns} * geometry.burst_bytes;
  const std::int64_t stripes = stripes_before_rank_change(system, row_bytes * size(group_level));
  const std::int64_t banks = std::min(stripes, size(bank_level));
  const std::int64_t rows = std::max<std::int64_t>(1, stripes / banks);
  const std::string& bank = geometry.levels[static_cast<std::size_t>(bank_level)];
  text += fmt::format(" {}:{}", bank, banks);
  if (rows > 1 && geometry.rows % rows == 0) text += fmt::format(" row:{}", rows);
  for (int level = data_bus_level + 1; level < group_level; ++level)
    text += " " + geometry.levels[static_cast<std::size_t>(level)];
  return text + fmt::format(" {0} row {0}+=row", bank);
}

}  // namespace wordline::memory::policy::address_map
