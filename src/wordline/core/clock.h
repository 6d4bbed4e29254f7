// Clocks with rational periods: 6400 MT/s is exactly 312.5 ps, 9200 MT/s exactly 10000/23 ps; edges never drift.
#pragma once

#include <cstdint>

#include "wordline/core/units.h"

namespace wordline::core {

// A clock whose n-th edge stands at exactly n * numerator / denominator picoseconds.
class Clock {
 public:
  Clock() = default;
  // Period as a fraction of picoseconds, reduced.
  Clock(std::int64_t numerator_ps, std::int64_t denominator);
  // From a frequency in hertz that is a whole number of kHz, e.g. 2.3e9.
  static Clock of_frequency(Hertz f);
  Seconds period() const;
  Hertz frequency() const;
  // The first edge at or after `picoseconds`, and the time of an edge rounded up to whole picoseconds.
  std::int64_t edge_at_or_after(std::int64_t picoseconds) const;
  std::int64_t picoseconds_of(std::int64_t edge) const;
  Seconds time_of(std::int64_t edges) const;
  std::int64_t numerator_ps() const { return numerator_; }
  std::int64_t denominator() const { return denominator_; }
  bool operator==(const Clock&) const = default;

 private:
  std::int64_t numerator_ = 1000, denominator_ = 1;
};

}  // namespace wordline::core
