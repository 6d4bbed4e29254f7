// Looks through a lane's candidates one by one: what scheduler policies are made of.
#pragma once

#include "wordline/memory/policy/scheduler/scheduler.h"
#include "wordline/memory/queue.h"

namespace wordline::memory {

// Of the lane's banks that want such a command and can have it now the one with the lowest order, which
// order_of(bank, key of its speaker) gives.
template <class OrderOf>
Choice scan(const ChannelState& state, const Lane& lane, Want want, Tick now, OrderOf order_of) {
  const Kind kind = kind_of(lane, want);
  Choice choice;
  std::uint32_t best = no_key;
  for (std::int32_t b = lane.first_bank; b < lane.end_bank; ++b) {
    const Bank& bank = state.bank(b);
    if (bank.want != want) continue;
    const Tick tick = state.timing.of_bank(kind, b);
    if (tick > now) {
      choice.next = tick < choice.next ? tick : choice.next;
      continue;
    }
    const std::uint32_t order = order_of(b, lane.keys[bank.place]);
    if (order >= best) continue;
    best = order;
    choice.bank = static_cast<std::int16_t>(b);
  }
  return choice;
}

// The one whose access has the lowest key.
inline Choice oldest_ready(const ChannelState& state, const Lane& lane, Want want, Tick now) {
  return scan(state, lane, want, now, [](std::int32_t, Key key) { return key; });
}

}  // namespace wordline::memory
