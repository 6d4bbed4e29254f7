// What a scheduler policy is: which of a lane's possible commands of one sort issues now, or when to ask again.
#pragma once

#include <string>

#include "wordline/memory/state.h"

namespace wordline::memory {

// What a lane does about one sort of command at `now`: the bank that gets it, or no_bank and the first tick at which
// that could be another answer if nothing else happens.
struct Choice {
  std::int16_t bank = no_bank;
  Tick next = never;
};

// A policy is pure: with an unchanged state it answers no_bank at every tick before Choice::next.
struct SchedulerPolicy {
  // Asked when the command bus allows such a command at `now`. A bank wants one sort of command for one access, its
  // speaker: see queue.h.
  Choice (*choose)(const ChannelState& state, const Lane& lane, Want want, Tick now);
  // Whether choose() is oldest_ready() of scan.h: then it need not be called.
  bool oldest_ready = false;
  // Whether only the oldest access of a lane's direction speaks for its bank, and no other bank wants anything.
  bool only_oldest = false;
};

// The policy of that name. Throws core::UsageError with the nearest name.
const SchedulerPolicy& scheduler_named(const std::string& name);

namespace policy::scheduler {

#define WORDLINE_POLICY(name) extern const SchedulerPolicy name;
#include "wordline/memory/policy/scheduler.inc"
#undef WORDLINE_POLICY

}  // namespace policy::scheduler

}  // namespace wordline::memory
