#include "wordline/core/clock.h"

#include <cmath>
#include <numeric>
#include <stdexcept>

#include "wordline/core/wide.h"

namespace wordline::core {

namespace {

std::int64_t checked(Int128 x) {
  if (x > INT64_MAX || x < INT64_MIN) throw std::overflow_error("a time beyond 64 bits");
  return static_cast<std::int64_t>(x);
}

std::int64_t ceiling_of(Int128 numerator, Int128 denominator) {
  const Int128 floor = numerator / denominator;
  return checked(numerator % denominator > 0 ? floor + 1 : floor);
}

}  // namespace

Clock::Clock(std::int64_t numerator_ps, std::int64_t denominator) {
  if (numerator_ps <= 0 || denominator <= 0) throw std::invalid_argument("a clock needs a positive period");
  const std::int64_t common = std::gcd(numerator_ps, denominator);
  numerator_ = numerator_ps / common;
  denominator_ = denominator / common;
}

Clock Clock::of_frequency(Hertz f) {
  const double kilohertz = f.value() / 1e3;
  const double whole = std::round(kilohertz);
  if (!(whole >= 1) || std::abs(kilohertz - whole) > 1e-6 * whole)
    throw std::invalid_argument("a clock's frequency must be a whole number of kHz");
  return {1'000'000'000, static_cast<std::int64_t>(whole)};  // 1 ms = 10^9 ps
}

Seconds Clock::period() const { return time_of(1); }
Hertz Clock::frequency() const { return 1.0 / period(); }

std::int64_t Clock::edge_at_or_after(std::int64_t picoseconds) const {
  return ceiling_of(static_cast<Int128>(picoseconds) * denominator_, numerator_);
}

std::int64_t Clock::picoseconds_of(std::int64_t edge) const {
  return ceiling_of(static_cast<Int128>(edge) * numerator_, denominator_);
}

Seconds Clock::time_of(std::int64_t edges) const {
  return Seconds(static_cast<double>(edges) * static_cast<double>(numerator_) / static_cast<double>(denominator_) *
                 1e-12);
}

}  // namespace wordline::core
