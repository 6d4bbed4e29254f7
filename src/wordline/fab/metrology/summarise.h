// Summaries of sensor traces: a row of numbers a wafer, from which virtual metrology predicts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wordline/fab/metrology/trace.h"

namespace wordline::fab {

// Where a trace is cut into steps where it has no column of them, or instead of that column.
struct StepRule {
  struct Level {
    std::string signal;
    double threshold = 0;
  };
  std::string changes_of;     // each change of this signal begins a step: "1", "2", ...
  std::vector<Level> levels;  // a step is which signals are at or above their thresholds: "power_high+gas_low"
  std::vector<double> at;     // seconds after the wafer's first row, ascending, at which a step begins
  static constexpr std::size_t most_steps = 1000;  // of one wafer
};

// One signal in one step, over the rows that have it; NaN where not defined.
struct SignalSummary {
  std::uint64_t count = 0;
  double mean, std;  // population standard deviation (divides by the count)
  double min, max;
  double slope;  // least squares against time, per second; defined from two different times on
  double area;   // trapezoids over time; a gap of missing values is bridged, its ends are not extrapolated
};

// All rows of one name together, though the step may come again and again. A visit lasts to the first row of the next
// step and its areas reach there, so that the durations of all steps sum to
// the trace's, and their areas too where no value is missing.
struct StepSummary {
  std::string step;
  std::uint64_t rows = 0, visits = 0;
  double duration = 0;  // seconds
  std::vector<SignalSummary> signals;
};

struct WaferSummary {
  std::string wafer;
  std::vector<std::string> kept;
  double start = 0;        // seconds
  double longest_gap = 0;  // seconds between two rows
  std::vector<StepSummary> steps;
  TraceFaults faults;
};

// Gives the rows of a trace the steps of a rule; a row in which a signal of the rule is missing stays in the step of
// the row before. Throws core::InputError for a signal that is not there (the nearest is named), for times that do not
// ascend, for more than StepRule::most_steps, and for a wafer without any value of such a signal.
void cut(Trace& trace, const std::vector<std::string>& signals, const StepRule& rule);

// The summary of a trace with `signals` signals.
WaferSummary summarise(const Trace& trace, std::size_t signals);

// One row a wafer as CSV: wafer, time, what was kept, then for each step its visits (where there are steps), duration,
// and for each signal mean, std, min, max, slope and area ("STEP.SIGNAL.mean"; without steps "SIGNAL.mean"). Steps
// stand in the order in which wafers first had them; what a wafer has not is left empty.
class SummaryTable {
 public:
  SummaryTable(std::vector<std::string> signals, std::vector<std::string> kept);
  void add(const WaferSummary& summary);
  const std::vector<std::string>& steps() const { return steps_; }
  std::string csv() const;

 private:
  std::vector<std::string> signals_, kept_, steps_;
  struct Row {
    std::string head;
    std::vector<std::string> steps;  // fields of each step by its index; empty where it has none
  };
  std::vector<Row> rows_;
};

}  // namespace wordline::fab
