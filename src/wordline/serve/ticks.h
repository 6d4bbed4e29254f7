// Simulated time as whole numbers, so that sums are exact and the same on every machine.
#pragma once

#include <cmath>
#include <cstdint>

#include "wordline/core/units.h"

namespace wordline::serve {

// 2^-40 seconds (0.9 ps), the unit in which the model room times its steps; 64 bits hold 97 days.
using Ticks = std::int64_t;
inline constexpr double ticks_per_second = 1099511627776.0;
// The latest arrival that is accepted: leaves half the range to serve what has arrived.
inline constexpr double latest_arrival_s = 4e6;

// To the nearest tick; times beyond the range are the caller's to refuse.
inline Ticks to_ticks(core::Seconds time) { return std::llround(time.value() * ticks_per_second); }
inline core::Seconds to_seconds(Ticks ticks) { return core::Seconds(static_cast<double>(ticks) / ticks_per_second); }

}  // namespace wordline::serve
