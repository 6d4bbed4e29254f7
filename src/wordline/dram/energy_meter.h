// Energy over time: the commands of one channel in, joules of each interval out.
#pragma once

#include <vector>

#include "wordline/dram/power.h"
#include "wordline/dram/state_counter.h"

namespace wordline::dram {

// A command's joules fall into the interval of its first edge, standby, power-down and self-refresh into the intervals
// in which they burn. The sum over all intervals is energy_of() the channel's activity. The standard must outlive the
// meter.
class EnergyMeter {
 public:
  // `tick` is the time of one, `interval` the length of an interval in ticks.
  EnergyMeter(const Standard& standard, const Power& power, core::Seconds tick, Tick interval);

  // Commands come in rising order of ticks.
  void take(const Command& command);
  // Time passes up to `end` without a command.
  void advance(Tick end);

  // Joules of each interval up to now; the last one may be cut short.
  const std::vector<Energy>& intervals() const { return intervals_; }
  // The mean of an interval over its whole length, or over what there is of the last one.
  core::Watts watts(std::size_t interval) const;
  // Joules of the whole time.
  Energy total() const;

 private:
  Energy& at(Tick tick);

  const Standard& standard_;
  Power power_;
  core::Seconds tick_;
  Tick interval_;
  Tick now_ = 0;
  std::vector<Energy> of_command_;  // by CommandId
  StateCounter states_;
  std::vector<Energy> intervals_;
};

}  // namespace wordline::dram
