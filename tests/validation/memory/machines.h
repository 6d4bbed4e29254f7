// What machines' memories were measured to do, and the machines as the catalogue has them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include "wordline/core/catalog.h"
#include "wordline/memory/loaders.h"
#include "wordline/memory/named_system.h"
#include "wordline/memory/run.h"

namespace wordline::memory {

inline NamedSystem machine(const std::string& name) { return load_named_system(core::Catalog::open(), name); }

// Ten refresh intervals of 3.9 us, so that each refresh counts as often in every run, after two and a half of warm-up.
inline const core::Seconds measured_time = core::microseconds(39), warm_up_time = core::microseconds(9.75);

// The machine's loaders at `share` of the peak, 1.6 of which is beyond what any memory can do.
inline Loaded loaded(const NamedSystem& named, double reads, double share = 1.6) {
  Load load{.reads = reads, .offered = named.system.peak() * share};
  load.warm_up = warm_up_time;
  load.measured = measured_time;
  return run_loaders(named.system, named.front_end, load);
}

// Points of the peak that the loaders reach.
inline double saturation(const NamedSystem& named, double reads) {
  return 100 * (loaded(named, reads).bandwidth / named.system.peak());
}

// Points of the peak that the memory reaches on a pattern, each data bus fed as fast as it accepts.
inline double memory_limit(const System& system, const Pattern& pattern) {
  return 100 * (run(system, pattern).bandwidth(system) / system.peak());
}

// A line of the figures that docs/validation/memory.md shows.
inline void tell(const std::string& what, double simulated, double measured, const char* unit = "% of the peak") {
  std::cout << what << ": " << simulated << ", measured " << measured << " " << unit << "\n";
  ::testing::Test::RecordProperty(what, std::to_string(simulated));
}

// The measured curves of bsc-mem (Mess-Results@16ab1d6, Mess-simulator@e387efc), where they are at hand.
inline std::filesystem::path mess(const std::string& file) {
  const char* folder = std::getenv("WORDLINE_REFERENCE");
  return (folder ? std::filesystem::path(folder) : std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference") /
         "memory/mess" / file;
}

}  // namespace wordline::memory
