// The bookkeeping of queues and banks: what waits for which bank, which of it hits the open row, which is the oldest.
#pragma once

#include "wordline/memory/state.h"

namespace wordline::memory {

// An empty channel: all banks closed, all queues free, no refresh units yet.
ChannelState make_state(const dram::Standard& standard, const Settings& settings, int bursts);

// Where a queued write to the same place is, parked ones included: the youngest, or no_slot.
std::int16_t find_write(const ChannelState& state, const Access& access);
// The youngest queued read of the same place, or no_slot.
std::int16_t find_read(const ChannelState& state, const Access& access);

// Takes a free slot of the access' queue for it; there must be one. It waits for nothing until it is linked.
std::int16_t take_slot(ChannelState& state, Lane& lane, const Access& access, std::uint64_t id, Tick now);
// Puts a slot into its queue's order of age and its bank's order of keys.
void link(ChannelState& state, Lane& lane, bool write, std::int16_t slot);
// Takes a finished access out of its queue.
void release(ChannelState& state, Lane& lane, bool write, std::int16_t slot);
// Opens a row of a bank (Bank::closed: closes it) and finds what hits it.
void set_row(ChannelState& state, Lane& lane, std::int32_t bank, std::int32_t row);
// Moves the banks of one list whose rest is over by `now` to the ready ones; there must be one.
void end_rests(ChannelState& state, Lane& lane, Want want, Tick now);

}  // namespace wordline::memory
