#include "wordline/serve/run_time.h"

#include <cmath>

namespace wordline::serve {

std::int64_t steps_within(Ticks first, Ticks rise, Ticks room) {
  if (room <= first) return 0;
  if (rise == 0) return (room - 1) / first;
  const auto takes_less = [&](std::int64_t steps) {
    const auto n = static_cast<core::Int128>(steps);
    return first * n + rise * (n * (n - 1) / 2) < room;
  };
  const auto d = static_cast<double>(rise), half = static_cast<double>(first) - d / 2;
  const double root = std::sqrt(half * half + 2 * d * static_cast<double>(room));
  auto steps = static_cast<std::int64_t>(2 * static_cast<double>(room) / (root + half));
  while (!takes_less(steps)) --steps;
  while (takes_less(steps + 1)) ++steps;
  return steps;
}

}  // namespace wordline::serve
