#include "wordline/memory/fast_controller.h"

#include <algorithm>
#include <bit>

#include "wordline/memory/policy/refresh/all_bank.h"
#include "wordline/memory/policy/scheduler/fr_fcfs.h"
#include "wordline/memory/queue.h"

namespace wordline::memory {

FastController::FastController(const dram::Standard& standard, const Settings& settings, int bursts,
                               dram::CommandTrace* commands)
    : state_(make_state(standard, settings, bursts)), commands_(commands), id_(command_ids(standard)) {
  for (const Kind kind : {rd, wr}) {
    const auto& spec = standard.spec(id_[kind]);
    beats_[kind] = spec.latency + spec.burst;
  }
  policy::refresh::stagger(state_);
  const auto ranks = static_cast<std::size_t>(standard.geometry.ranks());
  rank_open_.assign(ranks, 0);
  rank_opened_at_.assign(ranks, 0);
  activity_.commands.assign(standard.commands.size(), 0);
}

void FastController::accept(const Access& access, Tick now) {
  enqueue(state_, access, next_id_++, now);
  Bank& bank = state_.banks[static_cast<std::size_t>(access.bank)];
  Lane& lane = state_.lanes[static_cast<std::size_t>(bank.lane)];
  if (access.write == lane.writing) {
    lane.row_stale |= lane.row.bank == access.bank && lane.row.kind == pre;  // a hit may keep the row open
    policy::scheduler::consider(state_, lane, access.bank, now);
  }
  ++queued_;
  ++(access.write ? counters_.accepted_writes : counters_.accepted_reads);
}

void FastController::update_policies(Tick now) {
  wishes_ |= policy::refresh::update_due(state_, now);
  for (Lane& lane : state_.lanes) {
    const bool writing = policy::scheduler::writes_next(lane, state_.settings);
    const Queue& queue = lane.queues[writing];
    const bool starving =
        queue.size > 0 && now - queue.slots[static_cast<std::size_t>(queue.oldest)].arrival >= state_.age_cap;
    if (writing != lane.writing || starving != lane.starving) lane.make_stale();
    lane.writing = writing;
    lane.starving = starving;
  }
  wishes_ |= policy::refresh::update_early(state_, now);
}

void FastController::pick(Tick now) {
  for (Lane& lane : state_.lanes)
    if (lane.row_stale || lane.column_stale) policy::scheduler::choose(state_, lane, now);
}

void FastController::process(Tick now) {
  issued_ = false;
  update_policies(now);
  pick(now);
  while (wishes_ && issue_refresh(now, true)) pick(now);
  while (issue_best(&Lane::row, now)) pick(now);
  while (wishes_ && issue_refresh(now, false)) pick(now);
  while (issue_best(&Lane::column, now)) pick(now);
}

Tick FastController::next_event(Tick now) const {
  if (issued_) return now + 1;
  Tick next = policy::refresh::next_change(state_, now);
  if (wishes_)
    for (const Unit& unit : state_.units)
      if (unit.wanted) next = std::min(next, refresh_tick(unit, now + 1));
  for (const Lane& lane : state_.lanes) {
    next = std::min({next, lane.row.tick, lane.column.tick});
    const Queue& queue = lane.active();
    if (queue.size > 0 && !lane.starving)
      next = std::min(next, queue.slots[static_cast<std::size_t>(queue.oldest)].arrival + state_.age_cap);
  }
  return std::max(next, now + 1);
}

Tick FastController::refresh_tick(const Unit& unit, Tick from) const {
  return state_.timing.earliest_wide(unit.open_banks > 0 ? pre_all : ref_all, unit.first_bank, from);
}

bool FastController::issue_refresh(Tick now, bool due) {
  for (Unit& unit : state_.units) {
    if (!unit.wanted || (now >= unit.due) != due || refresh_tick(unit, now) > now) continue;
    if (unit.open_banks > 0) {
      const int banks = static_cast<int>(state_.banks.size() / state_.units.size());
      issue(pre_all, unit.first_bank, 0, 0, now);
      for (int bank = unit.first_bank; bank < unit.first_bank + banks; ++bank) close(bank, now);
      return true;
    }
    issue(ref_all, unit.first_bank, 0, 0, now);
    unit.wanted = false;
    unit.due += state_.refresh_period;
    wishes_ = std::any_of(state_.units.begin(), state_.units.end(), [](const Unit& u) { return u.wanted; });
    return true;
  }
  return false;
}

bool FastController::issue_best(Pick Lane::*bus, Tick now) {
  Lane* best = nullptr;
  for (Lane& lane : state_.lanes)
    if ((lane.*bus).tick <= now && (!best || (lane.*bus).id < (best->*bus).id)) best = &lane;
  if (!best) return false;
  const Pick pick = best->*bus;
  Slot& slot = best->active().slots[static_cast<std::size_t>(pick.slot)];
  switch (pick.kind) {
    case act:
      slot.opened = true;
      issue(act, pick.bank, slot.row, 0, now);
      open(pick.bank, slot.row, now);
      break;
    case pre:
      issue(pre, pick.bank, 0, 0, now);
      close(pick.bank, now);
      break;
    default:
      issue_column(*best, pick, now);
  }
  policy::scheduler::consider(state_, *best, pick.bank, now);
  return true;
}

void FastController::issue(Kind kind, std::int32_t bank, std::int32_t row, std::int32_t column, Tick now) {
  state_.timing.issue(kind, bank, now);
  ++activity_.commands[id_[kind]];
  if (commands_) commands_->push_back({.tick = now, .bank = bank, .row = row, .column = column, .id = id_[kind]});
  issued_ = true;
  mark_stale(state_.lanes[static_cast<std::size_t>(state_.banks[static_cast<std::size_t>(bank)].lane)], kind);
}

void FastController::mark_stale(const Lane& own, Kind kind) {
  const auto held_back = [&](const Pick& pick) {
    return pick.tick != never && state_.timing.earliest_on_lane(pick.kind, pick.bank) > pick.tick;
  };
  const auto spreads = [&](Kind a, Kind b) { return state_.timing.spreads(kind, a) || state_.timing.spreads(kind, b); };
  const bool column = kind == rd || kind == wr, wide = kind == pre_all || kind == ref_all;
  for (Lane& lane : state_.lanes) {
    lane.row_stale |= held_back(lane.row);
    lane.column_stale |= held_back(lane.column);
    if (&lane != &own) {
      if (state_.timing.reaches_other_lanes(kind)) lane.make_stale();
      continue;
    }
    lane.row_stale |= !column || spreads(act, pre);
    lane.column_stale |= column || wide || spreads(rd, wr);
  }
}

void FastController::issue_column(Lane& lane, const Pick& pick, Tick now) {
  Slot& slot = lane.active().slots[static_cast<std::size_t>(pick.slot)];
  issue(pick.kind, pick.bank, 0, slot.column, now);
  ++slot.column;
  if (--slot.left == 0) remove(lane, pick.slot, now + beats_[pick.kind]);
}

void FastController::remove(Lane& lane, std::int8_t slot, Tick beat) {
  const Slot& done = lane.active().slots[static_cast<std::size_t>(slot)];
  ++(done.opened ? counters_.row_misses : counters_.row_hits);
  ++(lane.writing ? counters_.writes : counters_.reads);
  if (!lane.writing) counters_.read_latency.add(static_cast<std::uint64_t>(beat - done.arrival));
  counters_.last_beat = std::max(counters_.last_beat, beat);
  if (lane.active().oldest == slot && lane.starving) {  // the next one's age is looked at by the next update
    lane.starving = false;
    lane.make_stale();
  }
  dequeue(state_, lane, slot);
  --queued_;
}

void FastController::open(std::int32_t bank, std::int32_t row, Tick now) {
  Bank& opened = state_.banks[static_cast<std::size_t>(bank)];
  const auto rank = static_cast<std::size_t>(opened.rank);
  opened.opened_at = now;
  if (rank_open_[rank]++ == 0) rank_opened_at_[rank] = now;
  ++state_.units[static_cast<std::size_t>(opened.unit)].open_banks;
  set_row(state_, bank, row);
}

void FastController::close(std::int32_t bank, Tick now) {
  Bank& closed = state_.banks[static_cast<std::size_t>(bank)];
  if (closed.row == Bank::closed) return;
  const auto rank = static_cast<std::size_t>(closed.rank);
  activity_.bank_open_ticks += now - closed.opened_at;
  if (--rank_open_[rank] == 0) activity_.rank_open_ticks += now - rank_opened_at_[rank];
  --state_.units[static_cast<std::size_t>(closed.unit)].open_banks;
  set_row(state_, bank, Bank::closed);
}

dram::Activity FastController::activity(Tick end) const {
  dram::Activity sum = activity_;
  sum.ticks = end;
  for (const Bank& bank : state_.banks)
    if (bank.row != Bank::closed) sum.bank_open_ticks += std::max<Tick>(0, end - bank.opened_at);
  for (std::size_t rank = 0; rank < rank_open_.size(); ++rank)
    if (rank_open_[rank] > 0) sum.rank_open_ticks += std::max<Tick>(0, end - rank_opened_at_[rank]);
  return sum;
}

std::unique_ptr<Controller> make_fast_controller(const dram::Standard& standard, const Settings& settings, int bursts,
                                                 dram::CommandTrace* commands) {
  return std::make_unique<FastController>(standard, settings, bursts, commands);
}

}  // namespace wordline::memory
