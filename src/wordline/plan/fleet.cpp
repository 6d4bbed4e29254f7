#include "wordline/plan/fleet.h"

#include <cmath>

namespace wordline::plan {

Fleet fleet_for(core::Hertz load, core::Hertz per_replica, std::int64_t spare_per) {
  Fleet fleet;
  fleet.serving = static_cast<std::int64_t>(std::ceil(load / per_replica));
  if (spare_per > 0) fleet.spare = (fleet.serving + spare_per - 1) / spare_per;
  return fleet;
}

}  // namespace wordline::plan
