// What a refresh policy is: which banks are refreshed together, by which command; and when, which is common to all.
#pragma once

#include <string>
#include <vector>

#include "wordline/memory/state.h"

namespace wordline::memory {

struct RefreshPolicy {
  // Divides the channel's banks into units and sets ChannelState's refresh fields. Throws core::UsageError where the
  // standard has no such refresh or does not allow so many to be postponed or pulled in.
  void (*set_up)(ChannelState& state);
};

// The policy of that name. Throws core::UsageError with the nearest name.
const RefreshPolicy& refresh_policy_named(const std::string& name);

// Units of what each command `kind` reaches, by lanes; their first refreshes spread evenly over one interval in the
// order of `turns` (a permutation of the units).
void divide_into_units(ChannelState& state, Kind kind);
void spread_first_refreshes(ChannelState& state, const std::vector<std::size_t>& turns);

// The lane's units that have to be refreshed from now on: a forced one, an owed one for which nothing waits, and one
// that may come early while the bus has work but none for it. Pure but for the bits that follow from time alone.
inline std::uint64_t refreshes_to_want(const ChannelState& state, const Lane& lane) {
  std::uint64_t wanted = lane.forced | (lane.owed & ~(lane.queued[0] | lane.queued[1]));
  if (state.pulled_in > 0 && lane.active().size > 0) wanted |= lane.may_come_early & ~lane.queued[lane.writing];
  return wanted & ~lane.wanted;
}
// Sets the lane's bits that follow from time alone, for `now`.
void pass_time(const ChannelState& state, Lane& lane, Tick now);

namespace policy::refresh {

#define WORDLINE_POLICY(name) extern const RefreshPolicy name;
#include "wordline/memory/policy/refresh.inc"
#undef WORDLINE_POLICY

}  // namespace policy::refresh

}  // namespace wordline::memory
