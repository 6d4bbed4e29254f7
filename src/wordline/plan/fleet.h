// How many replicas a load needs, spares included.
#pragma once

#include <cstdint>

#include "wordline/core/units.h"

namespace wordline::plan {

// Replicas that serve the load, and those kept warm for when one of them fails.
struct Fleet {
  std::int64_t serving = 0, spare = 0;
  std::int64_t replicas() const { return serving + spare; }
};

// Enough replicas of `per_replica` requests per second for `load`, and one spare for each started `spare_per` of them
// (0: no spares). `per_replica` must be above 0.
Fleet fleet_for(core::Hertz load, core::Hertz per_replica, std::int64_t spare_per);

}  // namespace wordline::plan
