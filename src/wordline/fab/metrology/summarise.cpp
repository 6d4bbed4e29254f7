#include "wordline/fab/metrology/summarise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "wordline/core/csv.h"

namespace wordline::fab {

namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

// One step's rows of one signal: times from the trace's begin, and the values that are there.
struct Points {
  std::vector<double> times, values;
  double area = 0;
};

SignalSummary of(const Points& points) {
  SignalSummary s{points.values.size(), undefined, undefined, undefined, undefined, undefined, undefined};
  if (s.count == 0) return s;
  const auto n = static_cast<double>(s.count);
  const auto mean_of = [n](const std::vector<double>& all) {
    double sum = 0, rest = 0;
    for (const double x : all) sum += x;
    for (const double x : all) rest += x - sum / n;  // what rounding left
    return sum / n + rest / n;
  };
  s.mean = mean_of(points.values);
  const double middle = mean_of(points.times);
  double squares = 0, along = 0, spread = 0;
  for (std::size_t i = 0; i < points.values.size(); ++i) {
    const double x = points.values[i] - s.mean, t = points.times[i] - middle;
    squares += x * x;
    along += t * x;
    spread += t * t;
  }
  s.std = std::sqrt(squares / n);
  const auto [low, high] = std::minmax_element(points.values.begin(), points.values.end());
  s.min = *low;
  s.max = *high;
  const auto [first, last] = std::minmax_element(points.times.begin(), points.times.end());
  if (*first < *last) s.slope = along / spread;
  s.area = points.area;
  return s;
}

}  // namespace

WaferSummary summarise(const Trace& trace, std::size_t signals) {
  WaferSummary out{trace.wafer, trace.kept, trace.start, 0, {}, trace.faults};
  const std::size_t rows = trace.times.size();
  std::vector<std::vector<Points>> points(trace.steps.size(), std::vector<Points>(signals));
  for (const auto& name : trace.steps) out.steps.push_back({name, 0, 0, 0, {}});
  const auto time = [&](std::size_t row) { return trace.times[row] - trace.times[0]; };
  struct Last {
    double time = 0, value = undefined;
  };
  std::vector<Last> last(signals);  // of the visit
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint32_t step = trace.step[row];
    const std::uint32_t before = row > 0 ? trace.step[row - 1] : step;
    if (row > 0) {
      out.steps[before].duration += time(row) - time(row - 1);
      out.longest_gap = std::max(out.longest_gap, time(row) - time(row - 1));
    }
    ++out.steps[step].rows;
    if (row == 0 || step != before) ++out.steps[step].visits;
    for (std::size_t i = 0; i < signals; ++i) {
      const double x = trace.values[row * signals + i];
      if (std::isnan(x)) {
        if (step != before) last[i] = {};
        continue;
      }
      if (!std::isnan(last[i].value))
        points[before][i].area += (time(row) - last[i].time) * (0.5 * last[i].value + 0.5 * x);
      last[i] = {time(row), x};
      points[step][i].times.push_back(time(row));
      points[step][i].values.push_back(x);
    }
  }
  for (std::size_t step = 0; step < out.steps.size(); ++step)
    for (const auto& each : points[step]) out.steps[step].signals.push_back(of(each));
  return out;
}

SummaryTable::SummaryTable(std::vector<std::string> signals, std::vector<std::string> kept)
    : signals_(std::move(signals)), kept_(std::move(kept)) {}

void SummaryTable::add(const WaferSummary& summary) {
  Row row;
  row.head = fmt::format("{},{}", core::csv_field(summary.wafer), summary.start);
  for (const auto& text : summary.kept) row.head += "," + core::csv_field(text);
  for (const auto& step : summary.steps) {
    const auto known = std::find(steps_.begin(), steps_.end(), step.step);
    const auto index = static_cast<std::size_t>(known - steps_.begin());
    if (known == steps_.end()) steps_.push_back(step.step);
    row.steps.resize(std::max(row.steps.size(), index + 1));
    std::string& fields = row.steps[index];
    if (!step.step.empty()) fields += fmt::format(",{}", step.visits);
    fields += fmt::format(",{}", step.duration);
    for (const auto& s : step.signals)
      for (const double x : {s.mean, s.std, s.min, s.max, s.slope, s.area})
        fields += std::isfinite(x) ? fmt::format(",{}", x) : ",";
  }
  rows_.push_back(std::move(row));
}

std::string SummaryTable::csv() const {
  std::string out = "wafer,time";
  for (const auto& name : kept_) out += "," + core::csv_field(name);
  std::vector<std::string> nothing;  // of each step
  for (const auto& step : steps_) {
    const std::string before = step.empty() ? "" : step + ".";
    std::size_t columns = 1 + 6 * signals_.size();
    if (!step.empty()) {
      out += "," + core::csv_field(before + "visits");
      ++columns;
    }
    out += "," + core::csv_field(before + "duration");
    for (const auto& signal : signals_)
      for (const char* what : {"mean", "std", "min", "max", "slope", "area"})
        out += "," + core::csv_field(fmt::format("{}{}.{}", before, signal, what));
    nothing.emplace_back(columns, ',');
  }
  out += "\n";
  for (const auto& row : rows_) {
    out += row.head;
    for (std::size_t i = 0; i < steps_.size(); ++i)
      out += i < row.steps.size() && !row.steps[i].empty() ? row.steps[i] : nothing[i];
    out += "\n";
  }
  return out;
}

}  // namespace wordline::fab
