// The ticks that a channel's ranks spend with open banks, in power-down and in self-refresh, counted by intervals.
#pragma once

#include <vector>

#include "wordline/dram/power.h"

namespace wordline::dram {

// Follows the states that commands put banks and ranks into; legality is not judged. A rank sleeps from the first edge
// of its entry to that of its exit, whatever the table calls the sleeping node. The standard must outlive it.
class StateCounter {
 public:
  explicit StateCounter(const Standard& standard);

  // Changes the states as the command does, from now on.
  void take(const Command& command);
  // Adds `ticks` in the present states to the activity's ticks and state intervals.
  void pass(Tick ticks, Activity& activity) const;

 private:
  enum class Sleep : std::uint8_t { awake, power_down, self_refresh };
  struct Rank {
    int open_banks = 0;
    Sleep sleep = Sleep::awake;
  };
  Rank& rank_of(int bank) { return ranks_[static_cast<std::size_t>(standard_.geometry.node(rank_level_, bank))]; }
  void set_open(int bank, bool open);
  // Adds a rank's present state to the sums, or takes it away (-1).
  void count(const Rank& rank, int sign);

  const Standard& standard_;
  int rank_level_;
  std::vector<bool> open_;  // by bank
  std::vector<Rank> ranks_;
  Activity each_tick_;  // what one tick adds, without commands
};

}  // namespace wordline::dram
