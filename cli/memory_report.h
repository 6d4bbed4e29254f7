// The HTML reports of `wordline memory`: a run with its lost clocks and its power, and bandwidth-latency curves.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "wordline/core/catalog.h"
#include "wordline/memory/result.h"
#include "wordline/memory/watch.h"

namespace wordline::cli {

// One point of a loaded-latency curve: GB/s are 10^9 bytes a second.
struct LoadedPoint {
  double reads = 1;  // share of the accesses that read
  double offered_gbps = 0, bandwidth_gbps = 0, mean_latency_ns = 0;
};

// What a report shows. Sections of what is missing are left out.
struct MemoryReport {
  const memory::System* system = nullptr;  // must be there
  std::string title, work;                 // "what was asked", and in words what came at the memory
  const memory::Result* result = nullptr;
  const memory::Losses* losses = nullptr;
  const memory::PowerSeries* power = nullptr;
  std::vector<LoadedPoint> curves = {};
};

// The report in the form that web/README.md describes.
nlohmann::ordered_json memory_report(const MemoryReport& report, const core::Catalog& catalog);
// The same as one HTML file that works offline.
void write_memory_report(const std::filesystem::path& file, const MemoryReport& report, const core::Catalog& catalog);

}  // namespace wordline::cli
