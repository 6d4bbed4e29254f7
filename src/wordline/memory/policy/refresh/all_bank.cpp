// All-bank refresh (REFab): a rank or stack id at a time, taking turns through one interval.
#include <numeric>

#include "wordline/memory/policy/refresh/refresh.h"

namespace wordline::memory::policy::refresh {

namespace {

void set_up(ChannelState& state) {
  divide_into_units(state, ref_all);
  std::vector<std::size_t> turns(state.units.size());
  std::iota(turns.begin(), turns.end(), std::size_t{0});
  spread_first_refreshes(state, turns);
}

}  // namespace

const RefreshPolicy all_bank{.set_up = set_up};

}  // namespace wordline::memory::policy::refresh
