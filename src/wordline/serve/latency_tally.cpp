#include "wordline/serve/latency_tally.h"

#include <algorithm>
#include <cmath>

namespace wordline::serve {
namespace {

constexpr int shift = 10;  // from 2^-40 s to 2^-30 s

core::Uint128 wide(std::int64_t x) { return static_cast<core::Uint128>(x); }

}  // namespace

void LatencyTally::add(Ticks latency, std::uint64_t times) { add_run(latency, 0, 1, times); }

void LatencyTally::add_run(Ticks first, Ticks rise, std::int64_t steps, std::uint64_t times) {
  const core::Uint128 n = wide(steps), pairs = n * (n - 1) / 2;
  const core::Uint128 a = wide(first), d = wide(rise);
  count_ += static_cast<std::uint64_t>(steps) * times;
  sum_ += (a * n + d * pairs) * times;
  squares_ += (a * a * n + 2 * a * d * pairs + d * d * ((n - 1) * n * (2 * n - 1) / 6)) * times;
  longest_ = std::max(longest_, first + rise * (steps - 1));
  while (steps > 0) {
    const auto units = static_cast<std::uint64_t>(first) >> shift;
    const auto edge = static_cast<Ticks>(core::Histogram::next_bucket(units) << shift);
    const std::int64_t inside = rise == 0 ? steps : std::min(steps, (edge - first + rise - 1) / rise);
    histogram_.add(units, static_cast<std::uint64_t>(inside) * times);
    first += rise * inside;
    steps -= inside;
  }
}

void LatencyTally::merge(const LatencyTally& other) {
  histogram_.merge(other.histogram_);
  count_ += other.count_;
  sum_ += other.sum_;
  squares_ += other.squares_;
  longest_ = std::max(longest_, other.longest_);
}

Latency LatencyTally::latency() const {
  if (count_ == 0) return {};
  const auto time = [](double units) { return core::Seconds(units * (1 << shift) / ticks_per_second); };
  const auto at = [&](double p) { return time(histogram_.percentile(p)); };
  const auto count = static_cast<double>(count_);
  const double mean = static_cast<double>(sum_) / count;
  const double variance = static_cast<double>(squares_) / count - mean * mean;
  return {core::Seconds(mean / ticks_per_second),
          at(50),
          core::Seconds(std::sqrt(std::max(0.0, variance)) / ticks_per_second),
          at(75),
          at(90),
          at(95),
          at(99),
          to_seconds(longest_)};
}

}  // namespace wordline::serve
