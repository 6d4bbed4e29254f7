// Bandwidth-latency curves, as Mess and Intel's MLC draw them: loaded latency over a sweep of throttles and read
// shares.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "wordline/memory/loaders.h"

namespace wordline::memory {

struct CurveOptions {
  std::vector<double> reads = {1.0, 0.75, 0.5};
  // What the loaders offer at each point, as shares of the peak; one beyond what the memory can do saturates it.
  std::vector<double> loads = {0.01, 0.15, 0.3,  0.45, 0.55, 0.65, 0.7, 0.75,
                               0.8,  0.84, 0.88, 0.92, 0.96, 1.0,  1.2, 1.6};
  core::Seconds warm_up = core::nanoseconds(10'000), measured = core::nanoseconds(40'000);
  std::uint64_t seed = 1;
  unsigned threads = 0;                 // points are independent; the result does not depend on it
  std::function<void()> advanced = {};  // called after each point, from any thread
};

struct CurvePoint {
  double reads = 1;
  core::BytesPerSecond offered;
  Loaded loaded;
};

// All points, read share by read share, loads as they come.
std::vector<CurvePoint> loaded_latency(const System& system, const FrontEnd& front_end, const CurveOptions& options);

}  // namespace wordline::memory
