// The runs of the PHM 2016 challenge's CMP data as the shared notes have them, by the causal protocol of these.
#pragma once

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>

#include "wordline/core/csv.h"
#include "wordline/fab/metrology/replay.h"

namespace wordline::fab {

// Sorted by start; without the four runs above 200; three modes: chambers 1 to 3, and 4 to 6 by stage. Nothing where
// the data are not there.
inline std::optional<WaferTable> phm2016() {
  const std::filesystem::path file =
      std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference/fab/phm16_cmp_run_summaries.csv.gz";
  if (!std::filesystem::exists(file)) return std::nullopt;
  const auto csv = core::Csv::read(file);
  const std::vector<std::string> no_features = {"split", "WAFER_ID", "STAGE", "CH", "T0", "AVG_REMOVAL_RATE"};
  WaferTable table;
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < csv.header().size(); ++c) {
    if (std::find(no_features.begin(), no_features.end(), csv.header()[c]) != no_features.end()) continue;
    columns.push_back(c);
    table.feature_names.push_back(csv.header()[c]);
  }
  const auto wafer = csv.column("WAFER_ID"), stage = csv.column("STAGE"), chambers = csv.column("CH"),
             start = csv.column("T0"), rate = csv.column("AVG_REMOVAL_RATE");
  std::vector<std::size_t> order(csv.rows());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return csv.number(a, start) < csv.number(b, start); });
  for (const auto row : order) {
    const double label = csv.number(row, rate);
    if (label >= 200) continue;
    const bool first_group = csv.text(row, chambers).find('1') != std::string_view::npos;
    table.wafers.push_back(std::string(csv.text(row, wafer)) + std::string(csv.text(row, stage)));
    table.chambers.push_back(first_group ? "1-2-3" : "4-5-6 " + std::string(csv.text(row, stage)));
    table.times.push_back(csv.number(row, start));
    table.labels.push_back(label);
    for (const auto c : columns) table.features.push_back(csv.text(row, c).empty() ? std::nan("") : csv.number(row, c));
  }
  return table;
}

}  // namespace wordline::fab
