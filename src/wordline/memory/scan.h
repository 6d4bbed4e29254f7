// Looks through a lane's candidates for the one that can go first: what the scheduler policies are made of.
#pragma once

#include "wordline/memory/policy/scheduler/scheduler.h"

namespace wordline::memory {

[[gnu::always_inline]] inline Kind kind_of(const Lane& lane, Want want) {
  return want == want_act ? act : want == want_pre ? pre : lane.writing ? wr : rd;
}

// Whether the bank holds the lane's starving access and another row: then its hits must wait and the row must go.
inline bool gives_up_row(const ChannelState& state, const Lane& lane, std::int32_t b) {
  if (!lane.starving) return false;
  const Slot& oldest = slot_of(lane.active(), lane.active().oldest);
  return oldest.bank == b && state.bank(b).row != Bank::closed && state.bank(b).row != oldest.row;
}

// What the bank's accesses want of the lane's active direction, a starving one regarded.
inline Want want_of(const ChannelState& state, const Lane& lane, std::int32_t b) {
  return gives_up_row(state, lane, b) ? want_pre : state.link(b, lane.writing).want;
}

// The access that speaks for a bank: its first hit for a column command, else its first; a starving one before both.
inline std::int16_t speaker(const ChannelState& state, const Lane& lane, std::int32_t b, Want want) {
  const Waiting& waiting = state.bank(b).waiting[lane.writing];
  if (lane.starving && slot_of(lane.active(), lane.active().oldest).bank == b) return lane.active().oldest;
  return want == want_column ? waiting.first_hit : waiting.first;
}

// The first of the lane's ready banks, by age, that can have such a command now; where nothing starves.
[[gnu::always_inline]] inline Choice oldest_ready(const ChannelState& state, const Lane& lane, Want want, Kind kind,
                                                  Tick now) {
  const BankLink* const links = state.links[lane.writing].data();
  Choice choice;
  for (std::int16_t b = lane.lists[lane.writing][want].ready.first; b != no_bank; b = links[b].after) {
    if (links[b].blocked) continue;
    const Tick tick = state.timing.below(kind, b, now);
    if (tick <= now) {
      choice.bank = b;
      return choice;
    }
    choice.next = tick < choice.next ? tick : choice.next;
  }
  return choice;
}

// Of the lane's ready banks that want such a command and can have it now the one with the lowest key, which
// key_of(bank, key of its access) gives. A starving access speaks for its bank.
template <class KeyOf>
Choice scan(const ChannelState& state, const Lane& lane, Want want, Tick now, KeyOf key_of) {
  const Kind kind = kind_of(lane, want);
  const BankLink* const links = state.links[lane.writing].data();
  Choice choice;
  std::uint64_t best_key = ~std::uint64_t{0};
  const std::int32_t starving = lane.starving ? slot_of(lane.active(), lane.active().oldest).bank : no_bank;
  const auto offer = [&](std::int32_t b, std::uint64_t access_key) {
    const Tick tick = state.timing.below(kind, b, now);
    if (tick > now) {
      choice.next = tick < choice.next ? tick : choice.next;
      return;
    }
    const std::uint64_t key = key_of(b, access_key);
    if (key >= best_key) return;
    best_key = key;
    choice.bank = static_cast<std::int16_t>(b);
  };
  for (std::int16_t b = lane.lists[lane.writing][want].ready.first; b != no_bank; b = links[b].after)
    if (!links[b].blocked && b != starving) offer(b, links[b].key);
  if (starving != no_bank && !links[starving].blocked && want_of(state, lane, starving) == want)
    offer(starving, slot_of(lane.active(), lane.active().oldest).key);
  return choice;
}

}  // namespace wordline::memory
