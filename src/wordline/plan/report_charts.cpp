// The charts: cost against latency, waits, the day, and where time and joules go.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "wordline/core/statistics.h"
#include "wordline/plan/report_parts.h"
#include "wordline/plan/words.h"

namespace wordline::plan {

namespace {

Json point(double x, double y) { return {{"x", x}, {"y", y}}; }

// Share of requests, in percent, at or below each latency: 100 steps and the tail.
template <class Latency>
Json distribution(const Outcome& o, Latency latency) {
  core::Samples samples;
  for (const auto& served : o.replica.at.served)
    if (const auto value = latency(served)) samples.add(*value);
  Json points = Json::array();
  for (int percent = 0; percent <= 98; percent += 2) points.push_back(point(samples.percentile(percent), percent));
  for (const double percent : {99.0, 99.5, 99.9}) points.push_back(point(samples.percentile(percent), percent));
  return points;
}

Json limit(const char* axis, double at, const std::string& label) {
  return {{"axis", axis}, {"at", at}, {"label", label}};
}

std::string short_name(const Outcome& o) {
  return fmt::format("{} x {}, {}", o.candidate.tp, o.candidate.chip, format_name(o.candidate));
}

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
    names.push_back({short_name(*o), fmt::format("{} {} a token", plain(all), measure.unit)});
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

Json pareto_section(const Plan& plan) {
  Json out = section(
      "chart", "pareto", "Cost against latency",
      {"A replica that is given less work answers faster, and each token costs more. Each curve is one machine (the "
       "cheapest with its chip), from lightly loaded at the left to its highest rate; down and left is better."});
  out["charts"] = Json::array();
  for (std::size_t model = 0; model < plan.scenario.models.size(); ++model) {
    Json series = Json::array();
    for (const auto* o : winners(plan, model)) {
      if (!o->bill.known) continue;
      Json points = Json::array();
      for (const auto& at : o->curve) {
        Json p = point(at.p99_tpot.in(core::milliseconds(1)), at.usd_per_mtok.mid.value());
        p["label"] = fmt::format("{} at {} requests/s", short_name(*o), plain(at.rps));
        points.push_back(p);
      }
      series.push_back({{"name", short_name(*o)}, {"line", true}, {"points", points}, {"shape", series.size()}});
    }
    if (series.empty()) continue;
    const double bound = plan.scenario.slo.tpot.in(core::milliseconds(1));
    out["charts"].push_back(
        {{"type", "scatter"},
         {"title", plan.scenario.model_titles[model]},
         {"series", series},
         {"x", {{"label", "p99 time per output token, ms"}, {"scale", "log"}}},
         {"y", {{"label", "USD per million output tokens"}, {"scale", "log"}}},
         {"marks", {limit("x", bound, fmt::format("promise {:g} ms", bound))}},
         {"summary", "Cost per million tokens against the 99th percentile of the time per output token"}});
  }
  return out;
}

Json latency_section(const Plan& plan) {
  Json out =
      section("chart", "waits", "How long people wait",
              {"At the highest rate that keeps the promises, for the cheapest replica with each chip: how many of 100 "
               "requests have their first token, and then each further one, within this time."});
  Json first = Json::array(), further = Json::array();
  for (const auto* o : winners(plan, 0)) {
    if (first.size() == 6) break;
    const auto ttft = [](const serve::Served& s) { return std::optional(s.ttft.value()); };
    const auto tpot = [](const serve::Served& s) {
      return s.output_tokens > 1 ? std::optional(s.tpot().in(core::milliseconds(1))) : std::nullopt;
    };
    first.push_back({{"name", short_name(*o)}, {"points", distribution(*o, ttft)}});
    further.push_back({{"name", short_name(*o)}, {"points", distribution(*o, tpot)}});
  }
  const double ttft = plan.scenario.slo.ttft.value(), tpot = plan.scenario.slo.tpot.in(core::milliseconds(1));
  const Json share = {{"label", "% of requests"}, {"max", 100}};
  const std::string& model = plan.scenario.model_titles[0];
  out["charts"] = {{{"type", "line"},
                    {"title", "First token, " + model},
                    {"series", first},
                    {"y", share},
                    {"x", {{"label", "seconds from arrival"}, {"max", 1.5 * ttft}}},
                    {"marks", {limit("x", ttft, fmt::format("promise {:g} s", ttft))}},
                    {"summary", "Distribution of the time to the first token"}},
                   {{"type", "line"},
                    {"title", "Each further token, " + model},
                    {"series", further},
                    {"y", share},
                    {"x", {{"label", "ms per token, mean of a request"}, {"max", 1.5 * tpot}}},
                    {"marks", {limit("x", tpot, fmt::format("promise {:g} ms", tpot))}},
                    {"summary", "Distribution of the time per output token"}}};
  return out;
}

Json day_section(const Plan& plan) {
  Json out = section(
      "chart", "day", "Load over the day",
      {"What users ask for, hour by hour, and what the fleet is sized for: ten minutes as crowded as the worst of two "
       "weeks. Most of the machines stand ready most of the time; that is in every cost above."});
  Json hours = Json::array(), mean = Json::array();
  for (std::size_t hour = 0; hour <= 24; ++hour) {
    hours.push_back(point(static_cast<double>(hour), plan.demand.hours[hour % 24].value()));
    mean.push_back(point(static_cast<double>(hour), plan.demand.mean.value()));
  }
  Json series = {{{"name", "requests/s by hour"}, {"points", hours}, {"fill", true}},
                 {{"name", "mean"}, {"points", mean}, {"dashed", true}, {"color", 5}}};
  Json marks = {
      limit("y", plan.demand.burst.value(), fmt::format("worst ten minutes: {}", plain(plan.demand.burst.value())))};
  double top = plan.demand.burst.value();
  if (const Outcome* best = plan.best(0)) {
    const double can = static_cast<double>(best->fleet.replicas()) * best->replica.max_rps;
    marks.push_back(limit("y", can, fmt::format("fleet with spares: {}", plain(can))));
    top = std::max(top, can);
  }
  out["charts"] = {{{"type", "line"},
                    {"series", series},
                    {"marks", marks},
                    {"x", {{"label", "hour of the day"}, {"max", 24}}},
                    {"y", {{"label", "requests per second"}, {"max", 50 * std::ceil(top * 1.08 / 50)}}},
                    {"summary", "Requests per second by hour of the day, against the fleet's size"}}};
  return out;
}

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
