// What `wordline fab control` has found, as its words, JSON, CSV and report tell it.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "report_parts.h"
#include "wordline/core/catalog.h"
#include "wordline/fab/control/recorded.h"
#include "wordline/fab/control/worth.h"

namespace wordline::cli {

struct ControlReport {
  fab::Process process;
  fab::ControlSettings settings;
  std::optional<fab::Record> record;
  std::string record_file;
  std::vector<fab::ControlRow> rows;
  std::vector<fab::Worth> worths;  // of each row
  std::size_t base = 0;            // the row that the process's Cpk is of: sampled metrology at its best
  std::size_t best = 0;            // the row of the least sigma
  // The deviations of a stretch of one run, and the number of its first wafer: of the base and of the best row.
  std::int64_t stretch_from = 0;
  std::vector<double> stretch_base, stretch_best;
};

// "sampled", "virtual, error 0.3".
std::string mode_of(const ControlReport& report, const fab::ControlRow& row);
// Why nothing is gained: sigma is no smaller, or a stack costs less by less than half a percent; empty where that is
// not so.
std::string nothing_gained(const ControlReport& report);

void write_control_report(const std::filesystem::path& file, const ControlReport& report, const core::Catalog& catalog);

}  // namespace wordline::cli
