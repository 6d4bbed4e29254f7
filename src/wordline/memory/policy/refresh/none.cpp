// No refresh at all: what a memory would do without.
#include "wordline/memory/policy/refresh/refresh.h"

namespace wordline::memory::policy::refresh {

namespace {

void set_up(ChannelState& state) {
  for (Lane& lane : state.lanes) {
    for (std::int32_t b = lane.first_bank; b < lane.end_bank; ++b) state.bank(b).unit = lane.index;
    lane.first_unit = lane.index;
    lane.unit_count = 1;
    lane.refresh_at = never;
    Unit unit;
    unit.lane = lane.index;
    unit.bank = lane.first_bank;
    state.units.push_back(unit);
  }
}

}  // namespace

const RefreshPolicy none{.set_up = set_up};

}  // namespace wordline::memory::policy::refresh
