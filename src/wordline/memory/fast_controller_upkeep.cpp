// What the fast controller does now and then rather than for every access: refreshes, closing idle rows, counts.
#include <algorithm>
#include <bit>

#include "wordline/memory/fast_controller.h"
#include "wordline/memory/policy/refresh/refresh.h"

namespace wordline::memory {

// ---- refreshes

void FastController::want(Lane& lane, std::uint64_t units, Tick now) {
  lane.wanted |= units;
  for (; units; units &= units - 1) {
    Unit& unit = state_.units[static_cast<std::size_t>(lane.first_unit + std::countr_zero(units))];
    unit.ready = now;
    ++wanted_;
    for (const std::int32_t b : state_.timing.reached(state_.refresh, unit.bank)) {
      state_.bank(b).blocked = true;
      settle(state_, lane, state_.bank(b), b);
    }
  }
  wanted_at_ = now;
}

void FastController::issue_refreshes(Tick now, bool owed) {
  for (Lane& lane : state_.lanes)
    for (std::uint64_t units = lane.wanted; units; units &= units - 1) {
      const int u = std::countr_zero(units);
      Unit& unit = state_.units[static_cast<std::size_t>(lane.first_unit + u)];
      if ((now >= unit.due) == owed && unit.ready <= now && issue_refresh(lane, u, now)) unit.ready = now + 1;
    }
}

void FastController::look_ahead_for_refreshes(Tick now) {
  wanted_at_ = never;
  if (wanted_ == 0) return;
  for (const Lane& lane : state_.lanes)
    for (std::uint64_t units = lane.wanted; units; units &= units - 1) {
      const Unit& unit = state_.units[static_cast<std::size_t>(lane.first_unit + std::countr_zero(units))];
      wanted_at_ = std::min(wanted_at_, std::max(unit.ready, now + 1));
    }
}

// The unit's next command, if it can issue now; else the unit knows from when on it may be asked again.
bool FastController::issue_refresh(Lane& lane, int u, Tick now) {
  Unit& unit = state_.units[static_cast<std::size_t>(lane.first_unit + u)];
  const auto& reached = state_.timing.reached(state_.refresh, unit.bank);
  if (unit.open_banks == 0) {
    unit.ready = state_.timing.earliest(state_.refresh, unit.bank, now);
    if (unit.ready > now) return false;
    issue_alone(state_.refresh, unit.bank, now);
    refreshed(lane, u, now);
    return true;
  }
  if (state_.refresh == ref_all) {
    unit.ready = state_.timing.earliest(pre_all, unit.bank, now);
    if (unit.ready > now) return false;
    issue_alone(pre_all, unit.bank, now);
    for (const std::int32_t bank : reached)
      if (state_.bank(bank).row != Bank::closed) close(lane, bank, Bank::unlearned, now);
    return true;
  }
  unit.ready = never;
  for (const std::int32_t bank : reached) {
    if (state_.bank(bank).row == Bank::closed) continue;
    const Tick ready = state_.timing.earliest(pre, bank, now);
    unit.ready = std::min(unit.ready, ready);
    if (ready > now) continue;
    issue_alone(pre, bank, now);
    close(lane, bank, Bank::unlearned, now);
    return true;
  }
  return false;
}

void FastController::refreshed(Lane& lane, int u, Tick now) {
  Unit& unit = state_.units[static_cast<std::size_t>(lane.first_unit + u)];
  unit.due += state_.refresh_period;
  lane.wanted &= ~(std::uint64_t{1} << u);
  pass_time(state_, lane, now + 1);
  if (refreshes_to_want(state_, lane) != 0)
    lane.due[deed_update] = 0;
  else
    state_.lower(lane.due[deed_update], lane.refresh_at);
  --wanted_;
  for (const std::int32_t b : state_.timing.reached(state_.refresh, unit.bank)) {
    state_.bank(b).blocked = false;
    settle(state_, lane, state_.bank(b), b);
  }
}

void FastController::close(Lane& lane, std::int32_t b, std::int32_t closed_row, Tick now) {
  Bank& bank = state_.bank(b);
  if (bank.row == Bank::closed) return;
  count_closed(bank, closed_row, now);
  set_row(state_, lane, bank, b, Bank::closed);
}

// ---- idle rows

// Closes the first row that nobody waits for and whose time has come.
void FastController::close_idle(Lane& lane, Tick now) {
  look_for_idle(lane, now);
  state_.lower(lane.due[deed_update], lane.page_at);
}

void FastController::look_for_idle(Lane& lane, Tick now) {
  lane.page_at = never;
  for (std::int32_t b = lane.first_bank; b < lane.end_bank; ++b) {
    Bank& bank = state_.bank(b);
    if (bank.row == Bank::closed || state_.blocked(b) || bank.waiting[0].hits + bank.waiting[1].hits > 0) continue;
    Tick at = std::max(now, bank.used_at + page_.idle_ticks(state_, bank));
    if (at <= now) at = state_.timing.earliest(pre, b, now);
    if (at <= now) {
      issue_alone(pre, b, now);
      close(lane, b, bank.row, now);
      lane.page_at = now + 1;
      return;
    }
    lane.page_at = std::min(lane.page_at, at);
  }
}

// ---- counts

dram::Activity FastController::activity(Tick end) const {
  dram::Activity sum;
  sum.ticks = end;
  sum.bank_open_ticks = bank_open_ticks_;
  sum.rank_open_ticks = rank_open_ticks_;
  sum.commands.assign(state_.standard.commands.size(), 0);
  for (std::size_t kind = 0; kind < kind_count; ++kind)
    if (id_[kind] != dram::no_command) sum.commands[id_[kind]] += issued_[kind];
  if (state_.standard.usual.act_first != dram::no_command)
    sum.commands[state_.standard.usual.act_first] += issued_[act];
  for (const Bank& bank : state_.banks)
    if (bank.row != Bank::closed) sum.bank_open_ticks += std::max<Tick>(0, end - bank.opened_at);
  for (std::size_t rank = 0; rank < rank_open_.size(); ++rank)
    if (rank_open_[rank] > 0) sum.rank_open_ticks += std::max<Tick>(0, end - rank_opened_at_[rank]);
  return sum;
}

std::unique_ptr<Controller> make_fast_controller(const dram::Standard& standard, const Settings& settings, int bursts) {
  return std::make_unique<FastController>(standard, settings, bursts);
}

}  // namespace wordline::memory
