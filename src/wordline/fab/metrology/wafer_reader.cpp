#include "wordline/fab/metrology/wafer_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "wordline/fab/metrology/stream.h"

namespace wordline::fab {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_features = 20000;

}  // namespace

WaferReader::WaferReader(const std::filesystem::path& file, const WaferColumns& columns) : lines_(file) {
  const auto& header = lines_.header();
  for (const auto& name : columns.ignore) lines_.column(name);  // throws for an unknown one, with the nearest
  const WaferColumns usual;
  // A column that is named must be there; one that has its usual name may be missing.
  const auto find = [&](const std::string& name, const std::string& usual_name) -> std::optional<std::size_t> {
    const bool there = std::find(header.begin(), header.end(), name) != header.end();
    if (!there && name == usual_name) return std::nullopt;
    return lines_.column(name);
  };
  wafer_ = find(columns.wafer, usual.wafer);
  chamber_ = find(columns.chamber, usual.chamber);
  time_ = find(columns.time, usual.time);
  label_ = find(columns.label, usual.label);
  for (std::size_t c = 0; c < header.size(); ++c) {
    if (c == wafer_ || c == chamber_ || c == time_ || c == label_) continue;
    if (std::find(columns.ignore.begin(), columns.ignore.end(), header[c]) != columns.ignore.end()) continue;
    columns_.push_back(c);
    features_.push_back(header[c]);
  }
  if (features_.empty())
    throw core::InputError(where(), fmt::format("the columns {}", fmt::join(header, ", ")),
                           "at least one that is a feature: not wafer, chamber, time or label");
  if (features_.size() > most_features)
    throw core::InputError(where(), fmt::format("{} features", features_.size()),
                           fmt::format("at most {}", most_features));
}

bool WaferReader::next(WaferRow& row) {
  if (!lines_.next()) return false;
  ++rows_;
  row.where = lines_.where(0);
  if (lines_.fields().size() != lines_.header().size())
    throw core::InputError(lines_.where(lines_.header().size()), fmt::format("{} fields", lines_.fields().size()),
                           fmt::format("{} as in the header", lines_.header().size()));
  if (!lines_.ended())
    throw core::InputError(row.where, "a last line without its end: it may have been cut off", "a line's end after it");
  row.wafer = wafer_ ? std::string(lines_.word(*wafer_)) : fmt::format("{}", rows_);
  if (row.wafer.empty()) throw core::InputError(lines_.where(*wafer_), "a wafer without a name", "a name");
  row.chamber = chamber_ ? std::string(lines_.word(*chamber_)) : std::string();
  row.time = time_ ? lines_.measured(*time_).value_or(nothing) : nothing;
  row.label = label_ ? lines_.measured(*label_, Stream::largest_label).value_or(nothing) : nothing;
  row.features.resize(columns_.size());
  row.missing = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    row.features[i] = lines_.measured(columns_[i]).value_or(nothing);
    row.missing += std::isnan(row.features[i]);
  }
  return true;
}

}  // namespace wordline::fab
