// Recorded wafers as a process's disturbance: controllers tried on what has happened.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "wordline/fab/control/compare.h"

namespace wordline::fab {

// What a record has to say beside its wafers. Recipes are taken to have stood still while it was made; what a recipe
// changes is added to result and prediction alike.
struct RecordSettings {
  std::optional<std::string> chamber = {};  // whose wafers; none: the file has one chamber's
  std::optional<double> target = {};        // none: the mean of the wafers that tuning uses
  double coverage = 0.9;                    // of the intervals `low` to `high`, where predictions come with these
  double tuning_share = 1.0 / 3;            // the wafers at the begin on which controllers are tuned; the others judge
};

struct Record {
  std::vector<std::string> wafers;
  ProcessPath path;  // deviations from the target
  double target = 0;
  double noise_sd =
      0;  // from wafer to wafer, by successive differences of the wafers that tuning uses (von Neumann 1941)
  std::size_t tuning = 0;     // wafers
  std::size_t predicted = 0;  // wafers with a prediction
  std::size_t left_out = 0;   // rows without a result
};

// CSV: wafer, disturbance or label, and perhaps time, chamber, and prediction with sigma, or with low and high: what
// `wordline fab metrology --replay --csv` writes. Rows in the order in which the wafers were made; without a result
// they are left out and counted. Throws core::InputError with file, line and column for what is no number, times that
// go back, intervals upside down, a second chamber where none was chosen, and fewer than 30 wafers with a result.
Record read_record(const std::filesystem::path& file, const RecordSettings& settings);

// Of a record whose path has the results themselves: target, noise and tuning wafers, and the results as deviations.
// Throws core::InputError, at `where`, for fewer than 30 wafers and for results that do not differ.
void finish(Record& record, const RecordSettings& settings, const core::Location& where = {});

// The loop for a record: its own noise, metrology without error.
LoopSettings settings_of(const Record& record, const Process& process);

// Each controller with sampled metrology alone, then with the record's predictions where it has some. One record is one
// run: no intervals.
std::vector<ControlRow> compare(const Record& record, const Process& process, const ControlSettings& settings);

}  // namespace wordline::fab
