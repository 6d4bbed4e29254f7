// Banks in turn: of the banks that can have such a command now the next one after the bank that had the last.
#include "wordline/memory/policy/scheduler/scheduler.h"
#include "wordline/memory/scan.h"

namespace wordline::memory::policy::scheduler {

namespace {

std::uint64_t key(const Lane& lane, Want want, std::int32_t bank, std::uint64_t) {
  const std::int32_t turn = lane.turn[want];
  return static_cast<std::uint64_t>(bank >= turn ? bank - turn : bank - turn + lane.end_bank - lane.first_bank);
}

Pick choose(const ChannelState& state, const Lane& lane, Want want, Tick now) {
  return scan<false>(state, lane, want, now,
              [&](std::int32_t bank, std::uint64_t access_key) { return key(lane, want, bank, access_key); });
}

}  // namespace

const SchedulerPolicy bank_round_robin{.choose = choose, .key = key, .comparable = true};

}  // namespace wordline::memory::policy::scheduler
