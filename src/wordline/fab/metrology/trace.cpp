#include "wordline/fab/metrology/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace wordline::fab {

namespace {

constexpr double largest_value = 1e100, latest_time = 1e15;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// Sorts a wafer's rows by time where they are not; rows of one time keep their order.
void sort_rows(Trace& trace) {
  if (std::is_sorted(trace.times.begin(), trace.times.end())) return;
  std::vector<std::size_t> order(trace.times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return trace.times[a] < trace.times[b]; });
  const std::size_t signals = trace.values.size() / trace.times.size();
  Trace sorted = trace;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sorted.times[i] = trace.times[order[i]];
    sorted.step[i] = trace.step[order[i]];
    std::copy_n(trace.values.begin() + static_cast<std::ptrdiff_t>(order[i] * signals), signals,
                sorted.values.begin() + static_cast<std::ptrdiff_t>(i * signals));
  }
  trace = std::move(sorted);
}

}  // namespace

void TraceFaults::add(const TraceFaults& other) {
  missing_values += other.missing_values;
  rows_without_time += other.rows_without_time;
  rows_without_step += other.rows_without_step;
  rows_out_of_order += other.rows_out_of_order;
  rows_repeated += other.rows_repeated;
  headers_repeated += other.headers_repeated;
  rows_cut_off += other.rows_cut_off;
  rows_without_end += other.rows_without_end;
}

std::vector<std::pair<const char*, std::uint64_t>> counts(const TraceFaults& faults) {
  return {{"missing_values", faults.missing_values},       {"rows_without_time", faults.rows_without_time},
          {"rows_without_step", faults.rows_without_step}, {"rows_out_of_order", faults.rows_out_of_order},
          {"rows_repeated", faults.rows_repeated},         {"headers_repeated", faults.headers_repeated},
          {"rows_cut_off", faults.rows_cut_off},           {"rows_without_end", faults.rows_without_end}};
}

TraceReader::TraceReader(const std::filesystem::path& file, const TraceColumns& columns)
    : lines_(file), uses_(lines_.header().size(), Use::signal) {
  const bool packed = file.extension() == ".gz" || file.extension() == ".zst";
  file_wafer_ = (packed ? file.stem() : file).stem().string();
  const auto has = [&](const char* name) {
    return std::find(lines_.header().begin(), lines_.header().end(), name) != lines_.header().end();
  };
  use(columns.time, Use::time);
  if (columns.wafer || has("wafer")) use(columns.wafer.value_or("wafer"), Use::wafer);
  if (columns.step || has("step")) use(columns.step.value_or("step"), Use::step);
  if (columns.start) use(*columns.start, Use::start);
  for (const auto& name : columns.keep) use(name, Use::keep);
  for (const auto& name : columns.ignore) use(name, Use::ignored);
  for (std::size_t i = 0; i < uses_.size(); ++i)
    if (uses_[i] == Use::signal) signals_.push_back(lines_.header()[i]);
  at_row_ = advance();
}

void TraceReader::use(const std::string& name, Use use) {
  const std::size_t column = lines_.column(name);
  if (uses_[column] != Use::signal)
    throw core::InputError(lines_.where_in_header(column), fmt::format("two uses of the column \"{}\"", name), "one");
  uses_[column] = use;
  if (use == Use::time) time_ = column;
  if (use == Use::wafer) wafer_ = column;
  if (use == Use::step) step_ = column;
  if (use == Use::start) start_ = column;
  if (use == Use::keep) kept_columns_.push_back(column);
}

std::string TraceReader::wafer_at_hand() const { return wafer_ ? std::string(lines_.word(*wafer_)) : file_wafer_; }

// To the next line that is a row; counts the others.
bool TraceReader::advance() {
  while (lines_.next()) {
    const auto& fields = lines_.fields();
    const auto& header = lines_.header();
    if (std::equal(fields.begin(), fields.end(), header.begin(), header.end())) {
      ++faults_.headers_repeated;
      continue;
    }
    if (!first_ && lines_.text() == line_before_) {
      ++faults_.rows_repeated;
      continue;
    }
    if (!lines_.ended() && fields.size() <= header.size()) {
      const bool whole = fields.size() == header.size() && (begun_.empty() || begun_.count(wafer_at_hand()) > 0);
      ++(whole ? faults_.rows_without_end : faults_.rows_cut_off);
      if (!whole) continue;
    }
    if (fields.size() != header.size())
      throw core::InputError(lines_.where(header.size()), fmt::format("{} fields", fields.size()),
                             fmt::format("{} as in the header", header.size()));
    if (wafer_ && wafer_at_hand().empty()) throw core::InputError(lines_.where(*wafer_), "no wafer", "its name");
    line_before_ = lines_.text();
    first_ = false;
    return true;
  }
  return false;
}

// Takes the wafer's text of a column; a second one that differs is refused.
void TraceReader::take_text(std::size_t column, std::string& known, bool& is_known) const {
  const std::string_view text = lines_.word(column);
  if (text.empty() || (is_known && text == known)) return;
  if (is_known)
    throw core::InputError(lines_.where(column), fmt::format("{} \"{}\"", lines_.header()[column], text),
                           fmt::format("\"{}\" as in the wafer's rows before", known));
  known = text;
  is_known = true;
}

void TraceReader::take_row(Trace& trace) {
  for (std::size_t i = 0; i < kept_columns_.size(); ++i) {
    bool known = kept_known_[i];
    take_text(kept_columns_[i], trace.kept[i], known);
    kept_known_[i] = known;
  }
  if (const auto start = start_ ? lines_.measured(*start_, latest_time) : std::nullopt) {
    if (start_known_ && *start != trace.start)
      throw core::InputError(lines_.where(*start_), fmt::format("{} {}", lines_.header()[*start_], *start),
                             fmt::format("{} as in the wafer's rows before", trace.start));
    trace.start = *start;
    start_known_ = true;
  }
  const auto time = lines_.measured(*time_, latest_time);
  const std::string step(step_ ? lines_.word(*step_) : std::string_view{});
  const std::size_t before = trace.values.size();
  std::uint64_t gaps = 0;
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    if (uses_[i] != Use::signal) continue;
    trace.values.push_back(lines_.measured(i, largest_value).value_or(missing));
    gaps += std::isnan(trace.values.back()) ? 1 : 0;
  }
  if (!time || (step_ && step.empty())) {
    ++(!time ? trace.faults.rows_without_time : trace.faults.rows_without_step);
    trace.values.resize(before);
    return;
  }
  trace.faults.missing_values += gaps;
  if (!trace.times.empty() && *time < trace.times.back()) ++trace.faults.rows_out_of_order;
  const auto [entry, fresh] = steps_.emplace(step, static_cast<std::uint32_t>(trace.steps.size()));
  if (fresh) trace.steps.push_back(step);
  trace.times.push_back(*time);
  trace.step.push_back(entry->second);
}

bool TraceReader::next(Trace& trace) {
  if (!at_row_) return false;
  trace = {};
  trace.wafer = wafer_at_hand();
  trace.kept.resize(kept_columns_.size());
  kept_known_.assign(kept_columns_.size(), false);
  start_known_ = false;
  steps_.clear();
  const core::Location place = lines_.where(wafer_.value_or(0));
  trace.where = place;
  const auto [earlier, fresh] = begun_.emplace(trace.wafer, place.line);
  if (!fresh)
    throw core::InputError(
        place, fmt::format("further rows of the wafer \"{}\", which begins on line {}", trace.wafer, earlier->second),
        "the rows of a wafer together");
  do {
    take_row(trace);
    at_row_ = advance();
    trace.faults.add(std::exchange(faults_, {}));
  } while (at_row_ && wafer_at_hand() == trace.wafer);
  sort_rows(trace);
  if (start_ && !start_known_)
    throw core::InputError(place, fmt::format("no {} of the wafer \"{}\"", lines_.header()[*start_], trace.wafer),
                           "a time in seconds");
  if (!start_ && !trace.times.empty()) trace.start = trace.times.front();
  return true;
}

}  // namespace wordline::fab
