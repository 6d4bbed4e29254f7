// Gaps between tokens, counted with their multiplicity.
#pragma once

#include <cstdint>

#include "wordline/core/statistics.h"
#include "wordline/core/wide.h"
#include "wordline/serve/result.h"
#include "wordline/serve/ticks.h"

namespace wordline::serve {

// Exact sums of gaps and of their squares, and a histogram in units of 2^-30 s. Order does not matter.
class Gaps {
 public:
  void add(Ticks gap, std::uint64_t times);
  // `steps` gaps of which each is longer than the one before by `rise` (0 or above), `times` times each: the same as
  // adding them one by one.
  void add_run(Ticks gap, Ticks rise, std::int64_t steps, std::uint64_t times);
  void merge(const Gaps& other);
  std::uint64_t count() const { return count_; }
  Latency latency() const;

 private:
  core::Histogram histogram_;
  std::uint64_t count_ = 0;
  core::Uint128 sum_ = 0, squares_ = 0;  // in ticks and their squares
  Ticks longest_ = 0;
};

// first + (first + rise) + ...: so many steps.
inline Ticks run_time(Ticks first, Ticks rise, std::int64_t steps) {
  const auto pairs = static_cast<core::Int128>(steps) * (steps - 1) / 2;
  return static_cast<Ticks>(static_cast<core::Int128>(first) * steps + static_cast<core::Int128>(rise) * pairs);
}

}  // namespace wordline::serve
