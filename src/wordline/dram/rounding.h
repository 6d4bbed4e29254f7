// How a standard turns nanoseconds into clocks.
#pragma once

#include <cstdint>

#include "wordline/core/clock.h"

namespace wordline::dram {

enum class Rounding : std::uint8_t {
  ceiling,     // the next whole clock at or after the time (HBM)
  jedec_ddr5,  // JESD79-5: tCK truncated to picoseconds, 0.3 % forgiven: trunc((ps * 997 / tCK + 1000) / 1000)
};

// The least clocks that cover a minimum of `femtoseconds`, by the standard's own rule. `clock` is one nCK.
std::int64_t clocks_up(std::int64_t femtoseconds, const core::Clock& clock, Rounding rounding);
// The most whole clocks that fit into a maximum (tREFI) of `femtoseconds`: exact, in every standard.
std::int64_t clocks_down(std::int64_t femtoseconds, const core::Clock& clock);

}  // namespace wordline::dram
