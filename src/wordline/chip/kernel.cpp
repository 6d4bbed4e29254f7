#include "wordline/chip/kernel.h"

#include <cmath>

namespace wordline::chip {

namespace {

double rounded(double x, int bits) { return std::ldexp(std::nearbyint(std::ldexp(x, bits)), -bits); }

}  // namespace

std::string name_of(Bound bound) {
  static const std::array<std::string, bounds> names = {"compute", "memory", "launch", "link"};
  return names[static_cast<std::size_t>(bound)];
}

core::Seconds whole_ticks(core::Seconds t) { return core::Seconds(rounded(t.value(), 40)); }
core::Joules whole_ticks(core::Joules e) { return core::Joules(rounded(e.value(), 36)); }

}  // namespace wordline::chip
