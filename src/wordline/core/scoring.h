// Predicted against measured times: errors by group, the rows that constants may be fitted on, a table with its
// predictions beside it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wordline/core/csv.h"

namespace wordline::core {

// One measured number and what was predicted for it, in one unit; measured > 0. 80 % of such are thought to lie in
// low..high.
struct Compared {
  double measured = 0, predicted = 0, low = 0, high = 0;
};

// Errors of n predictions p of measurements m, as shares: 0.1 is 10 %. All 0 where n is 0.
struct Errors {
  std::size_t n = 0;
  double mean = 0, median = 0, p90 = 0;  // of |p/m - 1|
  double bias = 0;                       // mean of p/m - 1
  double within = 0;                     // share of the measurements in low..high
};
Errors errors_of(const std::vector<Compared>&);

// Comparisons in named groups ("all_reduce/nccl"), and all together.
class Scores {
 public:
  void add(const std::string& group, const Compared&);
  bool empty() const { return all_.empty(); }
  // "all", then the groups by name.
  std::vector<std::pair<std::string, Errors>> errors() const;
  // The same as lines for a person: n, mean, median, 90th percentile, bias, share in the band.
  std::string text() const;

 private:
  std::vector<Compared> all_;
  std::map<std::string, std::vector<Compared>> groups_;
};

// Whether a column of that name is one of those that with_predictions() appends.
bool is_prediction(std::string_view column);

// Whether constants may be fitted on this row of a table of measurements: one in five by the FNV-1a hash of 64 bits of
// all its fields but `result`, `repeats`, `spread` and predictions, joined by commas, modulo 5. All other rows are for
// judging.
bool for_fitting(const Csv&, std::size_t row, std::string_view result = "us");

// What is written beside a row.
struct Prediction {
  double us = 0, low = 0, high = 0;
  std::string bound;
};
// The table as CSV with the columns predicted_us, bound, low_us and high_us appended; rows without a prediction are
// left out. `predictions` has one entry a row. Columns of that name that the table has already are replaced.
std::string with_predictions(const Csv&, const std::vector<std::optional<Prediction>>& predictions);

}  // namespace wordline::core
