// Wafers from CSV, a line each: what `wordline fab summarise` writes, or any table with a row a wafer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "wordline/core/csv_lines.h"

namespace wordline::fab {

// What the columns are; every other one is a feature. The first three may be missing: a row's number is then its name,
// there is one chamber, and no times.
struct WaferColumns {
  std::string wafer = "wafer", chamber = "chamber", time = "time";
  std::string label = "label";           // the measured result; may be missing from a file where none is known yet
  std::vector<std::string> ignore = {};  // no features
};

struct WaferRow {
  std::string wafer, chamber;
  double time = 0;               // seconds; NaN where not known
  double label = 0;              // NaN where not known
  std::vector<double> features;  // NaN where missing
  std::size_t missing = 0;       // features that are
  core::Location where;
};

// Reads line by line; holds one. Throws core::InputError with file, line and column for text among numbers, for lines
// with more or fewer fields than the header, and for a last one without an end; the next call goes on with the line
// after.
class WaferReader {
 public:
  WaferReader(const std::filesystem::path& file, const WaferColumns& columns);
  const std::vector<std::string>& features() const { return features_; }
  bool has_label() const { return label_.has_value(); }
  core::Location where() const { return lines_.where_in_header(0); }
  bool next(WaferRow& row);

 private:
  core::CsvLines lines_;
  std::vector<std::size_t> columns_;  // of the features
  std::vector<std::string> features_;
  std::optional<std::size_t> wafer_, chamber_, time_, label_;
  std::int64_t rows_ = 0;
};

}  // namespace wordline::fab
