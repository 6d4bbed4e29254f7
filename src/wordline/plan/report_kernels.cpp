// The charts of where a token's time and joules go.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>

#include "wordline/plan/report_parts.h"
#include "wordline/plan/words.h"

namespace wordline::plan {

namespace {

// One way to look at an account: time in ms, or energy in J.
struct Measure {
  const char* name;
  const char* unit;
  double (*part)(const AccountLine&);
  double (*waiting)(const Account&);
  double of(const Account& account) const {
    double sum = waiting(account);
    for (const auto& line : account.lines) sum += part(line);
    return sum;
  }
};

const std::array<Measure, 2> measures = {
    {{"Time", "ms", [](const AccountLine& l) { return l.time.in(core::milliseconds(1)); },
      [](const Account& a) { return a.waiting.in(core::milliseconds(1)); }},
     {"Energy", "J", [](const AccountLine& l) { return l.joules.value(); },
      [](const Account& a) { return a.waiting_joules.value(); }}}};

// The kernels that are biggest anywhere, in the order of their largest share: all charts give them the same colours.
std::vector<std::string> big_kernels(const Plan& plan) {
  std::map<std::string, double> largest;
  for (std::size_t model = 0; model < plan.scenario.models.size(); ++model)
    for (const auto* o : winners(plan, model))
      for (const auto& measure : measures)
        for (const auto& line : o->account.lines)
          largest[line.name] = std::max(largest[line.name], measure.part(line) / measure.of(o->account));
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [name, share] : largest) order.emplace_back(-share, name);
  std::sort(order.begin(), order.end());
  std::vector<std::string> names;
  for (const auto& [share, name] : order)
    if (names.size() < 8) names.push_back(name);
  return names;
}

// Stacked bars of 100 %, one a winner: the big kernels by name, the rest together, and the waiting.
Json account_chart(const Plan& plan, std::size_t model, const Measure& measure,
                   const std::vector<std::string>& kernels) {
  const auto list = winners(plan, model);
  Json names = Json::array(), series = Json::array();
  std::vector<double> rest(list.size(), 100.0), waiting;
  for (const auto* o : list) {
    const double all = measure.of(o->account);
    names.push_back({o->candidate.chip, fmt::format("x {}, {}: {} {}", o->candidate.tp, format_name(o->candidate),
                                                    plain(all), measure.unit)});
    waiting.push_back(100 * measure.waiting(o->account) / all);
  }
  for (const auto& kernel : kernels) {
    std::vector<double> values(list.size(), 0.0);
    for (std::size_t i = 0; i < list.size(); ++i) {
      for (const auto& line : list[i]->account.lines)
        if (line.name == kernel) values[i] += 100 * measure.part(line) / measure.of(list[i]->account);
      rest[i] -= values[i];
    }
    series.push_back({{"name", kernel}, {"values", values}});
  }
  for (std::size_t i = 0; i < list.size(); ++i) rest[i] = std::max(0.0, rest[i] - waiting[i]);
  series.push_back({{"name", "other kernels"}, {"values", rest}});
  series.push_back({{"name", "no kernel running"}, {"values", waiting}});
  const std::string title = fmt::format("{}, {}", measure.name, plan.scenario.model_titles[model]);
  return {{"type", "bar"},
          {"across", true},
          {"stacked", true},
          {"unit", "%"},
          {"title", title},
          {"height", 150 + 46 * static_cast<int>(list.size())},
          {"x", {{"label", fmt::format("% of an output token's {}", measure.unit)}, {"max", 100}}},
          {"y", {{"label", ""}, {"categories", names}}},
          {"series", series},
          {"summary", fmt::format("{}: stacked bars, one for each of {} replicas", title, list.size())}};
}

}  // namespace

Json kernels_section(const Plan& plan) {
  Json out = section(
      "chart", "kernels", "Where a token's time and joules go",
      {"Every output token's share of its replica's time and of its chips' energy at the highest rate, kernel by "
       "kernel: prompts' work is in it. The joules are the chips' own, memory included, without servers and cooling."});
  out["charts"] = Json::array();
  const auto kernels = big_kernels(plan);
  for (std::size_t model = 0; model < plan.scenario.models.size(); ++model) {
    if (winners(plan, model).empty()) continue;
    for (const auto& measure : measures) out["charts"].push_back(account_chart(plan, model, measure, kernels));
  }
  return out;
}

}  // namespace wordline::plan
