// What a step costs, in whole numbers.
#pragma once

#include <array>
#include <cstdint>

#include "wordline/chip/kernel.h"
#include "wordline/serve/ticks.h"

namespace wordline::serve {

// Energy in units of 2^-36 J, as the model room counts it.
using Energy = std::int64_t;
inline constexpr double energies_per_joule = 68719476736.0;
inline core::Joules to_joules(double energies) { return core::Joules(energies / energies_per_joule); }

// A step of the whole replica. What is left of `time` beyond the sum of `by_bound` is the host's: the chips idle.
struct Cost {
  Ticks time = 0;
  Energy energy = 0;
  std::array<Ticks, chip::bounds> by_bound{};

  // Of `steps` steps, each costing `rise` more than the one before.
  Cost run(const Cost& rise, std::int64_t steps) const {
    const std::int64_t pairs = steps * (steps - 1) / 2;
    Cost out{time * steps + rise.time * pairs, energy * steps + rise.energy * pairs, {}};
    for (std::size_t i = 0; i < chip::bounds; ++i) out.by_bound[i] = by_bound[i] * steps + rise.by_bound[i] * pairs;
    return out;
  }
  bool operator==(const Cost&) const = default;
};

}  // namespace wordline::serve
