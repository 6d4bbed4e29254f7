// First ready, first come first served (Rixner et al., ISCA 2000): of the commands that can go now the one for the
// access with the highest priority, then the oldest.
#include "wordline/memory/policy/scheduler/scheduler.h"
#include "wordline/memory/scan.h"

namespace wordline::memory::policy::scheduler {

namespace {

Pick choose(const ChannelState& state, const Lane& lane, Want want, Tick now) {
  return scan<true>(state, lane, want, now, [](std::int32_t, std::uint64_t key) { return key; });
}

std::uint64_t key(const Lane&, Want, std::int32_t, std::uint64_t access_key) { return access_key; }

}  // namespace

const SchedulerPolicy fr_fcfs{.choose = choose, .key = key, .comparable = true};

}  // namespace wordline::memory::policy::scheduler
