// What the two ways of `wordline fab metrology` share: as wafers come, and tried on wafers that are all measured.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "args.h"
#include "wordline/core/catalog.h"
#include "wordline/fab/metrology/metrology.h"
#include "wordline/fab/metrology/replay.h"

namespace wordline::cli {

struct MetrologyOptions {
  std::filesystem::path wafers;
  fab::WaferColumns columns;
  std::string bank = "mixed";
  std::int64_t warm_up = 0;
  std::optional<double> least_label, most_label, warm_up_share, budget;
  std::optional<std::filesystem::path> state, report;
  std::int64_t save_every = 1000;
  bool replay = false, choose = false;
  std::optional<std::int64_t> sampling, delay;

  fab::Limits label_limits() const { return {least_label, most_label}; }
};

// One answer a line as the lines come, the state from and to a file.
int run_metrology(const MetrologyOptions& options, const Common& common);
// Labels held back as in a fab, and how wrong the predictions were.
int replay_metrology(const MetrologyOptions& options, const Common& common);

// The bank by its name, or a file of its own by its path (*.toml).
std::shared_ptr<const fab::Bank> bank_of(core::Catalog& catalog, const MetrologyOptions& options, const Common& common);
// A number for CSV: seven digits; nothing where it is NaN.
std::string csv_number(double x);

// One wafer of a replay, for the report.
struct ReplayedWafer {
  std::size_t row = 0;
  double value = 0, low = 0, high = 0;
  bool measured = false, drift = false, shift = false;
  std::vector<double> weights;  // of some wafers only
};
std::string metrology_report(const fab::WaferTable& table, const fab::Bank& bank, const fab::ReplaySettings& settings,
                             const fab::ReplayScore& score, const std::vector<ReplayedWafer>& wafers,
                             const core::Catalog& catalog);

}  // namespace wordline::cli
