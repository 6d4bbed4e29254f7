// Times of successive steps, each longer by the same than the one before.
#pragma once

#include <cstdint>

#include "wordline/core/wide.h"
#include "wordline/serve/ticks.h"

namespace wordline::serve {

// How long `steps` of them take together, the first one `first`.
inline Ticks run_time(Ticks first, Ticks rise, std::int64_t steps) {
  const auto pairs = static_cast<core::Int128>(steps) * (steps - 1) / 2;
  return static_cast<Ticks>(static_cast<core::Int128>(first) * steps + static_cast<core::Int128>(rise) * pairs);
}

// The most of them, each longer by `rise`, that together take less than `room`.
std::int64_t steps_within(Ticks first, Ticks rise, Ticks room);

}  // namespace wordline::serve
