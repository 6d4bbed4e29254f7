// Per-bank refresh (REFpb), or same-bank refresh (REFsb) where the standard has that: data buses take turns, then ranks
// or stack ids, then bank groups, then banks, so that neighbours in time are far apart.
#include <algorithm>
#include <numeric>

#include "wordline/memory/policy/refresh/refresh.h"

namespace wordline::memory::policy::refresh {

namespace {

// The bank's digits read from the deepest level up.
std::int64_t turn_of(const dram::Geometry& geometry, std::int32_t bank) {
  std::int64_t turn = 0;
  for (int level = geometry.bank_level(); level > 0; --level)
    turn = turn * geometry.sizes[static_cast<std::size_t>(level)] + geometry.field(level, bank);
  return turn;
}

void set_up(ChannelState& state) {
  divide_into_units(state, ref_bank);
  const auto& geometry = state.standard.geometry;
  std::vector<std::size_t> turns(state.units.size());
  std::iota(turns.begin(), turns.end(), std::size_t{0});
  std::sort(turns.begin(), turns.end(), [&](std::size_t a, std::size_t b) {
    return turn_of(geometry, state.units[a].bank) < turn_of(geometry, state.units[b].bank);
  });
  spread_first_refreshes(state, turns);
}

}  // namespace

const RefreshPolicy per_bank{.set_up = set_up};

}  // namespace wordline::memory::policy::refresh
