// What the fast controller does at a tick, as loops that are compiled for the machine and for what is known beforehand.
#include <algorithm>

#include "wordline/memory/fast_controller.h"
#include "wordline/memory/policy/refresh/refresh.h"

namespace wordline::memory {

bool FastController::has_wide_integers() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2");
#else
  return false;
#endif
}

template <int lane_count, FastController::Way way>
Tick FastController::loop(std::uint64_t lanes_waiting, Tick until) {
  freed_ = 0;
  while (next_ < until) {
    const Tick now = next_;
    process<lane_count, way>(now);
    if (freed_ & lanes_waiting) return now;
  }
  return until;
}

void FastController::plain_issue(Kind kind, std::int32_t bank, Tick now) {
  issue<any>(kind, bank, 0, 0, Observer::no_access, now, state_.timing.since_epoch(now));
}

template <int lane_count, FastController::Way way>
Tick FastController::plain_loop(FastController& controller, std::uint64_t lanes_waiting, Tick until) {
  return controller.loop<lane_count, way>(lanes_waiting, until);
}

// The same, for machines that have 256-bit integers.
#if defined(__x86_64__)
[[gnu::target("avx2")]] void FastController::wide_issue(Kind kind, std::int32_t bank, Tick now) {
  issue<any>(kind, bank, 0, 0, Observer::no_access, now, state_.timing.since_epoch(now));
}
template <int lane_count, FastController::Way way>
[[gnu::target("avx2")]] Tick FastController::wide_loop(FastController& controller, std::uint64_t lanes_waiting,
                                                       Tick until) {
  return controller.loop<lane_count, way>(lanes_waiting, until);
}
#endif

template <int lane_count, FastController::Way way>
FastController::Loop FastController::loop_here([[maybe_unused]] bool wide) {
#if defined(__x86_64__)
  if (wide) return wide_loop<lane_count, way>;
#endif
  return plain_loop<lane_count, way>;
}

FastController::Loop FastController::loop_for(Way way, bool wide) const {
  if (way == usual && lanes() == 1) return loop_here<1, usual>(wide);
  if (way == usual && lanes() == 2) return loop_here<2, usual>(wide);
  if (way == usual_whole && lanes() == 1) return loop_here<1, usual_whole>(wide);
  if (way == usual_whole && lanes() == 2) return loop_here<2, usual_whole>(wide);
  return loop_here<0, any>(wide);
}

template <int lane_count, FastController::Way way>
void FastController::process(Tick now) {
  Lane* const lanes = state_.lanes.data();
  const std::int32_t* const dues = state_.dues.data();
  const int count = lane_count > 0 ? lane_count : static_cast<int>(state_.lanes.size());
  if (now - state_.timing.epoch() >= Timing::longest) [[unlikely]]
    state_.move(now);
  const std::int32_t tick = state_.timing.since_epoch(now);
#pragma GCC unroll 2
  for (int l = 0; l < count; ++l)
    if (dues[l * deeds + deed_update] <= tick) [[unlikely]]
      update(lanes[l], now);
  const bool refreshes = wanted_at_ <= now;
  if (refreshes) [[unlikely]]
    issue_refreshes(now, true);
  do {
    Turn turn;
#pragma GCC unroll 2
    for (int l = 0; l < count; ++l)
      if (dues[l * deeds + deed_row] <= tick) compete<deed_row, way>(lanes[l], now, tick, turn);
    if (!turn.lane) break;
    issue_row<way>(turn, now, tick);
  } while (way == any && several_buses_);
  if (way == any && page_.closes_idle)
    for (int l = 0; l < count; ++l)
      if (lanes[l].page_at <= now) close_idle(lanes[l], now);
  if (refreshes) [[unlikely]] {
    if (wanted_ > 0) issue_refreshes(now, false);
    look_ahead_for_refreshes(now);
  }
  do {
    Turn turn;
#pragma GCC unroll 2
    for (int l = 0; l < count; ++l)
      if (dues[l * deeds + deed_column] <= tick) compete<deed_column, way>(lanes[l], now, tick, turn);
    if (!turn.lane) break;
    turn.lane->writing ? issue_column<true, way>(turn, now, tick) : issue_column<false, way>(turn, now, tick);
  } while (way == any && several_buses_);

  std::int32_t first = Lane::shut;
  if (lane_count == 2) {
    first = least(eight(dues));
  } else {
    for (int l = 0; l < count; ++l)
      for (const Deed deed : {deed_row, deed_column, deed_update}) first = std::min(first, dues[l * deeds + deed]);
  }
  const Tick next = first == Lane::shut ? never : state_.timing.epoch() + first;
  next_ = std::max(std::min(next, wanted_at_), now + 1);
}

// Lets a lane compete for a bus with what it can issue now; where that is nothing, finds out when to ask again.
template <Deed deed, FastController::Way way>
void FastController::compete(Lane& lane, Tick now, std::int32_t tick, Turn& turn) {
  const Kind kind = deed == deed_row ? act : lane.writing ? wr : rd;
  if (*lane.bus_free[kind] > tick) {
    lane.due[deed] = *lane.bus_free[kind];
    return;
  }
  Key key = no_key;
  if (way == any && !scheduler_.oldest_ready) {
    for (const Want want : {want_act, want_pre, want_column}) {
      if (deed_of(want) != deed || !is_edge<way>(kind_of(lane, want), tick)) continue;
      const Choice choice = scheduler_.choose(state_, lane, want, now);
      if (choice.bank != no_bank) key = std::min(key, lane.keys[choice.bank - lane.first_bank]);
    }
  } else if (deed == deed_row) {
    key = least_key(lane.keys, lane.banks, candidates<way>(lane, want_act, act, tick),
                    candidates<way>(lane, want_pre, pre, tick));
  } else {
    key = least_key(lane.keys, lane.banks, candidates<way>(lane, want_column, kind, tick));
  }
  if (key == no_key) [[unlikely]] {
    deed == deed_row ? look_ahead_row<way>(lane, tick) : look_ahead_column<way>(lane, kind, tick);
    return;
  }
  // Who does not win asks again when the bus may be free; where there are several buses, at once.
  const std::int32_t again = way == any && several_buses_ ? tick : tick + shortest_;
  if (key > turn.key) {
    lane.due[deed] = again;
    return;
  }
  if (turn.lane) turn.lane->due[deed] = again;
  turn.lane = &lane;
  turn.key = key;
}

// The banks that want a command of a kind, none of them where it cannot begin at the tick.
template <FastController::Way way>
Candidates FastController::candidates(const Lane& lane, Want want, Kind kind, std::int32_t tick) const {
  return {lane.ready[kind], lane.gates[want], is_edge<way>(kind, tick) ? tick : Lane::open};
}

template <FastController::Way way>
bool FastController::is_edge(Kind kind, std::int32_t tick) const {
  return way == usual_whole || state_.timing.edge(kind, tick) == tick;
}

// When the lane's next command on the row bus could issue, after `tick`.
template <FastController::Way way>
void FastController::look_ahead_row(Lane& lane, std::int32_t tick) {
  const std::int32_t from = std::max(tick + 1, *lane.bus_free[act]);
  if (way == usual_whole) {
    const std::int32_t first =
        least_of_greater(lane.ready[act], lane.gates[want_act], lane.ready[pre], lane.gates[want_pre], lane.banks);
    lane.due[deed_row] = std::max(first, from);  // shut stays shut
    return;
  }
  const auto first_of = [&](Want want, Kind kind) {
    const std::int32_t first = least_of_greater(lane.ready[kind], lane.gates[want], lane.banks);
    return first == Lane::shut ? Lane::shut : state_.timing.edge(kind, std::max(first, from));
  };
  lane.due[deed_row] = std::min(first_of(want_act, act), first_of(want_pre, pre));
}

// The same for the column bus.
template <FastController::Way way>
void FastController::look_ahead_column(Lane& lane, Kind kind, std::int32_t tick) {
  const std::int32_t first = least_of_greater(lane.ready[kind], lane.gates[want_column], lane.banks);
  const std::int32_t at = std::max(std::max(first, tick + 1), *lane.bus_free[kind]);
  lane.due[deed_column] =
      way == usual_whole || first == Lane::shut ? std::max(first, at) : state_.timing.edge(kind, at);
}

// ---- rows

template <FastController::Way way>
void FastController::issue_row(const Turn& turn, Tick now, std::int32_t tick) {
  Lane& lane = *turn.lane;
  const std::int32_t b = turn.bank();
  Bank& bank = state_.bank(b);
  Slot& slot = slot_of(lane.active(), bank.speaker);
  if (way == any) lane.turn[bank.want] = b + 1;
  if (bank.want == want_act) {
    slot.opened = true;
    issue<way>(act, b, slot.row, 0, slot.id, now, tick);
    open<way>(lane, bank, b, slot.row, now);
  } else {
    issue<way>(pre, b, 0, 0, slot.id, now, tick);
    count_closed(bank, Bank::closed, now);
    if (way != any && lane.leader == no_slot) {  // as set_row(): nothing hits; the speaker wants an activation
      bank.row = Bank::closed;
      bank.waiting[!lane.writing].hits = 0;
      bank.waiting[!lane.writing].first_hit = no_slot;
      want_now(lane, bank, want_pre, want_act);
    } else {
      set_row(state_, lane, bank, b, Bank::closed);
    }
  }
  look_ahead_row<way>(lane, tick);
  last_issue_ = now;
}

template <FastController::Way way>
void FastController::open(Lane& lane, Bank& bank, std::int32_t b, std::int32_t row, Tick now) {
  const auto rank = static_cast<std::size_t>(bank.rank);
  if (way == any && page_.activated) page_.activated(state_, bank, row);
  if (way == any) bank.used_at = now;
  bank.opened_at = now + state_.standard.act_spacing;
  if (rank_open_[rank]++ == 0) rank_opened_at_[rank] = bank.opened_at;
  ++state_.units[static_cast<std::size_t>(bank.unit)].open_banks;
  if (way == any || lane.leader != no_slot) return set_row(state_, lane, bank, b, row);
  // As set_row(): the speaker hits, if not alone.
  bank.row = row;
  const bool write = lane.writing;
  find_hits(lane.queues[write], bank.waiting[write], row);
  if (bank.waiting[!write].count > 0) find_hits(lane.queues[!write], bank.waiting[!write], row);
  bank.speaker = bank.waiting[write].first_hit;
  lane.keys[bank.place] = slot_of(lane.queues[write], bank.speaker).key;
  want_now(lane, bank, want_act, want_column);
  const Kind kind = write ? wr : rd;
  lane.due[deed_column] =
      std::min(lane.due[deed_column], state_.timing.edge<way == usual_whole>(kind, lane.ready[kind][bank.place]));
}

// ---- columns

template <bool write, FastController::Way way>
void FastController::issue_column(const Turn& turn, Tick now, std::int32_t tick) {
  Lane& lane = *turn.lane;
  if (way == any && !clock_until_.empty() && start_clock(lane, turn, now)) return;
  const std::int32_t b = turn.bank();
  Bank& bank = state_.bank(b);
  const std::int16_t speaker = bank.speaker;
  Slot& slot = slot_of(lane.queues[write], speaker);
  if (way == any) lane.turn[want_column] = b + 1;
  const bool last = slot.left == 1;
  const bool closes =
      way == any && last && page_.auto_precharge && bank.waiting[write].hits == 1 && bank.waiting[!write].hits == 0;
  const Kind kind = write ? closes ? wra : wr : closes ? rda : rd;
  issue<way>(kind, b, 0, slot.column + state_.bursts - slot.left, slot.id, now, tick);
  last_issue_ = now;
  if (way == any) bank.used_at = now;
  if (last) {
    finish<write, way>(lane, bank, b, speaker, now + beats_[kind], now);
    if (closes) close(lane, b, bank.row, now);
  } else {
    --slot.left;
  }
  look_ahead_column<way>(lane, write ? wr : rd, tick);
}

template <bool write, FastController::Way way>
void FastController::finish(Lane& lane, Bank& bank, std::int32_t b, std::int16_t s, Tick beat, Tick now) {
  const Slot& done = slot_of(lane.queues[write], s);
  counters_.row_misses += done.opened;
  counters_.row_hits += !done.opened;
  ++(write ? counters_.writes : counters_.reads);
  if (!write) counters_.read_latency.add(static_cast<std::uint64_t>(beat - done.arrival));
  counters_.last_beat = std::max(counters_.last_beat, beat);
  if (way == any) complete(done.token, done.arrival, beat, write);
  if (way == any && observer_) observer_->finished(done.id, beat);
  const bool emptied = release<write>(state_, lane, bank, s);
  freed_ |= lane.bits[write];
  if (lane.leader == s) [[unlikely]] {
    lane.leader = no_slot;
    if (state_.only_oldest) lead(state_, lane, find_oldest(lane.queues[write]));
    lane.calm = false;
    if (lane.starving) {
      lane.starving = false;
      lane.starving_at = 0;  // at the next tick it is looked for the oldest
      lane.due[deed_update] = 0;
    }
  }
  if (way != any && lane.leader == no_slot) {  // what settle() would find
    const Waiting& waiting = bank.waiting[write];
    if (waiting.count > 0) {
      bank.speaker = waiting.hits > 0 ? waiting.first_hit : waiting.first;
      lane.keys[bank.place] = slot_of(lane.queues[write], bank.speaker).key;
    }
    if (waiting.hits == 0) {
      want_now(lane, bank, want_column, waiting.count > 0 ? want_pre : want_nothing);
      if (waiting.count > 0)
        lane.due[deed_row] =
            std::min(lane.due[deed_row], state_.timing.edge<way == usual_whole>(pre, lane.ready[pre][bank.place]));
    }
  } else {
    settle(state_, lane, bank, b);
  }
  if (!write && !lane.calm && !state_.parked.empty()) [[unlikely]]
    unpark(lane, s);
  if (way == any && page_.closes_idle && bank.waiting[0].hits + bank.waiting[1].hits == 0) {
    lane.page_at = std::min(lane.page_at, now + page_.idle_ticks(state_, bank));
    state_.lower(lane.due[deed_update], lane.page_at);
  }
  // Its place may be free for a refresh now, and it may be the other direction's turn.
  if ((!(!write && lane.calm) && turns(lane)) || (emptied && refreshes_to_want(state_, lane) != 0))
    lane.due[deed_update] = 0;
}

}  // namespace wordline::memory
