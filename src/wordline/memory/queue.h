// The bookkeeping of queues and banks: what waits for which bank, which of it hits the open row, what the bank wants.
// In a header, since calls would cost as much as the work.
#pragma once

#include <algorithm>

#include "wordline/memory/state.h"

namespace wordline::memory {

// An empty channel: all banks closed, all queues free, no refresh units yet.
ChannelState make_state(const dram::Standard& standard, const Settings& settings, int bursts);

// Where a queued write to the same place is, parked ones included: the youngest, or no_slot.
std::int16_t find_write(const ChannelState& state, const Access& access);
// The youngest queued read of the same place, or no_slot.
std::int16_t find_read(const ChannelState& state, const Access& access);

// The access that was linked first, or no_slot.
std::int16_t find_oldest(const Queue& queue);
// When the first of those that are linked arrived; there must be one.
Tick first_arrival(const Queue& queue);
// A refresh unit has more or less to wait for: a bank with accesses, a parked write. Whether nothing is left.
inline void add_queued(ChannelState& state, Lane& lane, const Bank& bank, bool write) {
  if (state.units[static_cast<std::size_t>(bank.unit)].queued[write]++ == 0)
    lane.queued[write] |= std::uint64_t{1} << (bank.unit - lane.first_unit);
}
inline bool take_queued(ChannelState& state, Lane& lane, const Bank& bank, bool write) {
  if (--state.units[static_cast<std::size_t>(bank.unit)].queued[write] > 0) return false;
  lane.queued[write] &= ~(std::uint64_t{1} << (bank.unit - lane.first_unit));
  return true;
}

// Numbers all accesses that wait anew, in their order.
void renumber(ChannelState& state);

[[gnu::always_inline]] inline Kind kind_of(const Lane& lane, Want want) {
  return want == want_act ? act : want == want_pre ? pre : lane.writing ? wr : rd;
}

// Which way a lane works: writes drain once `write_high` are queued, or while there is no read, until `write_low` are
// left and a read waits. Writes that wait for a read cannot be drained.
inline bool writes_next(const Lane& lane, const Settings& settings) {
  const Queue &reads = lane.queues[0], &writes = lane.queues[1];
  if (writes.linked == 0) return false;
  if (reads.size == 0) return true;
  return writes.size > settings.write_low && (lane.writing || writes.size >= settings.write_high);
}

// Which access of the lane's direction speaks for a bank with accesses, and what it wants: its leader if that is there;
// else, if the row is closed, the first for its activation; the first hit for a column command; the first for a
// precharge.
[[gnu::always_inline]] inline Want find_speaker(const ChannelState& state, const Lane& lane, const Bank& bank,
                                                std::int32_t b, std::int16_t& speaker) {
  if (lane.leader != no_slot) [[unlikely]] {
    if (slot_of(lane.active(), lane.leader).bank == b) {
      speaker = lane.leader;
      if (bank.row == Bank::closed) return want_act;
      return bank.row == slot_of(lane.active(), lane.leader).row ? want_column : want_pre;
    }
    if (state.only_oldest) return want_nothing;
  }
  const Waiting& waiting = bank.waiting[lane.writing];
  if (waiting.hits > 0) {
    speaker = waiting.first_hit;
    return want_column;
  }
  speaker = waiting.first;
  return bank.row == Bank::closed ? want_act : want_pre;
}

// Tells the lane what a bank wants now: after every change of its row, of its accesses, of what blocks or leads it.
// `anew`: whatever it wanted, which was for another direction.
[[gnu::always_inline]] inline void settle(ChannelState& state, Lane& lane, Bank& bank, std::int32_t b,
                                          bool anew = false) {
  Want want = want_nothing;
  std::int16_t speaker = no_slot;
  if (bank.waiting[lane.writing].count > 0 && !bank.blocked) want = find_speaker(state, lane, bank, b, speaker);
  if (want != want_nothing) {
    bank.speaker = speaker;
    lane.keys[bank.place] = slot_of(lane.active(), speaker).key;
  }
  if (want == bank.want && !anew) return;
  lane.gates[bank.want][bank.place] = Lane::shut;
  bank.want = want;
  if (want == want_nothing) return;
  lane.gates[want][bank.place] = Lane::open;
  const Kind kind = kind_of(lane, want);
  const std::int32_t ready = state.timing.edge(kind, lane.ready[kind][bank.place]);
  std::int32_t& due = lane.due[deed_of(want)];
  if (ready < due) due = ready;
}

// The same for all of its banks.
inline void settle_all(ChannelState& state, Lane& lane) {
  for (std::int32_t b = lane.first_bank; b < lane.end_bank; ++b) settle(state, lane, state.bank(b), b, true);
}

// Makes a queued access of the lane's direction, or none, its leader.
inline void lead(ChannelState& state, Lane& lane, std::int16_t leader) {
  const std::int16_t before = lane.leader;
  lane.leader = leader;
  for (const std::int16_t slot : {before, leader}) {
    if (slot == no_slot) continue;
    const std::int32_t b = slot_of(lane.active(), slot).bank;
    settle(state, lane, state.bank(b), b);
  }
}

// Takes a free slot of the access' queue for it; there must be one. It waits for nothing until it is linked.
template <bool write>
[[gnu::always_inline]] inline std::int16_t take_slot(ChannelState& state, Lane& lane, const Access& access,
                                                     std::uint8_t priority, std::uint64_t id, Tick now) {
  if (state.next_number == most_numbers) [[unlikely]]
    renumber(state);
  Queue& queue = lane.queues[write];
  const std::int16_t taken = queue.free;
  Slot& slot = slot_of(queue, taken);
  queue.free = slot.after;
  ++queue.size;
  slot.arrival = now;
  slot.id = id;
  slot.token = access.token;
  slot.bank = access.bank;
  slot.row = access.row;
  slot.column = access.column;
  slot.key = (15u - priority) << (number_bits + bank_bits) | state.next_number++ << bank_bits |
             static_cast<Key>(access.bank - lane.first_bank);
  slot.left = static_cast<std::int16_t>(state.bursts);
  slot.priority = priority;
  slot.opened = false;
  return taken;
}

// Puts a slot into its queue's order of age and its bank's order of keys; returns whether it may speak for its bank.
// `last`: its key is higher than all others', as that of any new access without priority.
template <bool write, bool last = false>
[[gnu::always_inline]] inline bool link(ChannelState& state, Lane& lane, Bank& bank, std::int16_t linked) {
  Queue& queue = lane.queues[write];
  Slot& slot = slot_of(queue, linked);
  slot.turn = ++queue.turns;
  if (write) ++queue.linked;

  Waiting& waiting = bank.waiting[write];
  std::int16_t before = waiting.last;  // of those with lower keys the last
  if (!last)
    while (before != no_slot && slot_of(queue, before).key > slot.key) before = slot_of(queue, before).before;
  slot.before = before;
  std::int16_t& after_before = before == no_slot ? waiting.first : slot_of(queue, before).after;
  const std::int16_t after = last ? no_slot : after_before;
  slot.after = after;
  after_before = linked;
  (after == no_slot ? waiting.last : slot_of(queue, after).before) = linked;
  if (waiting.count++ == 0) add_queued(state, lane, bank, write);
  bool speaks = before == no_slot;
  if (bank.row == slot.row) {
    ++waiting.hits;
    if (waiting.first_hit == no_slot || (!last && slot.key < slot_of(queue, waiting.first_hit).key)) {
      waiting.first_hit = linked;
      speaks = true;
    }
  }
  if (!speaks || write != lane.writing) return false;
  if (state.only_oldest && lane.leader == no_slot)  // it is alone
    lead(state, lane, linked);
  else
    settle(state, lane, bank, slot.bank);
  return true;
}

// Takes a finished access out of its queue; returns whether nothing is left of what its refresh unit waits for. What
// its bank wants then is not settled yet.
template <bool write>
[[gnu::always_inline]] inline bool release(ChannelState& state, Lane& lane, Bank& bank, std::int16_t released) {
  Queue& queue = lane.queues[write];
  Slot& gone = slot_of(queue, released);
  const std::int16_t after = gone.after, before = gone.before;
  gone.turn = 0;
  gone.after = queue.free;
  queue.free = released;
  --queue.size;
  if (write) --queue.linked;

  Waiting& waiting = bank.waiting[write];
  (before == no_slot ? waiting.first : slot_of(queue, before).after) = after;
  (after == no_slot ? waiting.last : slot_of(queue, after).before) = before;
  --waiting.count;
  if (bank.row == gone.row) {
    --waiting.hits;
    if (waiting.first_hit == released) {
      std::int16_t next = waiting.hits > 0 ? after : no_slot;
      while (next != no_slot && slot_of(queue, next).row != bank.row) next = slot_of(queue, next).after;
      waiting.first_hit = next;
    }
  }
  return waiting.count == 0 && take_queued(state, lane, bank, write);
}

// What a bank wants, where that is known: another thing than before, for the speaker that is set. Not settle()'s other
// work: the time.
[[gnu::always_inline]] inline void want_now(Lane& lane, Bank& bank, Want before, Want want) {
  lane.gates[before][bank.place] = Lane::shut;
  lane.gates[want][bank.place] = Lane::open;
  bank.want = want;
}

// Finds among a bank's accesses of one direction those that hit a row.
[[gnu::always_inline]] inline void find_hits(const Queue& queue, Waiting& waiting, std::int32_t row) {
  std::int16_t hits = 0, first_hit = no_slot;
  for (std::int16_t slot = waiting.last; slot != no_slot; slot = slot_of(queue, slot).before)
    if (slot_of(queue, slot).row == row) {
      ++hits;
      first_hit = slot;
    }
  waiting.hits = hits;
  waiting.first_hit = first_hit;
}

// Opens a row of a bank (Bank::closed: closes it) and finds what hits it.
inline void set_row(ChannelState& state, Lane& lane, Bank& bank, std::int32_t b, std::int32_t row) {
  bank.row = row;
  for (const bool write : {false, true}) find_hits(lane.queues[write], bank.waiting[write], row);
  settle(state, lane, bank, b);
}

}  // namespace wordline::memory
