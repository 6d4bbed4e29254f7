// When refreshes are wanted: debts and credits in time, as the standard allows them.
#include <algorithm>

#include <fmt/format.h>

#include "wordline/core/error.h"
#include "wordline/memory/policy/refresh/refresh.h"

namespace wordline::memory {

void divide_into_units(ChannelState& state, Kind kind) {
  const auto& standard = state.standard;
  const auto id = command_ids(standard)[kind];
  if (id == dram::no_command)
    throw core::UsageError(
        fmt::format("refresh: found \"{}\"; {} has no such command", state.settings.refresh, standard.name));
  state.refresh = kind;
  for (const auto& spec : standard.refreshes) {
    if (spec.command != id) continue;
    state.refresh_period = spec.credit;
    const auto within = [&](const char* name, int value, Tick limit) {
      if (value > limit)
        throw core::UsageError(
            fmt::format("{}: found {}; wanted at most {}, as {} allows", name, value, limit, standard.name));
      return value * spec.credit;
    };
    state.postponed = within("postponed_refreshes", state.settings.postponed_refreshes, spec.latest / spec.credit - 1);
    const Tick allowed = spec.earliest / spec.credit - 1;
    state.pulled_in = std::min<Tick>(state.settings.pulled_in_refreshes, allowed) * spec.credit;
  }
  state.units.clear();
  for (int b = 0; b < standard.geometry.banks(); ++b) {
    const auto& reached = state.timing.reached(kind, b);
    if (reached.front() != b) continue;
    Unit unit;
    unit.lane = state.bank(b).lane;
    unit.bank = b;
    for (const std::int32_t bank : reached) {
      if (state.bank(bank).lane != unit.lane)
        throw core::UsageError("refresh: a refresh that reaches more than one data bus");
      state.bank(bank).unit = static_cast<std::int16_t>(state.units.size());
    }
    Lane& lane = state.lanes[static_cast<std::size_t>(unit.lane)];
    if (lane.unit_count++ == 0) lane.first_unit = static_cast<std::int16_t>(state.units.size());
    if (lane.unit_count > 64)
      throw core::UsageError("refresh: more than 64 units behind one data bus; wanted \"all-bank\"");
    state.units.push_back(unit);
  }
}

void spread_first_refreshes(ChannelState& state, const std::vector<std::size_t>& turns) {
  const auto count = static_cast<Tick>(turns.size());
  const Tick period = state.refresh_period;
  const auto later = static_cast<Tick>(state.settings.refresh_phase * static_cast<double>(period));
  for (Tick turn = 0; turn < count; ++turn) {
    const Tick due = period * (2 * turn + 1) / (2 * count) + later;
    state.units[turns[static_cast<std::size_t>(turn)]].due = due > period ? due - period : due;
  }
}

void pass_time(const ChannelState& state, Lane& lane, Tick now) {
  lane.refresh_at = never;
  if (state.refresh_period == 0) return;
  lane.may_come_early = lane.owed = lane.forced = 0;
  for (int u = 0; u < lane.unit_count; ++u) {
    const Tick due = state.units[static_cast<std::size_t>(lane.first_unit + u)].due;
    const std::uint64_t bit = std::uint64_t{1} << u;
    const auto passed = [&](Tick at, std::uint64_t& bits) {
      if (now >= at)
        bits |= bit;
      else
        lane.refresh_at = std::min(lane.refresh_at, at);
    };
    passed(due - state.pulled_in, lane.may_come_early);
    passed(due, lane.owed);
    passed(due + state.postponed, lane.forced);
  }
}

}  // namespace wordline::memory
