// Raw sensor traces of wafers: what a tool recorded while it worked on each, from CSV.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "wordline/core/csv_lines.h"

namespace wordline::fab {

// What the columns of a trace are; every other one is a signal. `wafer` and `step` name their columns where those are
// not called "wafer" and "step"; a file without a column of wafers is one wafer with the file's name (without
// .csv, .gz), one without steps is one step.
struct TraceColumns {
  std::string time = "time";              // seconds
  std::optional<std::string> wafer = {};  // rows of one wafer stand together
  std::optional<std::string> step = {};   // recipe step: any text
  std::optional<std::string> start = {};  // when the wafer began, in seconds; where not named, its first time
  std::vector<std::string> keep = {};     // texts that hold for the whole wafer: chamber, label
  std::vector<std::string> ignore = {};
};

// What a wafer's rows had that cannot be used as it stands, and what became of it.
struct TraceFaults {
  std::uint64_t missing_values = 0;     // empty, NaN, NA, null, infinite or beyond 1e100: left out of that signal alone
  std::uint64_t rows_without_time = 0;  // the same in the column of times, or beyond 1e15 s: left out
  std::uint64_t rows_without_step = 0;  // left out
  std::uint64_t rows_out_of_order = 0;  // earlier than the row before: sorted in by time
  std::uint64_t rows_repeated = 0;      // the line before once more: left out
  std::uint64_t headers_repeated = 0;   // left out
  std::uint64_t rows_cut_off = 0;  // a file's last line, without an end, and fields missing or of a new wafer: left out
  std::uint64_t rows_without_end = 0;  // a file's last line, without an end but whole by its fields: taken
  void add(const TraceFaults& other);
};
// Each count with its name, as the results have it.
std::vector<std::pair<const char*, std::uint64_t>> counts(const TraceFaults& faults);

// One wafer's rows in the order of their times (rows of one time in the order of the file).
struct Trace {
  std::string wafer;
  std::vector<std::string> kept;    // of TraceColumns::keep
  double start = 0;                 // seconds
  std::vector<double> times;        // seconds, as the file has them
  std::vector<double> values;       // rows x signals, row by row; NaN where missing
  std::vector<std::string> steps;   // names, by first appearance in the file; one without a name where there are none
  std::vector<std::uint32_t> step;  // of each row
  TraceFaults faults;
  core::Location where;  // the first row
};

// Reads the wafers of one file, one after the other; holds one at a time. Throws core::InputError with file, line and
// column for text among numbers, lines with more or fewer fields than the header, kept texts that change within a
// wafer, and a wafer whose rows do not stand together.
class TraceReader {
 public:
  TraceReader(const std::filesystem::path& file, const TraceColumns& columns);
  const std::vector<std::string>& signals() const { return signals_; }
  core::Location where() const { return lines_.where_in_header(0); }
  // False at the file's end. A wafer of which no row can be used comes without rows.
  bool next(Trace& trace);

 private:
  enum class Use { signal, time, wafer, step, start, keep, ignored };
  void use(const std::string& name, Use use);
  bool advance();
  void take_row(Trace& trace);
  void take_text(std::size_t column, std::string& known, bool& is_known) const;
  std::string wafer_at_hand() const;

  core::CsvLines lines_;
  std::string file_wafer_;
  std::vector<Use> uses_;  // of each column
  std::vector<std::string> signals_;
  std::vector<std::size_t> kept_columns_;
  std::optional<std::size_t> time_, wafer_, step_, start_;
  std::unordered_map<std::string, int> begun_;  // the wafers so far, and the lines on which they begin
  std::unordered_map<std::string, std::uint32_t> steps_;
  std::vector<bool> kept_known_;
  std::string line_before_;
  bool start_known_ = false, at_row_ = false, first_ = true;
  TraceFaults faults_;  // of lines that are no wafer's
};

}  // namespace wordline::fab
