// What the rooms above see of a memory: what it achieves for an access pattern, simulated once and cached.
#pragma once

#include <cstdint>

#include "wordline/core/files.h"
#include "wordline/core/units.h"
#include "wordline/memory/front_end.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

// How a kernel touches memory: contiguous pieces at random places, from several places at once.
struct AccessPattern {
  double reads = 1;               // share of the accesses that read, 0..1
  std::uint64_t piece_bytes = 0;  // contiguous bytes of a piece, rounded up to whole accesses; 0: long runs
  int streams = 1;                // runs or pieces read side by side
};

// What the memory does under saturating load of one pattern, and how fast it answers when nearly idle.
struct Profile {
  core::BytesPerSecond bandwidth;  // achieved by the whole system
  core::Seconds unloaded_latency;  // mean of a read alone, acceptance by the queue to the last data beat
  core::Seconds loaded_latency;    // mean of a read at `bandwidth`
  core::JoulesPerByte energy;      // of the memory under this load, background and refresh included
  core::Watts idle;                // of the memory without any access, refresh included
};

// What the memory does at one rate.
struct LoadPoint {
  core::BytesPerSecond bandwidth;  // achieved by the whole system
  core::Seconds latency;           // mean of a read, acceptance by the queue to the last data beat; 0 without reads
  core::JoulesPerByte energy;      // of the memory at this rate, background and refresh included
};

// Simulates one channel of the system over several refresh intervals (the others are equal by symmetry: each gets the
// same share of the pattern) and scales by their number; or takes that from the cache, whose key is the hash of
// everything the figures depend on. A corrupt entry is simulated anew. Fresh or cached, the figures are the same bits.
Profile streamed(const System& system, const AccessPattern& pattern, const core::Cache& cache);

// The same below saturation: `load` is the share of the peak (above 0, at most 1) at which accesses of the pattern are
// offered, at random times. From the load on that the pattern cannot achieve, what it achieves under saturating load.
LoadPoint loaded(const System& system, const AccessPattern& pattern, double load, const core::Cache& cache);

// What a machine's cores get together where all load as fast as their windows allow (run_loaders): less than the memory
// could give, for windows that retire in order wait for the slowest channel. Cached as the others.
core::BytesPerSecond saturated(const System& system, const FrontEnd& cores, double reads, const core::Cache& cache);

}  // namespace wordline::memory
