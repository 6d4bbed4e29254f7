#include "wordline/memory/fast_controller.h"

#include <algorithm>

#include "wordline/memory/policy/refresh/refresh.h"
#include "wordline/memory/queue.h"

namespace wordline::memory {

FastController::FastController(const dram::Standard& standard, const Settings& settings, int bursts, bool wide)
    : state_(make_state(standard, settings, bursts)),
      scheduler_(scheduler_named(settings.scheduler)),
      page_(page_policy_named(settings.page)),
      id_(command_ids(standard)) {
  state_.only_oldest = scheduler_.only_oldest;
  refresh_policy_named(settings.refresh).set_up(state_);
  shortest_ = static_cast<std::int32_t>(standard.spec(id_[act]).occupies);
  for (const Kind kind : {pre, rd, wr}) {
    shortest_ = std::min(shortest_, static_cast<std::int32_t>(standard.spec(id_[kind]).occupies));
  }
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
#if defined(__x86_64__)
  if (wide) issue_alone_ = &FastController::wide_issue;
#endif
  watched_ = loop_for(any, wide);
  unwatched_ = loop_for(!is_usual() ? any : standard.ticks_per_clock > 1 ? usual : usual_whole, wide);
}

// ---- arrivals

void FastController::accept(const Access& access, Tick now) {
  Bank& bank = state_.bank(access.bank);
  Lane& lane = state_.lanes[static_cast<std::size_t>(bank.lane)];
  access.write ? take<true>(access, lane, bank, now) : take<false>(access, lane, bank, now);
}

void FastController::feed(const Access* accesses, std::size_t count, FrontEdge& front) {
  const Loop go = loop_now();
  FrontEdge edge = front;
  const auto offer = [&]<bool write>(const Access& access, Lane& lane, Bank& bank) {
    Tick at = edge.next();
    if (next_ < at) go(*this, 0, at);
    if (lane.queues[write].free == no_slot) {
      at = edge.edge_after(go(*this, lane.bits[write], never));
      if (next_ < at) go(*this, 0, at);
    }
    take<write>(access, lane, bank, at);
    edge.took(at);
  };
  for (const Access* access = accesses; access != accesses + count; ++access) {
    Bank& bank = state_.bank(access->bank);
    Lane& lane = state_.lanes[static_cast<std::size_t>(bank.lane)];
    access->write ? offer.operator()<true>(*access, lane, bank) : offer.operator()<false>(*access, lane, bank);
  }
  front = edge;
}

template <bool write>
void FastController::take(const Access& access, Lane& lane, Bank& bank, Tick now) {
  const std::uint64_t id = next_id_++;
  ++(write ? counters_.accepted_writes : counters_.accepted_reads);
  if (observer_) observer_->accepted(access, id, now);
  bool news = false;  // for the times in lane.due
  if (!write && lane.calm && access.priority == 0) {
    const std::int16_t slot = take_slot<write>(state_, lane, access, 0, id, now);
    news = link<write, true>(state_, lane, bank, slot);
  } else {
    std::uint8_t priority = access.priority;
    std::int16_t blocking = no_slot;
    if (lane.queues[!write].size > 0) {
      if (!write && forward(access, id, now)) return;
      if (write && bank.waiting[0].count > 0) blocking = find_read(state_, access);
    }
    if (write && priority > 0)
      if (const std::int16_t earlier = find_write(state_, access); earlier != no_slot)
        priority = std::min(priority, slot_of(lane.queues[1], earlier).priority);
    const std::int16_t slot = take_slot<write>(state_, lane, access, priority, id, now);
    if (blocking != no_slot) {
      state_.parked.push_back({lane.index, slot, blocking});
      add_queued(state_, lane, bank, true);
    } else {
      news = link<write>(state_, lane, bank, slot);
      if (lane.starving_at == never && write == lane.writing && !lane.starving) {
        lane.starving_at = now + state_.age_cap;
        state_.lower(lane.due[deed_update], lane.starving_at);
        news = true;
      }
    }
    // The other direction may have its turn now.
    if (turns(lane)) {
      lane.due[deed_update] = 0;
      news = true;
    }
    lane.calm = !lane.writing && lane.queues[1].size == 0 && !lane.starving && lane.starving_at != never;
  }
  // With work for the bus, a refresh of what has none may come early.
  if (lane.active().size == 1 && refreshes_to_want(state_, lane) != 0) {
    lane.due[deed_update] = 0;
    news = true;
  }
  if (!news) return;
  const std::int32_t due = std::min(std::min(lane.due[deed_row], lane.due[deed_column]), lane.due[deed_update]);
  if (due != Lane::shut) next_ = std::max(now, std::min(next_, state_.timing.epoch() + due));
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
  if (next_ < until) run(0, until);
}

Tick FastController::advance_until_room(std::uint64_t lanes_waiting, Tick until) { return run(lanes_waiting, until); }

Tick FastController::drain() {
  while (waits()) run(~std::uint64_t{0}, never);
  return last_issue_;
}

bool FastController::is_usual() const {
  return scheduler_.oldest_ready && !scheduler_.only_oldest && !page_.auto_precharge && !page_.closes_idle &&
         !page_.activated && clock_until_.empty() && !several_buses_;
}

// ---- policy updates

void FastController::update(Lane& lane, Tick now) {
  lane.calm = false;
  const bool writing = writes_next(lane, state_.settings);
  const bool changes = writing != lane.writing;
  if (changes || now >= lane.starving_at) {
    const Queue& queue = lane.queues[writing];
    const std::int16_t oldest = queue.size > 0 ? find_oldest(queue) : no_slot;
    lane.starving = oldest != no_slot && now >= slot_of(queue, oldest).arrival + state_.age_cap;
    // The oldest is who was linked first; one that was parked may have come before it.
    lane.starving_at = never;
    if (oldest != no_slot && !lane.starving)
      lane.starving_at = std::max(now + 1, first_arrival(queue) + state_.age_cap);
    const std::int16_t leader = lane.starving || state_.only_oldest ? oldest : no_slot;
    if (changes) {
      lane.writing = writing;
      lane.leader = leader;
      lane.due[deed_row] = lane.due[deed_column] = Lane::shut;
      settle_all(state_, lane);
    } else if (leader != lane.leader) {
      lead(state_, lane, leader);
    }
  }
  if (now >= lane.refresh_at) pass_time(state_, lane, now);
  if (const std::uint64_t units = refreshes_to_want(state_, lane)) want(lane, units, now);
  lane.due[deed_update] = state_.due_at(std::min({lane.starving_at, lane.refresh_at, lane.page_at}));
}

// ---- columns

// Where the data clock of the bank's rank stands still: starts it by a CAS, if that can issue now. Whether the column
// command has to wait.
bool FastController::start_clock(Lane& lane, const Turn& turn, Tick now) {
  const auto& geometry = state_.standard.geometry;
  Tick& until = clock_until_[static_cast<std::size_t>(geometry.node(state_.standard.sync_level, turn.bank()))];
  const Kind cas = lane.writing ? cas_wr : cas_rd;
  if (now > until) {
    lane.due[deed_column] = state_.timing.since_epoch(now) + 1;
    if (state_.timing.earliest(cas, turn.bank(), now) > now) return true;
    issue<any>(cas, turn.bank(), 0, 0, slot_of(lane.active(), state_.bank(turn.bank()).speaker).id, now,
               state_.timing.since_epoch(now));
    until = std::max(until, now + state_.standard.sync_hold[id_[cas]]);
    return true;
  }
  until = std::max(until, now + state_.standard.sync_hold[id_[kind_of(lane, want_column)]]);
  return false;
}

// Writes that waited for this read: they wait for another of the same place, or go on.
void FastController::unpark(Lane& lane, std::int16_t read) {
  auto kept = state_.parked.begin();
  for (auto parked = state_.parked.begin(); parked != state_.parked.end(); ++parked) {
    if (parked->lane == lane.index && parked->read == read) {
      const Slot& write = slot_of(lane.queues[1], parked->slot);
      parked->read = find_read(state_, {.bank = write.bank, .row = write.row, .column = write.column});
      if (parked->read == no_slot) {
        take_queued(state_, lane, state_.bank(write.bank), true);
        link<true>(state_, lane, state_.bank(write.bank), parked->slot);
        if (lane.writing && !lane.starving) {
          lane.starving_at = std::min(lane.starving_at, write.arrival + state_.age_cap);
          state_.lower(lane.due[deed_update], lane.starving_at);
        }
        continue;
      }
    }
    *kept++ = *parked;
  }
  state_.parked.erase(kept, state_.parked.end());
}

}  // namespace wordline::memory
