// What commands and states of a part burn. Energy is counted per command and per state interval, never per tick.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/core/units.h"
#include "wordline/dram/standard.h"

namespace wordline::dram {

// Joules and watts of one rank (all its dies) on one data path; a stack's per pseudochannel and stack id alike.
// power_table.h makes them from a part's currents.
struct Power {
  core::Joules activate;     // one ACT with its PRE, above standby
  core::Joules read, write;  // one burst inside the DRAM, above active standby
  core::Joules read_io,
      write_io;  // the same burst's pins, drivers and termination; 0 where the source's read energy holds it
  std::vector<core::Joules> refresh;  // one refresh command, by Standard::refreshes
  core::Watts idle;                   // precharge standby, all banks closed
  core::Watts first_bank;             // added while at least one bank is open
  core::Watts each_bank;              // added for each open bank after the first
  core::Watts power_down;             // instead of idle, in power-down with all banks closed
  core::Watts active_power_down;      // instead of idle and open banks, in power-down with a bank open
  core::Watts self_refresh;           // instead of idle and refresh commands
  core::Watts floor;                  // of one channel, always: measured, but by none of the above
};

// Commands by id, and the ticks that the ranks (stack ids) of a channel spent in each state. All sums over one channel.
struct Activity {
  std::vector<std::int64_t> commands;        // by CommandId
  std::int64_t ticks = 0;                    // simulated
  std::int64_t rank_open_ticks = 0;          // rank-ticks with at least one bank open, power-down apart
  std::int64_t bank_open_ticks = 0;          // bank-ticks open, power-down apart
  std::int64_t power_down_ticks = 0;         // rank-ticks in power-down with all banks closed
  std::int64_t active_power_down_ticks = 0;  // rank-ticks in power-down with a bank open
  std::int64_t self_refresh_ticks = 0;       // rank-ticks in self-refresh
  Activity& operator+=(const Activity& other);
};

// Joules by cause; their sum is total(). `background` is standby, power-down and self-refresh, `floor` what a part's
// [power] table gives to nothing that it does.
struct Energy {
  core::Joules activate, read, write, io, refresh, background, floor;
  core::Joules column() const { return read + write; }
  core::Joules total() const { return activate + read + write + io + refresh + background + floor; }
  core::JoulesPerByte per_byte(core::Bytes moved) const { return total() / moved; }
  Energy& operator+=(const Energy& other);
};

// Closed form from counts and state intervals.
Energy energy_of(const Power& power, const Standard& standard, core::Seconds tick, const Activity& activity);

}  // namespace wordline::dram
