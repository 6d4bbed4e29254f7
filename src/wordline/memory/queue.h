// The bookkeeping of queues and banks: what waits for which bank, which of it hits the open row, which is the oldest.
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

// Links a bank behind the last one of the list that `goes_before` says may stand before it.
template <class GoesBefore>
[[gnu::always_inline]] inline void link_bank(BankLink* links, BankList& list, std::int32_t b, GoesBefore goes_before) {
  BankLink& own = links[b];
  std::int16_t before = list.last;
  while (before != no_bank && !goes_before(links[before])) before = links[before].before;
  own.before = before;
  std::int16_t& after_before = before == no_bank ? list.first : links[before].after;
  own.after = after_before;
  after_before = static_cast<std::int16_t>(b);
  (own.after == no_bank ? list.last : links[own.after].before) = static_cast<std::int16_t>(b);
}

[[gnu::always_inline]] inline void link_ready(BankLink* links, BankLists& lists, std::int32_t b) {
  const std::uint64_t key = links[b].key;
  links[b].resting = false;
  link_bank(links, lists.ready, b, [key](const BankLink& other) { return other.key < key; });
}

[[gnu::always_inline]] inline void unlink_bank(BankLink* links, BankLists& lists, const BankLink& own) {
  BankList& list = own.resting ? lists.resting : lists.ready;
  (own.before == no_bank ? list.first : links[own.before].after) = own.after;
  (own.after == no_bank ? list.last : links[own.after].before) = own.before;
}

// Moves a bank to its place in the lists of what its accesses of one direction want now.
[[gnu::always_inline]] inline void settle(ChannelState& state, Lane& lane, std::int32_t b, const Bank& bank,
                                          bool write) {
  const Waiting& waiting = bank.waiting[write];
  BankLink* const links = state.links[write].data();
  BankLink& own = links[b];
  Want want = want_nothing;
  if (waiting.count > 0) want = bank.row == Bank::closed ? want_act : waiting.hits > 0 ? want_column : want_pre;
  const std::uint64_t key = want == want_column ? waiting.hit_key : waiting.first_key;
  if (want == own.want) {
    if (want == want_nothing || key == own.key) return;
    own.key = key;
    if (own.resting) return;
    if ((own.before == no_bank || links[own.before].key < key) && (own.after == no_bank || key < links[own.after].key))
      return;
  }
  if (own.want != want_nothing) unlink_bank(links, lane.lists[write][own.want], own);
  own.want = want;
  own.key = key;
  if (want == want_nothing) return;
  BankLists& lists = lane.lists[write][want];
  const Kind kind = want == want_act ? act : want == want_pre ? pre : write ? wr : rd;
  const Tick rest = state.timing.of_bank(kind, b);
  own.rests_until = rest;
  if (write == lane.writing && rest < lane.due[want])
    lane.due[want] = std::min(lane.due[want], state.timing.common(kind, b, std::max(rest, state.now)));
  if (rest <= state.now) return link_ready(links, lists, b);
  own.resting = true;
  link_bank(links, lists.resting, b, [rest](const BankLink& other) { return other.rests_until <= rest; });
}

[[gnu::always_inline]] inline void set_first(Waiting& waiting, const Queue& queue, std::int16_t slot) {
  waiting.first = slot;
  if (slot != no_slot) waiting.first_key = slot_of(queue, slot).key;
}

[[gnu::always_inline]] inline void set_first_hit(Waiting& waiting, const Queue& queue, std::int16_t slot) {
  waiting.first_hit = slot;
  if (slot != no_slot) waiting.hit_key = slot_of(queue, slot).key;
}

// Takes a free slot of the access' queue for it; there must be one. It waits for nothing until it is linked.
inline std::int16_t take_slot(ChannelState& state, Lane& lane, const Access& access, std::uint64_t id, Tick now) {
  Queue& queue = lane.queues[access.write];
  const std::int16_t taken = queue.free.back();
  queue.free.pop_back();
  ++queue.size;
  Slot& slot = slot_of(queue, taken);
  slot.arrival = now;
  slot.id = id;
  slot.token = access.token;
  slot.bank = access.bank;
  slot.row = access.row;
  slot.column = access.column;
  slot.left = static_cast<std::int16_t>(state.bursts);
  slot.priority = access.priority;
  slot.opened = false;
  const std::int16_t unit = state.bank(access.bank).unit;
  if (state.units[static_cast<std::size_t>(unit)].queued[access.write]++ == 0)
    lane.queued[access.write] |= std::uint64_t{1} << (unit - lane.first_unit);
  return taken;
}

// Puts a slot into its queue's order of age and its bank's order of keys.
inline void link(ChannelState& state, Lane& lane, bool write, std::int16_t linked) {
  Queue& queue = lane.queues[write];
  Slot& slot = slot_of(queue, linked);
  slot.key = std::uint64_t{15u - slot.priority} << 56 | slot.id;
  slot.older = queue.youngest;
  slot.younger = no_slot;
  (queue.youngest == no_slot ? queue.oldest : slot_of(queue, queue.youngest).younger) = linked;
  queue.youngest = linked;
  ++queue.linked;

  Bank& bank = state.bank(slot.bank);
  Waiting& waiting = bank.waiting[write];
  std::int16_t before = waiting.last;  // of those with lower keys the last
  while (before != no_slot && slot_of(queue, before).key > slot.key) before = slot_of(queue, before).before;
  slot.before = before;
  slot.after = before == no_slot ? waiting.first : slot_of(queue, before).after;
  if (slot.after == no_slot)
    waiting.last = linked;
  else
    slot_of(queue, slot.after).before = linked;
  if (before == no_slot)
    set_first(waiting, queue, linked);
  else
    slot_of(queue, before).after = linked;
  ++waiting.count;
  if (bank.row == slot.row) {
    ++waiting.hits;
    if (waiting.first_hit == no_slot || slot.key < waiting.hit_key) set_first_hit(waiting, queue, linked);
  }
  settle(state, lane, slot.bank, bank, write);
}

// Takes a finished access out of its queue.
inline void release(ChannelState& state, Lane& lane, bool write, std::int16_t released) {
  Queue& queue = lane.queues[write];
  const Slot& gone = slot_of(queue, released);
  (gone.older == no_slot ? queue.oldest : slot_of(queue, gone.older).younger) = gone.younger;
  (gone.younger == no_slot ? queue.youngest : slot_of(queue, gone.younger).older) = gone.older;
  queue.free.push_back(released);
  --queue.size;
  --queue.linked;

  Bank& bank = state.bank(gone.bank);
  Waiting& waiting = bank.waiting[write];
  if (gone.before != no_slot) slot_of(queue, gone.before).after = gone.after;
  (gone.after == no_slot ? waiting.last : slot_of(queue, gone.after).before) = gone.before;
  if (waiting.first == released) set_first(waiting, queue, gone.after);
  --waiting.count;
  if (bank.row == gone.row) {
    --waiting.hits;
    if (waiting.first_hit == released) {
      std::int16_t next = waiting.hits > 0 ? gone.after : no_slot;
      while (next != no_slot && slot_of(queue, next).row != bank.row) next = slot_of(queue, next).after;
      set_first_hit(waiting, queue, next);
    }
  }
  settle(state, lane, gone.bank, bank, write);
  if (--state.units[static_cast<std::size_t>(bank.unit)].queued[write] == 0)
    lane.queued[write] &= ~(std::uint64_t{1} << (bank.unit - lane.first_unit));
}

// Moves the banks of one list whose rest is over by `now` to the ready ones; there must be one.
inline void end_rests(ChannelState& state, Lane& lane, Want want, Tick now) {
  BankLink* const links = state.links[lane.writing].data();
  BankLists& lists = lane.lists[lane.writing][want];
  do {
    const std::int16_t b = lists.resting.first;
    lists.resting.first = links[b].after;
    (links[b].after == no_bank ? lists.resting.last : links[links[b].after].before) = no_bank;
    link_ready(links, lists, b);
  } while (lists.resting.first != no_bank && links[lists.resting.first].rests_until <= now);
}

// Opens a row of a bank (Bank::closed: closes it) and finds what hits it.
inline void set_row(ChannelState& state, Lane& lane, std::int32_t b, std::int32_t row) {
  Bank& bank = state.bank(b);
  bank.row = row;
  for (const bool write : {false, true}) {
    Waiting& waiting = bank.waiting[write];
    if (waiting.count == 0) continue;
    const Queue& queue = lane.queues[write];
    waiting.hits = 0;
    waiting.first_hit = no_slot;
    if (row != Bank::closed)
      for (std::int16_t slot = waiting.last; slot != no_slot; slot = slot_of(queue, slot).before)
        if (slot_of(queue, slot).row == row) {
          ++waiting.hits;
          waiting.first_hit = slot;
        }
    set_first_hit(waiting, queue, waiting.first_hit);
    settle(state, lane, b, bank, write);
  }
}

}  // namespace wordline::memory
