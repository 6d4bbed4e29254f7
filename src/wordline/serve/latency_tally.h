// Latencies, or gaps between tokens, summed up in constant memory.
#pragma once

#include <cstdint>

#include "wordline/core/statistics.h"
#include "wordline/core/wide.h"
#include "wordline/serve/result.h"
#include "wordline/serve/ticks.h"

namespace wordline::serve {

// Exact sums of latencies and of their squares, and a histogram in units of 2^-30 s (percentiles within 1/2048). Order
// does not matter, and tallies of several replicas merge in any order.
class LatencyTally {
 public:
  void add(Ticks latency, std::uint64_t times = 1);
  // `steps` of them, each longer than the one before by `rise` (0 or above), `times` times each: the same as adding
  // them one by one.
  void add_run(Ticks first, Ticks rise, std::int64_t steps, std::uint64_t times);
  void merge(const LatencyTally& other);
  std::uint64_t count() const { return count_; }
  Latency latency() const;

 private:
  core::Histogram histogram_;
  std::uint64_t count_ = 0;
  core::Uint128 sum_ = 0, squares_ = 0;  // in ticks and their squares
  Ticks longest_ = 0;
};

}  // namespace wordline::serve
