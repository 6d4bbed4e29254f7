// First ready, first come first served (Rixner et al., ISCA 2000): of the commands that can go now the one for the
// access with the highest priority, then the oldest.
#include "wordline/memory/scan.h"

namespace wordline::memory::policy::scheduler {

namespace {

Choice choose(const ChannelState& state, const Lane& lane, Want want, Tick now) {
  if (!lane.starving) return oldest_ready(state, lane, want, kind_of(lane, want), now);
  return scan(state, lane, want, now, [](std::int32_t, std::uint64_t key) { return key; });
}

}  // namespace

const SchedulerPolicy fr_fcfs{.choose = choose, .oldest_ready = true};

}  // namespace wordline::memory::policy::scheduler
