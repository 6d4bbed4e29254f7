#include "wordline/memory/curve.h"

#include "wordline/core/parallel.h"

namespace wordline::memory {

std::vector<CurvePoint> loaded_latency(const System& system, const FrontEnd& front_end, const CurveOptions& options) {
  std::vector<CurvePoint> points;
  for (const double reads : options.reads)
    for (const double load : options.loads) points.push_back({reads, system.peak() * load, {}});
  core::parallel_for(points.size(), options.threads, [&](std::size_t i) {
    Load load{.reads = points[i].reads, .offered = points[i].offered};
    load.warm_up = options.warm_up;
    load.measured = options.measured;
    load.seed = options.seed;
    points[i].loaded = run_loaders(system, front_end, load);
    if (options.advanced) options.advanced();
  });
  return points;
}

}  // namespace wordline::memory
