// Cutting traces into steps.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "wordline/fab/metrology/summarise.h"

namespace wordline::fab {

namespace {

// The values of a signal, each missing one as the one before it, those at the begin as the first that is there.
std::vector<double> filled(const Trace& trace, const std::vector<std::string>& signals, const std::string& name) {
  const auto found = std::find(signals.begin(), signals.end(), name);
  if (found == signals.end())
    throw core::InputError(trace.where, fmt::format("a rule for steps by the signal \"{}\"", name),
                           fmt::format("one of {}", fmt::join(signals, ", ")), core::nearest_name(name, signals));
  const auto column = static_cast<std::size_t>(found - signals.begin());
  std::vector<double> out(trace.times.size());
  for (std::size_t row = 0; row < out.size(); ++row) {
    const double x = trace.values[row * signals.size() + column];
    out[row] = std::isnan(x) && row > 0 ? out[row - 1] : x;
  }
  const auto first = std::find_if(out.begin(), out.end(), [](double x) { return !std::isnan(x); });
  if (first == out.end() && !out.empty())
    throw core::InputError(trace.where, fmt::format("no value of {} of the wafer \"{}\"", name, trace.wafer),
                           "one, to find its steps");
  std::fill(out.begin(), first, first == out.end() ? 0 : *first);
  return out;
}

}  // namespace

void cut(Trace& trace, const std::vector<std::string>& signals, const StepRule& rule) {
  std::vector<std::string> names(trace.times.size());
  if (!rule.changes_of.empty()) {
    const auto values = filled(trace, signals, rule.changes_of);
    std::size_t step = 1;
    for (std::size_t row = 0; row < names.size(); ++row) {
      if (row > 0 && values[row] != values[row - 1]) ++step;
      names[row] = std::to_string(step);
    }
  } else if (!rule.levels.empty()) {
    for (const auto& level : rule.levels) {
      const auto values = filled(trace, signals, level.signal);
      for (std::size_t row = 0; row < names.size(); ++row)
        names[row] += fmt::format("{}{}_{}", names[row].empty() ? "" : "+", level.signal,
                                  values[row] >= level.threshold ? "high" : "low");
    }
  } else if (!rule.at.empty()) {
    for (std::size_t i = 0; i < rule.at.size(); ++i)
      if (!std::isfinite(rule.at[i]) || (i > 0 && !(rule.at[i - 1] < rule.at[i])))
        throw core::InputError(trace.where, fmt::format("steps that begin after {} s", fmt::join(rule.at, ", ")),
                               "each later than the one before");
    for (std::size_t row = 0; row < names.size(); ++row) {
      const double after = trace.times[row] - trace.times[0];
      names[row] = std::to_string(1 + (std::upper_bound(rule.at.begin(), rule.at.end(), after) - rule.at.begin()));
    }
  } else {
    return;
  }
  trace.steps.clear();
  std::unordered_map<std::string, std::uint32_t> index;
  for (std::size_t row = 0; row < names.size(); ++row) {
    const auto [entry, fresh] = index.emplace(names[row], static_cast<std::uint32_t>(trace.steps.size()));
    if (fresh) trace.steps.push_back(names[row]);
    trace.step[row] = entry->second;
  }
  if (trace.steps.size() > StepRule::most_steps)
    throw core::InputError(trace.where, fmt::format("{} steps of the wafer \"{}\"", trace.steps.size(), trace.wafer),
                           fmt::format("at most {}", StepRule::most_steps));
}

}  // namespace wordline::fab
