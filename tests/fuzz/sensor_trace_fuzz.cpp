// Any text as a sensor trace: summarised with finite numbers, or refused with line and column. The first byte chooses
// how it is cut into steps. It goes through a file in memory; what begins like a packed file has no lines of its own.

#include <cmath>

#include "fuzz.h"
#include "wordline/core/csv.h"
#include "wordline/fab/metrology/summarise.h"

namespace {

using namespace wordline;

fab::StepRule rule_of(std::uint8_t byte, const std::vector<std::string>& signals) {
  fab::StepRule rule;
  if (signals.empty()) return rule;
  const std::string& signal = signals[byte / 4 % signals.size()];
  if (byte % 4 == 1) rule.changes_of = signal;
  if (byte % 4 == 2) rule.levels = {{signal, 1}, {signals[0], 100}};
  if (byte % 4 == 3) rule.at = {0.5, 1.0 + byte};
  return rule;
}

void check(const fab::WaferSummary& summary) {
  std::size_t rows = 0;
  for (const auto& step : summary.steps) {
    rows += step.rows;
    if (!(step.duration >= 0)) fuzz::fault("a duration below 0", step.step.c_str());
    for (const auto& s : step.signals) {
      if (s.count > step.rows) fuzz::fault("more values than rows", step.step.c_str());
      if (s.count == 0) continue;
      const bool ordered = s.min <= s.max && s.std >= 0 && std::abs(s.mean) <= 1.01e100;
      if (!ordered || !std::isfinite(s.std) || !std::isfinite(s.area))
        fuzz::fault("a summary that is none", step.step.c_str());
    }
  }
  if (rows == 0) fuzz::fault("a wafer without rows", summary.wafer.c_str());
}

void read(const std::string& file, std::uint8_t byte) {
  fab::TraceReader reader(file, {});
  const auto& signals = reader.signals();
  fab::SummaryTable table(signals, {});
  fab::Trace trace;
  std::size_t wafers = 0;
  while (reader.next(trace)) {
    if (trace.times.empty()) continue;
    fab::cut(trace, signals, rule_of(byte, signals));
    const auto summary = fab::summarise(trace, signals.size());
    check(summary);
    table.add(summary);
    ++wafers;
  }
  const std::string text = table.csv();
  if (core::Csv::parse(text, "summaries").rows() != wafers) fuzz::fault("not a row a wafer", text.c_str());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text = fuzz::text_of(data + 1, size - 1);
  fuzz::refuses_a_file_with_a_place(text, [&](const std::string& file) { read(file, data[0]); });
  return 0;
}
