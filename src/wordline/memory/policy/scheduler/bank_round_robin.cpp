// Banks in turn: of the banks that can have such a command now the next one after the bank that had the last.
#include "wordline/memory/scan.h"

namespace wordline::memory::policy::scheduler {

namespace {

Choice choose(const ChannelState& state, const Lane& lane, Want want, Tick now) {
  const std::int32_t turn = lane.turn[want], banks = lane.banks;
  return scan(state, lane, want, now, [&](std::int32_t bank, Key) {
    return static_cast<std::uint32_t>(bank >= turn ? bank - turn : bank - turn + banks);
  });
}

}  // namespace

const SchedulerPolicy bank_round_robin{.choose = choose};

}  // namespace wordline::memory::policy::scheduler
