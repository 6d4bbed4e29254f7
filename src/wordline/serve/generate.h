// Workloads drawn from distributions, the same for the same seed on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wordline/serve/lengths.h"
#include "wordline/serve/request.h"

namespace wordline::serve {

// Open-loop arrivals: gaps are exponential (cv = 1, a Poisson process) or Gamma distributed with this coefficient of
// variation.
struct Arrivals {
  double per_second = 1;
  double cv = 1;
};

// `count` requests. Gaps and lengths come from separate streams of `seed`, so that changing the rate only stretches
// time (common random numbers) and a longer workload begins with the shorter one.
Workload generate(const LengthModel& lengths, const Arrivals& arrivals, std::size_t count, std::uint64_t seed);

}  // namespace wordline::serve
