// The Bosch plasma etch data as the shared notes have them: 88 wafers in 10 lots, five signals at 5 Hz, depths
// measured. "A Multi-Model Dataset for BOSCH Plasma-Etching", TU Chemnitz, Fraunhofer ENAS, TU Freiberg, CC BY 4.0,
// doi:10.5281/zenodo.17122442, in the form of five signals that its README describes.
#pragma once

#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wordline/core/csv.h"
#include "wordline/core/files.h"
#include "wordline/core/tar.h"
#include "wordline/fab/metrology/summarise.h"

namespace wordline::fab {

struct BoschWafer {
  int lot = 0, order = 0;  // lots in the order of their days, wafers in the order within
  double depth = 0;
  Trace trace;
};

inline const std::vector<std::string>& bosch_signals() {
  static const std::vector<std::string> names = {"SourceRFLoadPower", "Gas5Flow", "PlatenRFTuningCapacitor",
                                                 "SourceRFReflectedPower", "SourceRFPeakToPeak"};
  return names;
}

// A wafer's file: magic, lot, wafer, samples, signals (int32), seconds a sample (float32), then samples x signals.
inline Trace bosch_trace(std::string_view bytes, const std::string& name) {
  std::int32_t head[5];
  float dt = 0;
  if (bytes.size() < 24) throw core::InputError({}, name + " of less than 24 bytes", "a header");
  std::memcpy(head, bytes.data(), sizeof head);
  std::memcpy(&dt, bytes.data() + sizeof head, sizeof dt);
  const auto rows = static_cast<std::size_t>(head[3]), signals = static_cast<std::size_t>(head[4]);
  if (head[0] != 0x564D5730 || signals != bosch_signals().size() || bytes.size() != 24 + 4 * rows * signals)
    throw core::InputError({}, name + " of another form", "that of its README");
  std::vector<float> values(rows * signals);
  std::memcpy(values.data(), bytes.data() + 24, 4 * values.size());
  Trace trace;
  trace.wafer = name;
  trace.steps = {""};
  trace.step.assign(rows, 0);
  trace.values.assign(values.begin(), values.end());
  for (std::size_t i = 0; i < rows; ++i) trace.times.push_back(static_cast<double>(dt) * static_cast<double>(i));
  return trace;
}

// In the order of time; nothing where the data are not there.
inline std::optional<std::vector<BoschWafer>> bosch_wafers() {
  const auto file = std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference/fab/bosch_etch.tar.gz";
  if (!std::filesystem::exists(file)) return std::nullopt;
  const std::string archive = core::read_text(file);
  std::map<std::pair<int, int>, BoschWafer> wafers;
  std::string table;
  for (const auto& inner : core::files_of_tar(archive, file.string())) {
    if (inner.path.ends_with("/wafers.csv")) table = inner.text;
    if (!inner.path.ends_with(".bin")) continue;
    std::int32_t lot_and_wafer[2];
    std::memcpy(lot_and_wafer, inner.text.data() + 4, sizeof lot_and_wafer);
    wafers[{lot_and_wafer[0], lot_and_wafer[1]}].trace = bosch_trace(inner.text, inner.path);
  }
  const auto csv = core::Csv::parse(table, "wafers.csv");
  for (std::size_t i = 0; i < csv.rows(); ++i) {
    const auto lot = static_cast<int>(csv.integer(i, csv.column("lot")));
    const auto order = static_cast<int>(csv.integer(i, csv.column("wafer")));
    auto& wafer = wafers.at({lot, order});
    wafer.lot = lot;
    wafer.order = order;
    wafer.depth = csv.number(i, csv.column("depth"));
  }
  std::vector<BoschWafer> out;
  for (auto& [key, wafer] : wafers) out.push_back(std::move(wafer));
  return out;
}

}  // namespace wordline::fab
