// Power over time, by category: the closed form of dram/power.h, interval by interval.
#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "wordline/dram/state_counter.h"
#include "wordline/memory/observer.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

// One channel's commands and times in each state by interval of equal length, or the sum over several channels.
class PowerSeries : public Observer {
 public:
  // No more intervals than this: when time grows beyond, two become one.
  static constexpr std::size_t most_intervals = 512;

  // The standard must outlive it.
  explicit PowerSeries(const dram::Standard& standard);

  void accepted(const Access&, std::uint64_t, dram::Tick) override {}
  void issued(const dram::Command& command, std::uint64_t id) override;
  void finished(std::uint64_t, dram::Tick) override {}

  // Ends the series at `end`; the last interval ends there.
  void finish(dram::Tick end);
  // Adds another finished channel of the same end.
  void add(const PowerSeries& more);

  dram::Tick interval() const { return interval_; }
  dram::Tick end() const { return end_; }
  // Commands and state times of each interval; the ticks are those of all channels added.
  const std::vector<dram::Activity>& activities() const { return activities_; }

 private:
  void advance(dram::Tick now);
  void halve();
  dram::Activity& at(dram::Tick tick);

  const dram::Standard& standard_;
  dram::Tick interval_ = 1024, now_ = 0, end_ = 0;
  std::vector<dram::Activity> activities_;
  dram::StateCounter states_;
};

// Joules of each interval. Their sum is dram::energy_of the whole run.
std::vector<dram::Energy> energies(const PowerSeries& series, const dram::Part& part);
// "power": {"interval_s", "w": {"activate": [...], ...}}.
nlohmann::ordered_json power_json(const PowerSeries& series, const dram::Part& part);

}  // namespace wordline::memory
