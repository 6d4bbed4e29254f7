// What a run of a memory system gives: counts, time, latencies, energy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "wordline/core/statistics.h"
#include "wordline/core/units.h"
#include "wordline/dram/power.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

// Sums over all channels. Latencies run from the acceptance by the queue to the last data beat, in the part's ticks
// without the module's own delay.
struct Result {
  std::uint64_t accesses = 0, reads = 0, writes = 0;
  std::uint64_t forwarded_reads = 0;           // of the reads: answered by a queued write, without a command
  std::uint64_t row_hits = 0, row_misses = 0;  // a miss is an access for which a row was opened
  dram::Tick ticks = 0;                        // from 0 to the last data beat of the last channel
  core::Histogram read_latency;                // in ticks
  dram::Activity activity;                     // of all channels, each up to `ticks`

  std::uint64_t bytes(const System& system) const {
    return accesses * static_cast<std::uint64_t>(system.access_bytes());
  }
  core::Seconds time(const System& system) const;
  core::BytesPerSecond bandwidth(const System& system) const;
  core::Seconds mean_read_latency(const System& system) const;
  core::Seconds read_latency_percentile(const System& system, double p) const;
  dram::Energy energy(const System& system) const;
  // Joules over the run's time; 0 where there is none.
  core::Watts power(const System& system) const;
};

// The fields of `wordline memory run --json`, in the order that the documentation gives.
void append_json(nlohmann::ordered_json& document, const System& system, const Result& result);
// The same for a person, as a table of lines.
std::string to_table(const System& system, const Result& result);

}  // namespace wordline::memory
