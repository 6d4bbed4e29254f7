// One DRAM command at one tick: what controllers emit, traces hold and the auditor replays.
#pragma once

#include <cstdint>

namespace wordline::dram {

// Time inside a channel: an integer count of the part's ticks (Standard::ticks_per_clock of them make a clock).
using Tick = std::int64_t;

// A command's number in its standard's table, from 0.
using CommandId = std::uint8_t;
inline constexpr CommandId no_command = 255;

// A command on its bus, first edge at `tick`. `bank` is the flat index of the bank it goes to; a command for a wider
// node (PREA, REFab) carries any bank of that node, a same-bank command (REFsb) any bank of its number: writers use the
// lowest.
struct Command {
  Tick tick = 0;
  std::int32_t bank = 0;
  std::int32_t row = 0;     // of ACT; 0 elsewhere
  std::int32_t column = 0;  // burst number in its row, of RD and WR; 0 elsewhere
  CommandId id = no_command;
  bool operator==(const Command&) const = default;
};

}  // namespace wordline::dram
