#include "wordline/memory/policy/refresh/all_bank.h"

#include <algorithm>

namespace wordline::memory::policy::refresh {

void stagger(ChannelState& state) {
  const auto units = static_cast<Tick>(state.units.size());
  for (Tick u = 0; u < units; ++u)
    state.units[static_cast<std::size_t>(u)].due = state.refresh_period * (2 * u + 1) / (2 * units);
}

namespace {

void want(ChannelState& state, Unit& unit) {
  unit.wanted = true;
  state.lanes[static_cast<std::size_t>(unit.lane)].make_stale();
}

}  // namespace

bool update_due(ChannelState& state, Tick now) {
  if (state.refresh_period == 0) return false;
  bool changed = false;
  for (Unit& unit : state.units) {
    if (unit.wanted || now < unit.due) continue;
    want(state, unit);
    changed = true;
  }
  return changed;
}

bool update_early(ChannelState& state, Tick now) {
  if (!state.may_pull_in) return false;
  bool changed = false;
  for (Unit& unit : state.units) {
    if (unit.wanted || now < unit.due - state.refresh_period) continue;
    const Lane& lane = state.lanes[static_cast<std::size_t>(unit.lane)];
    if (lane.active().size == 0 || unit.queued[lane.writing] > 0) continue;
    want(state, unit);
    changed = true;
  }
  return changed;
}

Tick next_change(const ChannelState& state, Tick now) {
  Tick next = never;
  if (state.refresh_period == 0) return next;
  for (const Unit& unit : state.units) {
    if (unit.wanted) continue;
    const Tick opens = unit.due - state.refresh_period;
    next = std::min(next, state.may_pull_in && opens > now ? opens : unit.due);
  }
  return next;
}

}  // namespace wordline::memory::policy::refresh
