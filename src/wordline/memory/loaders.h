// Closed-loop loaders in front of a memory: a machine's cores at one throttle, and one chain of dependent loads.
#pragma once

#include <cstdint>

#include "wordline/core/units.h"
#include "wordline/memory/front_end.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

// One throttle of all loaders.
struct Load {
  double reads = 1;              // share of reads in what reaches the memory
  core::BytesPerSecond offered;  // what all loaders together would move if nothing but their pauses held them back
  core::Seconds warm_up = core::nanoseconds(10'000), measured = core::nanoseconds(40'000);
  std::uint64_t seed = 1;
  bool reference = false;  // the reference controller
};

// What was measured after the warm-up. The latency is that of the chain: from the front end and back, the wait for the
// memory's acceptance and the module's own delay included.
struct Loaded {
  core::BytesPerSecond bandwidth, read_bandwidth;
  core::Seconds mean_latency;
  std::uint64_t loads = 0;  // of the chain
};

// Loads go round the loaders' streams; a store reads its block and an older one is written back where stores allocate
// and at least half of the traffic reads, else it is written past the caches. Pauses are uniform from 0 to twice their
// mean, drawn by the seed. Throws core::UsageError for values out of range.
Loaded run_loaders(const System& system, const FrontEnd& front_end, const Load& load);

}  // namespace wordline::memory
