#include "wordline/memory/fast_controller.h"

#include <algorithm>
#include <bit>

#include "wordline/memory/policy/refresh/refresh.h"
#include "wordline/memory/queue.h"
#include "wordline/memory/scan.h"

// A Turn's fields are set together with its lane, which is looked at first.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace wordline::memory {

namespace {

std::uint64_t bit_of(const Lane& lane, bool write) { return std::uint64_t{1} << (lane.index * 2 + write); }

// Which way a lane works: writes drain once `write_high` are queued, or while there is no read, until `write_low` are
// left and a read waits. Writes that wait for a read cannot be drained.
bool writes_next(const Lane& lane, const Settings& settings) {
  const Queue &reads = lane.queues[0], &writes = lane.queues[1];
  if (writes.linked == 0) return false;
  if (reads.size == 0) return true;
  return writes.size > settings.write_low && (lane.writing || writes.size >= settings.write_high);
}

}  // namespace

FastController::FastController(const dram::Standard& standard, const Settings& settings, int bursts)
    : state_(make_state(standard, settings, bursts)),
      scheduler_(scheduler_named(settings.scheduler)),
      by_lists_(scheduler_.by_lists),
      oldest_ready_(scheduler_.oldest_ready),
      page_(page_policy_named(settings.page)),
      closes_idle_(page_.closes_idle),
      id_(command_ids(standard)) {
  refresh_policy_named(settings.refresh).set_up(state_);
  for (const Kind kind : {rd, wr, rda, wra}) {
    if (id_[kind] == dram::no_command) continue;
    const auto& spec = standard.spec(id_[kind]);
    beats_[kind] = spec.latency + spec.burst;
  }
  for (const auto& bus : standard.buses)
    several_buses_ |= standard.geometry.nodes[static_cast<std::size_t>(bus.level)] > 1;
  if (standard.sync_level >= 0)
    clock_until_.assign(
        static_cast<std::size_t>(standard.geometry.nodes[static_cast<std::size_t>(standard.sync_level)]), -1);
  const auto ranks = static_cast<std::size_t>(standard.geometry.ranks());
  rank_open_.assign(ranks, 0);
  rank_opened_at_.assign(ranks, 0);
  activity_.commands.assign(standard.commands.size(), 0);
}

// ---- arrivals

void FastController::accept(const Access& access, Tick now) {
  const std::uint64_t id = next_id_++;
  ++(access.write ? counters_.accepted_writes : counters_.accepted_reads);
  if (observer_) observer_->accepted(access, id, now);
  Bank& bank = state_.bank(access.bank);
  Lane& lane = state_.lanes[static_cast<std::size_t>(bank.lane)];
  const bool other_way = lane.queues[!access.write].size > 0;
  if (!access.write && other_way && forward(access, id, now)) return;
  Access taken = access;
  std::int16_t blocking = no_slot;
  if (access.write && other_way && bank.waiting[0].count > 0) blocking = find_read(state_, access);
  if (access.write && access.priority > 0)
    if (const std::int16_t earlier = find_write(state_, access); earlier != no_slot)
      taken.priority = std::min(access.priority, slot_of(lane.queues[1], earlier).priority);
  state_.now = now;
  const std::int16_t slot = take_slot(state_, lane, taken, id, now);
  ++waiting_;
  if (blocking != no_slot) {
    state_.parked.push_back({lane.index, slot, blocking});
  } else {
    link(state_, lane, access.write, slot);
    if (access.write == lane.writing) {
      if (lane.active().linked == 1) {
        lane.starving_at = now + state_.age_cap;
        lane.due[wants] = std::min(lane.due[wants], lane.starving_at);
      }
      if (lane.starving || !by_lists_) ask_again(lane, now);
    }
  }
  if (needs_review(lane)) lane.due[wants] = now;
  for (const Tick due : lane.due) next_ = due < next_ ? due : next_;
  if (next_ < now) next_ = now;  // what became possible in the last tick that was simulated
}

// A read of what a queued write is about to write gets its data from there, a clock later.
bool FastController::forward(const Access& access, std::uint64_t id, Tick now) {
  if (state_.bank(access.bank).waiting[1].count == 0 && state_.parked.empty()) return false;
  if (find_write(state_, access) == no_slot) return false;
  const Tick beat = now + state_.standard.ticks_per_clock;
  ++counters_.reads;
  ++counters_.forwarded_reads;
  counters_.read_latency.add(static_cast<std::uint64_t>(beat - now));
  counters_.last_beat = std::max(counters_.last_beat, beat);
  complete(access.token, now, beat, false);
  if (observer_) observer_->finished(id, beat);
  return true;
}

// ---- time

void FastController::advance(Tick until) {
  while (next_ < until) process(next_);
}

Tick FastController::advance_until_room(std::uint64_t lanes_waiting, Tick until) {
  freed_ = 0;
  while (next_ < until) {
    const Tick now = next_;
    process(now);
    if (freed_ & lanes_waiting) return now;
  }
  return until;
}

Tick FastController::drain() {
  while (waiting_ > 0) process(next_);
  return last_issue_;
}

// `lane_count`: so many lanes, or any number where it is 0.
template <int lane_count>
void FastController::process_lanes(Tick now) {
  Lane* const lanes = state_.lanes.data();
  const int count = lane_count > 0 ? lane_count : static_cast<int>(state_.lanes.size());
  state_.now = now;
  for (int l = 0; l < count; ++l)
    if (lanes[l].due[wants] <= now) update(lanes[l], now);
  const bool refreshes = wanted_ > 0 && wanted_at_ <= now;
  if (refreshes) issue_refreshes(now, true);
  do {
    Turn turn;
    for (int l = 0; l < count; ++l) {
      if (lanes[l].due[want_act] <= now) compete<want_act>(lanes[l], now, turn);
      if (lanes[l].due[want_pre] <= now) compete<want_pre>(lanes[l], now, turn);
    }
    if (!turn.lane) break;
    issue_row(*turn.lane, turn, now);
  } while (several_buses_);
  if (closes_idle_)
    for (int l = 0; l < count; ++l)
      if (lanes[l].page_at <= now) close_idle(lanes[l], now);
  if (refreshes) {
    if (wanted_ > 0) issue_refreshes(now, false);
    look_ahead_for_refreshes(now);
  }
  do {
    Turn turn;
    for (int l = 0; l < count; ++l)
      if (lanes[l].due[want_column] <= now) compete<want_column>(lanes[l], now, turn);
    if (!turn.lane) break;
    issue_column(*turn.lane, turn, now);
  } while (several_buses_);

  Tick next = wanted_ > 0 ? wanted_at_ : never;
  for (int l = 0; l < count; ++l)
    for (const Tick due : lanes[l].due) next = due < next ? due : next;
  next_ = next > now ? next : now + 1;
}

void FastController::process(Tick now) {
  if (state_.lanes.size() == 1) return process_lanes<1>(now);
  if (state_.lanes.size() == 2) return process_lanes<2>(now);
  process_lanes<0>(now);
}

// Lets a lane compete for a bus with what it can issue now; where that is nothing, finds out when to ask again.
template <Want want>
void FastController::compete(Lane& lane, Tick now, Turn& turn) {
  const Kind kind = kind_of(lane, want);
  const Tick from = state_.timing.common(kind, lane.first_bank, now);
  const BankLists& lists = lane.lists[lane.writing][want];
  const bool by_lists = by_lists_ && !lane.starving;
  if (from > now) {
    lane.due[want] = by_lists && lists.ready.first == no_bank ? std::max(from, end_of_rest(lane, lists)) : from;
    return;
  }
  Tick rest = end_of_rest(lane, lists);
  if (rest <= now) {
    end_rests(state_, lane, want, now);
    rest = end_of_rest(lane, lists);
  }
  const Choice choice = oldest_ready_ && !lane.starving ? oldest_ready(state_, lane, want, kind, now)
                                                        : scheduler_.choose(state_, lane, want, now);
  if (choice.bank == no_bank) {
    lane.due[want] = std::min(choice.next, rest);
    return;
  }
  lane.due[want] = now + 1;  // unless it wins
  const std::int16_t slot = by_lists_ ? speaker(state_, lane, choice.bank, want) : lane.active().oldest;
  const std::uint64_t key = slot_of(lane.active(), slot).key;
  if (turn.lane && turn.key < key) return;
  turn.lane = &lane;
  turn.want = want;
  turn.slot = slot;
  turn.kind = kind;
  turn.bank = choice.bank;
  turn.key = key;
}

// After a lane issued a command of one sort: when the next could.
void FastController::look_ahead(Lane& lane, Want want, Tick now) {
  if (lane.starving || !by_lists_) {
    lane.due[want] = now + 1;
    return ask_again(lane, now + 1);
  }
  const BankLists& lists = lane.lists[lane.writing][want];
  if (lists.empty()) {
    lane.due[want] = never;
    return;
  }
  const Kind kind = kind_of(lane, want);
  const Tick rest = end_of_rest(lane, lists);
  if (lists.ready.first == no_bank) {
    lane.due[want] = state_.timing.common(kind, lane.first_bank, std::max(now + 1, rest));
    return;
  }
  const Tick from = state_.timing.common(kind, lane.first_bank, now + 1);
  lane.due[want] = from;
  if (!oldest_ready_ || rest <= from) return;
  const Choice choice = oldest_ready(state_, lane, want, kind, from);
  if (choice.bank == no_bank) lane.due[want] = std::min(choice.next, rest);
}

// Any command of the lane may be possible from `from` on.
void FastController::ask_again(Lane& lane, Tick from) {
  for (const Want want : {want_act, want_pre, want_column}) lane.due[want] = std::min(lane.due[want], from);
}

// ---- policy updates

void FastController::update(Lane& lane, Tick now) {
  const bool writing = writes_next(lane, state_.settings);
  const Queue& queue = lane.queues[writing];
  const Tick starving_at = queue.oldest == no_slot ? never : slot_of(queue, queue.oldest).arrival + state_.age_cap;
  const bool starving = now >= starving_at;
  const bool changed = writing != lane.writing || starving != lane.starving;
  lane.writing = writing;
  lane.starving = starving;
  lane.starving_at = starving ? never : starving_at;
  if (changed) ask_again(lane, now);
  if (now >= lane.refresh_at) pass_time(state_, lane, now);
  if (const std::uint64_t units = refreshes_to_want(state_, lane)) want(lane, units, now);
  lane.due[wants] = std::min({lane.starving_at, lane.refresh_at, lane.page_at});
}

// Whether an update would change anything that did not come by time.
bool FastController::needs_review(const Lane& lane) const {
  return writes_next(lane, state_.settings) != lane.writing || refreshes_to_want(state_, lane) != 0;
}

// ---- rows

void FastController::issue_row(Lane& lane, const Turn& turn, Tick now) {
  Slot& slot = slot_of(lane.active(), turn.slot);
  lane.turn[turn.want] = turn.bank + 1;
  if (turn.want == want_act) {
    slot.opened = true;
    issue(act, turn.bank, slot.row, 0, slot.id, now);
    open(lane, turn.bank, slot.row, now);
  } else {
    issue(pre, turn.bank, 0, 0, slot.id, now);
    close(lane, turn.bank, Bank::closed, now);
  }
  look_ahead(lane, turn.want, now);
  last_issue_ = now;
}

void FastController::open(Lane& lane, std::int32_t b, std::int32_t row, Tick now) {
  Bank& bank = state_.bank(b);
  const auto rank = static_cast<std::size_t>(bank.rank);
  if (page_.activated) page_.activated(state_, bank, row);
  bank.used_at = now;
  bank.opened_at = now + state_.standard.act_spacing;
  if (rank_open_[rank]++ == 0) rank_opened_at_[rank] = bank.opened_at;
  ++state_.units[static_cast<std::size_t>(bank.unit)].open_banks;
  set_row(state_, lane, b, row);
}

void FastController::close(Lane& lane, std::int32_t b, std::int32_t closed_row, Tick now) {
  Bank& bank = state_.bank(b);
  if (bank.row == Bank::closed) return;
  const auto rank = static_cast<std::size_t>(bank.rank);
  bank.closed_row = closed_row;
  activity_.bank_open_ticks += now - bank.opened_at;
  if (--rank_open_[rank] == 0) activity_.rank_open_ticks += now - rank_opened_at_[rank];
  --state_.units[static_cast<std::size_t>(bank.unit)].open_banks;
  set_row(state_, lane, b, Bank::closed);
}

// ---- columns

// Where the data clock of the bank's rank stands still: starts it by a CAS, if that can issue now. Whether the column
// command has to wait.
bool FastController::start_clock(Lane& lane, const Turn& turn, Tick now) {
  const auto& geometry = state_.standard.geometry;
  Tick& until = clock_until_[static_cast<std::size_t>(geometry.node(state_.standard.sync_level, turn.bank))];
  const Kind cas = lane.writing ? cas_wr : cas_rd;
  if (now > until) {
    lane.due[want_column] = now + 1;
    if (state_.timing.earliest_wide(cas, turn.bank, now) > now) return true;
    issue(cas, turn.bank, 0, 0, slot_of(lane.active(), turn.slot).id, now);
    until = std::max(until, now + state_.standard.sync_hold[id_[cas]]);
    return true;
  }
  until = std::max(until, now + state_.standard.sync_hold[id_[turn.kind]]);
  return false;
}

void FastController::issue_column(Lane& lane, const Turn& turn, Tick now) {
  if (!clock_until_.empty() && start_clock(lane, turn, now)) return;
  Slot& slot = slot_of(lane.active(), turn.slot);
  Bank& bank = state_.bank(turn.bank);
  lane.turn[want_column] = turn.bank + 1;
  const bool last = slot.left == 1;
  const bool closes =
      last && page_.auto_precharge && bank.waiting[lane.writing].hits == 1 && bank.waiting[!lane.writing].hits == 0;
  const Kind kind = !closes ? turn.kind : lane.writing ? wra : rda;
  issue(kind, turn.bank, 0, slot.column + state_.bursts - slot.left, slot.id, now);
  last_issue_ = bank.used_at = now;
  if (last) {
    finish(lane, turn.slot, now + beats_[kind], now);
    if (closes) close(lane, turn.bank, bank.row, now);
  } else {
    --slot.left;
  }
  look_ahead(lane, want_column, now);
}

void FastController::finish(Lane& lane, std::int16_t s, Tick beat, Tick now) {
  const bool write = lane.writing;
  Queue& queue = lane.queues[write];
  const Slot& done = slot_of(queue, s);
  const std::int32_t b = done.bank;
  ++(done.opened ? counters_.row_misses : counters_.row_hits);
  ++(write ? counters_.writes : counters_.reads);
  if (!write) counters_.read_latency.add(static_cast<std::uint64_t>(beat - done.arrival));
  counters_.last_beat = std::max(counters_.last_beat, beat);
  complete(done.token, done.arrival, beat, write);
  if (observer_) observer_->finished(done.id, beat);
  const bool was_oldest = queue.oldest == s;
  release(state_, lane, write, s);
  --waiting_;
  freed_ |= bit_of(lane, write);
  if (!write && !state_.parked.empty()) unpark(lane, s);
  if (was_oldest) {
    lane.starving_at = queue.oldest == no_slot ? never : slot_of(queue, queue.oldest).arrival + state_.age_cap;
    lane.due[wants] = std::min(lane.due[wants], lane.starving_at);
    if (lane.starving) ask_again(lane, now + 1);
    lane.starving = false;
  }
  if (closes_idle_) {
    const Bank& bank = state_.bank(b);
    if (bank.waiting[0].hits + bank.waiting[1].hits == 0) {
      lane.page_at = std::min(lane.page_at, now + page_.idle_ticks(state_, bank));
      lane.due[wants] = std::min(lane.due[wants], lane.page_at);
    }
  }
  if (needs_review(lane)) lane.due[wants] = now + 1;
}

// Writes that waited for this read: they wait for another of the same place, or go on.
void FastController::unpark(Lane& lane, std::int16_t read) {
  auto kept = state_.parked.begin();
  for (auto parked = state_.parked.begin(); parked != state_.parked.end(); ++parked) {
    if (parked->lane == lane.index && parked->read == read) {
      const Slot& write = slot_of(lane.queues[1], parked->slot);
      parked->read = find_read(state_, {.bank = write.bank, .row = write.row, .column = write.column});
      if (parked->read == no_slot) {
        link(state_, lane, true, parked->slot);
        continue;
      }
    }
    *kept++ = *parked;
  }
  state_.parked.erase(kept, state_.parked.end());
}

void FastController::complete(std::uint64_t token, Tick accepted, Tick finished, bool write) {
  if (completions_)
    completions_->push_back({.token = token, .accepted = accepted, .finished = finished, .write = write});
}

}  // namespace wordline::memory
