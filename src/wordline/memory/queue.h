// The bookkeeping of queues and banks: what waits for which bank, which of it hits the open row, which is the oldest.
#pragma once

#include "wordline/memory/state.h"

namespace wordline::memory {

// An empty channel: all banks closed, all queues free.
ChannelState make_state(const dram::Standard& standard, const Settings& settings, int bursts);

// Puts an access into its lane's queue; there must be room.
void enqueue(ChannelState& state, const Access& access, std::uint64_t id, Tick now);
// Takes a finished access out of the lane's active queue.
void dequeue(ChannelState& state, Lane& lane, std::int8_t slot);
// Opens a row of a bank (Bank::closed: closes it) and finds what hits it.
void set_row(ChannelState& state, std::int32_t bank, std::int32_t row);

}  // namespace wordline::memory
