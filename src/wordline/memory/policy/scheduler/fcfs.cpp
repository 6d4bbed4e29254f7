// First come first served: the oldest access of the active direction alone gets commands.
#include "wordline/memory/policy/scheduler/scheduler.h"
#include "wordline/memory/scan.h"

namespace wordline::memory::policy::scheduler {

namespace {

Pick choose(const ChannelState& state, const Lane& lane, Want want, Tick now) {
  const Queue& queue = lane.active();
  if (queue.oldest == no_slot) return {};
  const Slot& oldest = slot_of(queue, queue.oldest);
  const Bank& bank = state.bank(oldest.bank);
  const Want wanted = bank.row == Bank::closed ? want_act : bank.row == oldest.row ? want_column : want_pre;
  if (wanted != want || bank.blocked) return {};
  const Kind kind = kind_of(lane, want);
  return {.tick = state.timing.earliest_hot(kind, oldest.bank, now),
          .key = oldest.key,
          .id = oldest.key,
          .bank = oldest.bank,
          .slot = queue.oldest,
          .kind = kind};
}

std::uint64_t key(const Lane&, Want, std::int32_t, std::uint64_t access_key) { return access_key; }

}  // namespace

const SchedulerPolicy fcfs{.choose = choose, .key = key, .comparable = false};

}  // namespace wordline::memory::policy::scheduler
