// First come first served: the oldest access of the active direction alone gets commands.
#include "wordline/memory/scan.h"

namespace wordline::memory::policy::scheduler {

namespace {

Choice choose(const ChannelState& state, const Lane& lane, Want want, Tick now) {
  const Queue& queue = lane.active();
  if (queue.oldest == no_slot) return {};
  const Slot& oldest = slot_of(queue, queue.oldest);
  const Bank& bank = state.bank(oldest.bank);
  const Want wanted = bank.row == Bank::closed ? want_act : bank.row == oldest.row ? want_column : want_pre;
  if (wanted != want || state.blocked(oldest.bank)) return {};
  const Tick tick = state.timing.below(kind_of(lane, want), oldest.bank, now);
  if (tick > now) return {.bank = no_bank, .next = tick};
  return {.bank = static_cast<std::int16_t>(oldest.bank), .next = tick};
}

}  // namespace

const SchedulerPolicy fcfs{.choose = choose, .by_lists = false};

}  // namespace wordline::memory::policy::scheduler
