// What a scheduler policy is: which of a lane's possible commands of one sort goes next, and when.
#pragma once

#include <string>
#include <vector>

#include "wordline/memory/state.h"

namespace wordline::memory {

// A policy is pure: with an unchanged state the pick made at `now` is the pick at every tick up to Pick::tick. Commands
// issued meanwhile only make others later, so a pick whose command is still ready at its tick is still the right one.
struct SchedulerPolicy {
  // The next command of a sort for the lane's active direction, none before `now`; tick == never where there is none.
  // Banks that rest until later than `now` are left out.
  Pick (*choose)(const ChannelState& state, const Lane& lane, Want want, Tick now);
  // The order of a bank's accesses in that choice: lower first; what choose() would have put into Pick::key.
  std::uint64_t (*key)(const Lane& lane, Want want, std::int32_t bank, std::uint64_t access_key);
  // Whether a new candidate may simply be compared with the pick (by tick, then key); else the pick is made anew.
  bool comparable = true;
};

// The policy of that name. Throws core::UsageError with the nearest name.
const SchedulerPolicy& scheduler_named(const std::string& name);

namespace policy::scheduler {

#define WORDLINE_POLICY(name) extern const SchedulerPolicy name;
#include "wordline/memory/policy/scheduler.inc"
#undef WORDLINE_POLICY

}  // namespace policy::scheduler

}  // namespace wordline::memory
