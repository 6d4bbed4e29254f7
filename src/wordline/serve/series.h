// What a service does over time: sums over intervals of equal length.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "wordline/serve/replica.h"

namespace wordline::serve {

// Sums over one interval and all replicas. A run of steps is spread evenly over its time; times are in ticks.
struct Interval {
  std::int64_t arrivals = 0, completed = 0, rejected = 0;
  double steps = 0, tokens_in = 0, tokens_out = 0;  // prompt tokens computed (again, after a preemption), and answered
  double busy = 0, running = 0, waiting = 0, blocks = 0;  // time; sequences, requests and KV blocks x time
  double joules = 0;                                      // of the steps
  std::array<double, chip::bounds> by_bound{};            // step time; what is left of `busy` is the host's
  double ttft = 0;                                        // sum over the requests that arrived here and were answered
  std::int64_t answered = 0;                              // how many those are

  Interval& operator+=(const Interval& other);
};

// An interval as it is printed.
struct SeriesRow {
  double begin_s = 0;
  double arrivals = 0, completed = 0, rejected = 0;  // per second
  double running = 0, waiting = 0;                   // means over the interval, all replicas
  double batch = 0;                                  // sequences of a step, mean over step time
  double tokens_in = 0, tokens_out = 0;              // per second
  double kv_use = 0;                                 // share of all blocks
  double power = 0;                                  // W, idle power included
  double utilization = 0;                            // share of the time in which a step runs
  double ttft = 0;                                   // mean of those who arrived here, s
  std::array<double, chip::bounds> by_bound{};       // shares of the step time
  double host = 0;
};

// What rows are computed with, all replicas together.
struct SeriesScale {
  std::size_t replicas = 1;
  double kv_blocks = 0;  // that requests can use
  core::Watts idle;      // while no step runs
};

// Collects as replicas tell. Memory grows with the intervals alone, and not even with those where `most` is given: then
// the interval is doubled whenever there would be more.
class Series final : public ReplicaWatch {
 public:
  // `interval` above 0; throws core::InputError for more than 100 million of them where `most` is 0.
  explicit Series(core::Seconds interval, std::size_t most = 0);

  void on_steps(std::size_t replica, const StepRun& run) override;
  void on_last_chunk(std::size_t replica, std::uint64_t id, Ticks begin) override;
  void on_end(std::size_t replica, const Ended& ended) override;

  core::Seconds interval() const { return to_seconds(interval_); }
  // From time 0 on.
  const std::vector<Interval>& intervals() const { return intervals_; }
  // From the first interval with something in it to the last one. The last one's means are over all of it.
  std::vector<SeriesRow> rows(const SeriesScale& scale) const;

 private:
  Interval& at(Ticks time);

  Ticks interval_;
  std::size_t most_;
  std::vector<Interval> intervals_;
  std::vector<int> prefilled_;  // by replica: prompts that the step to come completes
};

// begin_s,arrivals_per_s,...: one line an interval, with `share_<bound>` for what bound the steps.
std::string series_csv(const std::vector<SeriesRow>& rows);

}  // namespace wordline::serve
