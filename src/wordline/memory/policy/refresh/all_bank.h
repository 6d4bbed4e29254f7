// All-bank refresh, a rank (stack id) at a time.
#pragma once

#include "wordline/memory/state.h"

namespace wordline::memory::policy::refresh {

// Spreads the first refreshes of the units evenly over one interval: unit u of n at (2u + 1) / 2n of it.
void stagger(ChannelState& state);

// Marks the units whose refresh is due at `now`: they take no other command until it is done. Returns whether any is
// new.
bool update_due(ChannelState& state, Tick now);

// Marks units up to one interval before they are due (a refresh pulled in, where the standard allows one) while their
// lane has work, but none for them: then the refresh hides behind the work of the others. Returns whether any is new.
bool update_early(ChannelState& state, Tick now);

// The first tick after `now` at which the two could decide otherwise if nothing else happens.
Tick next_change(const ChannelState& state, Tick now);

}  // namespace wordline::memory::policy::refresh
