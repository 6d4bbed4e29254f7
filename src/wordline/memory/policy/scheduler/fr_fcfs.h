// First ready, first come first served.
#pragma once

#include "wordline/memory/state.h"

namespace wordline::memory::policy::scheduler {

// Which way a lane works from now on: writes drain once `write_high` are queued, or while there is no read, until
// `write_low` are left and a read waits.
bool writes_next(const Lane& lane, const Settings& settings);

// Makes the lane's stale picks: for the column bus the access to an open row that can go first, for the row bus the ACT
// or PRE that can go first; the older one where several can at the same tick. A bank that has hits waiting keeps its
// row (open page), unless the lane's oldest access is beyond the age cap and needs another row of that bank: then its
// hits wait. Nothing goes to a unit that wants a refresh. No pick is before `now`.
void choose(const ChannelState& state, Lane& lane, Tick now);

// Lets one bank compete with the picks that are not stale, after something changed there alone.
void consider(const ChannelState& state, Lane& lane, std::int32_t bank, Tick now);

}  // namespace wordline::memory::policy::scheduler
