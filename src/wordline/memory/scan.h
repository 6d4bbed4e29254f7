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

// Of the lane's ready banks that want such a command the one that can have it first; of several at one tick that with
// the lowest key, which key_of(bank, key of its access) gives. `by_age`: those keys rise with the accesses' own.
template <bool by_age, class KeyOf>
Pick scan(const ChannelState& state, const Lane& lane, Want want, Tick now, KeyOf key_of) {
  const Kind kind = kind_of(lane, want);
  const Tick from = state.timing.common(kind, lane.first_bank, now);
  const bool write = lane.writing;
  Pick best;
  const auto offer = [&](std::int32_t b, std::uint64_t access_key) {
    const Tick tick = state.timing.below(kind, b, from);
    if (tick > best.tick) return;
    const std::uint64_t key = key_of(b, access_key);
    if (tick == best.tick && key >= best.key) return;
    best.tick = tick;
    best.key = key;
    best.bank = b;
  };
  const std::int32_t starving = lane.starving ? slot_of(lane.active(), lane.active().oldest).bank : no_bank;
  for (std::int16_t b = lane.lists[write][want].ready.first; b != no_bank;) {
    const Bank& bank = state.bank(b);
    const Waiting& waiting = bank.waiting[write];
    if (!bank.blocked && b != starving) {
      offer(b, waiting.key);
      if (by_age && best.tick == from) break;  // nobody can be earlier, and all that follow are younger
    }
    b = waiting.after;
  }
  if (starving != no_bank && !state.bank(starving).blocked && want_of(state, lane, starving) == want)
    offer(starving, slot_of(lane.active(), lane.active().oldest).key);
  if (best.bank == no_bank) return best;
  best.slot = speaker(state, lane, best.bank, want);
  best.id = slot_of(lane.active(), best.slot).key;
  best.kind = kind;
  return best;
}

}  // namespace wordline::memory
