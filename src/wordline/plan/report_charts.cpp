// The charts of cost against latency, of waits, and of the day.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
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
         {"marks", Json::array({limit("x", bound, fmt::format("promise {:g} ms", bound))})},
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
                    {"marks", Json::array({limit("x", ttft, fmt::format("promise {:g} s", ttft))})},
                    {"summary", "Distribution of the time to the first token"}},
                   {{"type", "line"},
                    {"title", "Each further token, " + model},
                    {"series", further},
                    {"y", share},
                    {"x", {{"label", "ms per token, mean of a request"}, {"max", 1.5 * tpot}}},
                    {"marks", Json::array({limit("x", tpot, fmt::format("promise {:g} ms", tpot))})},
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
  Json marks = Json::array();
  marks.push_back(
      limit("y", plan.demand.burst.value(), fmt::format("worst ten minutes: {}", plain(plan.demand.burst.value()))));
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

}  // namespace wordline::plan
