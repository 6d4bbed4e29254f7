// Looks through a lane's candidates for the one that can go first: what the scheduler policies are made of.
#pragma once

#include "wordline/memory/state.h"

namespace wordline::memory {

inline Kind kind_of(const Lane& lane, Want want) {
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
  return gives_up_row(state, lane, b) ? want_pre : state.bank(b).waiting[lane.writing].want;
}

// The access that speaks for a bank: its first hit for a column command, else its first; a starving one before both.
inline std::int16_t speaker(const ChannelState& state, const Lane& lane, std::int32_t b, Want want) {
  const Waiting& waiting = state.bank(b).waiting[lane.writing];
  if (lane.starving && slot_of(lane.active(), lane.active().oldest).bank == b) return lane.active().oldest;
  return want == want_column ? waiting.first_hit : waiting.first;
}

// The pick of one bank, its key by `key_of(bank, access key)`; `from` is Timing::common for the command.
template <class KeyOf>
Pick pick_of(const ChannelState& state, const Lane& lane, std::int32_t b, Want want, Tick from, KeyOf key_of) {
  const std::int16_t s = speaker(state, lane, b, want);
  const Slot& slot = slot_of(lane.active(), s);
  const Kind kind = kind_of(lane, want);
  return {.tick = state.timing.below(kind, b, from),
          .key = key_of(b, slot.key),
          .id = slot.key,
          .bank = b,
          .slot = s,
          .kind = kind};
}

// Of all banks of the lane that want such a command the one that can have it first; of several at one tick that with
// the lowest key.
template <class KeyOf>
Pick scan(const ChannelState& state, const Lane& lane, Want want, Tick now, KeyOf key_of) {
  const Kind kind = kind_of(lane, want);
  const Tick from = state.timing.common(kind, lane.first_bank, now);
  Tick best_tick = never;
  std::uint64_t best_key = ~std::uint64_t{0};
  std::int32_t best_bank = no_bank;
  const auto offer = [&](std::int32_t b, std::uint64_t access_key) {
    const Tick tick = state.timing.below(kind, b, from);
    if (tick > best_tick) return;
    const std::uint64_t key = key_of(b, access_key);
    if (tick == best_tick && key > best_key) return;
    best_tick = tick;
    best_key = key;
    best_bank = b;
  };
  const BankList& list = lane.lists[lane.writing][want];
  for (int i = 0; i < list.size; ++i) {
    const std::int32_t b = list.banks[static_cast<std::size_t>(i)];
    const Bank& bank = state.bank(b);
    if (bank.blocked) continue;
    const Waiting& waiting = bank.waiting[lane.writing];
    if (lane.starving && slot_of(lane.active(), lane.active().oldest).bank == b) continue;  // below
    offer(b, want == want_column ? waiting.hit_key : waiting.first_key);
  }
  if (lane.starving) {
    const Slot& oldest = slot_of(lane.active(), lane.active().oldest);
    if (!state.bank(oldest.bank).blocked && want_of(state, lane, oldest.bank) == want) offer(oldest.bank, oldest.key);
  }
  Pick pick;
  if (best_bank == no_bank) return pick;
  pick.tick = best_tick;
  pick.key = best_key;
  pick.bank = best_bank;
  pick.slot = speaker(state, lane, best_bank, want);
  pick.id = slot_of(lane.active(), pick.slot).key;
  pick.kind = kind;
  return pick;
}

}  // namespace wordline::memory
