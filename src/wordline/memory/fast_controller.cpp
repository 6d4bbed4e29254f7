#include "wordline/memory/fast_controller.h"

#include <algorithm>
#include <bit>

#include "wordline/memory/policy/refresh/refresh.h"
#include "wordline/memory/queue.h"

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
      oldest_ready_(scheduler_.oldest_ready),
      page_(page_policy_named(settings.page)),
      closes_idle_(page_.closes_idle),
      id_(command_ids(standard)) {
  state_.only_oldest = scheduler_.only_oldest;
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
  loop_ = lanes() == 1 ? loop_for<1>() : lanes() == 2 ? loop_for<2>() : loop_for<0>();
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
  const std::int16_t slot = take_slot(state_, lane, taken, id, now);
  ++waiting_;
  if (blocking != no_slot) {
    state_.parked.push_back({lane.index, slot, blocking});
  } else {
    link(state_, lane, access.write, slot);
    if (access.write == lane.writing) {
      if (lane.starving_at == never && !lane.starving) {
        lane.starving_at = now + state_.age_cap;
        lane.due[wants] = std::min(lane.due[wants], lane.starving_at);
      }
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
  if (next_ < until) (this->*loop_)(0, until);
}

Tick FastController::advance_until_room(std::uint64_t lanes_waiting, Tick until) {
  return (this->*loop_)(lanes_waiting, until);
}

Tick FastController::drain() {
  while (waiting_ > 0) (this->*loop_)(~std::uint64_t{0}, never);
  return last_issue_;
}

template <int lane_count>
Tick FastController::loop(std::uint64_t lanes_waiting, Tick until) {
  freed_ = 0;
  while (next_ < until) {
    const Tick now = next_;
    process<lane_count>(now);
    if (freed_ & lanes_waiting) return now;
  }
  return until;
}

template <int lane_count>
Tick FastController::plain_loop(std::uint64_t lanes_waiting, Tick until) {
  return loop<lane_count>(lanes_waiting, until);
}

// The same, for machines that have 256-bit integers.
#if defined(__x86_64__)
template <int lane_count>
[[gnu::target("avx2")]] Tick FastController::wide_loop(std::uint64_t lanes_waiting, Tick until) {
  return loop<lane_count>(lanes_waiting, until);
}
#endif

template <int lane_count>
FastController::Loop FastController::loop_for() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return &FastController::wide_loop<lane_count>;
#endif
  return &FastController::plain_loop<lane_count>;
}

template <int lane_count>
void FastController::process(Tick now) {
  Lane* const lanes = state_.lanes.data();
  const int count = lane_count > 0 ? lane_count : static_cast<int>(state_.lanes.size());
  if (now - state_.timing.epoch() >= Timing::longest) [[unlikely]]
    state_.timing.move(now);
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
  for (int l = 0; l < count; ++l) {
    for (const Want want : {want_act, want_pre, want_column})
      if (lanes[l].due[want] <= now) wait_for_bus(lanes[l], want, now);
    for (const Tick due : lanes[l].due) next = due < next ? due : next;
  }
  next_ = next > now ? next : now + 1;
}

// Lets a lane compete for a bus with what it can issue now; where that is nothing, finds out when to ask again.
template <Want want>
void FastController::compete(Lane& lane, Tick now, Turn& turn) {
  const Kind kind = kind_of(lane, want);
  const Tick from = state_.timing.bus(kind, lane.first_bank, now);
  if (from > now) {
    lane.due[want] = from;
    return;
  }
  Key key;
  std::int32_t bank;
  if (oldest_ready_) {
    key = least_key(state_.timing.ready(kind) + lane.first_bank, lane.gates[want], lane.keys,
                    state_.timing.since_epoch(now), lane.banks());
    bank = lane.first_bank + static_cast<std::int32_t>(key & (most_banks - 1));
  } else {
    bank = scheduler_.choose(state_, lane, want, now).bank;
    key = bank == no_bank ? no_key : lane.keys[bank - lane.first_bank];
  }
  if (key == no_key) return look_ahead(lane, want, now);
  if (key >= turn.key) return;
  turn.lane = &lane;
  turn.want = want;
  turn.bank = bank;
  turn.key = key;
}

// When the lane's next command of one sort could issue.
void FastController::look_ahead(Lane& lane, Want want, Tick now) {
  const Kind kind = kind_of(lane, want);
  const std::int32_t first =
      least_of_greater(state_.timing.ready(kind) + lane.first_bank, lane.gates[want], lane.banks());
  lane.due[want] = never;
  if (first == Lane::shut) return;
  const Tick ready = state_.timing.epoch() + first;
  lane.due[want] = state_.timing.bus(kind, lane.first_bank, ready > now ? ready : now + 1);
}

// What could have gone at this tick, but for the bus.
void FastController::wait_for_bus(Lane& lane, Want want, Tick now) {
  lane.due[want] = state_.timing.bus(kind_of(lane, want), lane.first_bank, now + 1);
}

// ---- policy updates

void FastController::update(Lane& lane, Tick now) {
  const bool writing = writes_next(lane, state_.settings);
  const Queue& queue = lane.queues[writing];
  const Tick starving_at = queue.oldest == no_slot ? never : slot_of(queue, queue.oldest).arrival + state_.age_cap;
  lane.starving = now >= starving_at;
  lane.starving_at = lane.starving ? never : starving_at;
  const std::int16_t leader = lane.starving || state_.only_oldest ? queue.oldest : no_slot;
  if (writing != lane.writing) {
    lane.writing = writing;
    lane.leader = leader;
    for (const Want want : {want_act, want_pre, want_column}) lane.due[want] = never;
    settle_all(state_, lane);
  } else if (leader != lane.leader) {
    lead(state_, lane, leader);
  }
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
  Slot& slot = slot_of(lane.active(), state_.bank(turn.bank).speaker);
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
  set_row(state_, lane, bank, b, row);
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
    issue(cas, turn.bank, 0, 0, slot_of(lane.active(), state_.bank(turn.bank).speaker).id, now);
    until = std::max(until, now + state_.standard.sync_hold[id_[cas]]);
    return true;
  }
  until = std::max(until, now + state_.standard.sync_hold[id_[kind_of(lane, want_column)]]);
  return false;
}

void FastController::issue_column(Lane& lane, const Turn& turn, Tick now) {
  if (!clock_until_.empty() && start_clock(lane, turn, now)) return;
  Bank& bank = state_.bank(turn.bank);
  const std::int16_t speaker = bank.speaker;
  Slot& slot = slot_of(lane.active(), speaker);
  lane.turn[want_column] = turn.bank + 1;
  const bool last = slot.left == 1;
  const bool closes =
      last && page_.auto_precharge && bank.waiting[lane.writing].hits == 1 && bank.waiting[!lane.writing].hits == 0;
  const Kind kind = lane.writing ? closes ? wra : wr : closes ? rda : rd;
  issue(kind, turn.bank, 0, slot.column + state_.bursts - slot.left, slot.id, now);
  last_issue_ = bank.used_at = now;
  if (last) {
    finish(lane, bank, speaker, now + beats_[kind], now);
    if (closes) close(lane, turn.bank, bank.row, now);
  } else {
    --slot.left;
  }
  look_ahead(lane, want_column, now);
}

void FastController::finish(Lane& lane, Bank& bank, std::int16_t s, Tick beat, Tick now) {
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
  release(state_, lane, write, s);
  --waiting_;
  freed_ |= bit_of(lane, write);
  if (lane.leader == s) [[unlikely]] {
    lane.leader = no_slot;
    if (state_.only_oldest) lead(state_, lane, queue.oldest);
    if (lane.starving) lane.due[wants] = now + 1;
    lane.starving = false;
  }
  settle(state_, lane, bank, b);
  if (!write && !state_.parked.empty()) unpark(lane, s);
  if (closes_idle_ && bank.waiting[0].hits + bank.waiting[1].hits == 0) {
    lane.page_at = std::min(lane.page_at, now + page_.idle_ticks(state_, bank));
    lane.due[wants] = std::min(lane.due[wants], lane.page_at);
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

}  // namespace wordline::memory
