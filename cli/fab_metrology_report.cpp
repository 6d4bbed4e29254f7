// The report of `wordline fab metrology --replay`: predicted against measured with intervals, the experts and their
// weights over time.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "fab_metrology.h"
#include "report_parts.h"
#include "web/page.h"

namespace wordline::cli {

namespace {

struct Parts {
  const fab::WaferTable& table;
  const fab::Bank& bank;
  const fab::ReplaySettings& settings;
  const fab::ReplayScore& score;
  const std::vector<ReplayedWafer>& wafers;
  std::string chamber;                      // the one with the most wafers: what the lines show
  std::vector<const ReplayedWafer*> shown;  // its wafers
};

std::size_t best_expert(const Parts& p) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < p.bank.experts.size(); ++i)
    if (p.score.expert_wafers[i] == p.score.wafers && p.score.expert_mse(i) < p.score.expert_mse(best)) best = i;
  return best;
}

Json answer(const Parts& p) {
  const std::size_t best = best_expert(p);
  const double ratio = p.score.mse() / p.score.expert_mse(best);
  Json out;
  out["headline"] = fmt::format("{} of the variance predicted, one wafer in {} measured",
                                p.score.r2() < 0 ? "None" : percent(p.score.r2()), p.settings.sampling);
  out["question"] = {
      fmt::format("What would these wafers' results have been taken for, before anyone measured them? A label "
                  "comes {} wafer{} late.",
                  p.settings.delay, p.settings.delay == 1 ? "" : "s")};
  out["text"] = {
      fmt::format("The mean square error is {} that of the best single expert, {}, which nobody could have known "
                  "beforehand.",
                  ratio < 1 ? percent(1 - ratio) + " below" : percent(ratio - 1) + " above", p.bank.experts[best])};
  out["figures"] = {
      figure("RMS error", three_digits(std::sqrt(p.score.mse())), "", "in the label's unit"),
      figure("R\u00b2", fmt::format("{:.3f}", p.score.r2()), "", "of the variance within chambers"),
      figure("Within the interval", percent(p.score.coverage()), "",
             fmt::format("{:.0f} % wanted", 100 * p.bank.coverage)),
      figure("Measured", fmt::format("{}", p.score.measured), fmt::format("of {}", p.score.wafers), "wafers")};
  return out;
}

// The last wafers of the chamber, so few that each is seen.
Json recent_section(const Parts& p) {
  const std::size_t most = 150, first = p.shown.size() - std::min(most, p.shown.size());
  Json predicted = Json::array(), low = Json::array(), high = Json::array(), labels = Json::array(),
       measured = Json::array();
  for (std::size_t i = first; i < p.shown.size(); ++i) {
    const auto& w = *p.shown[i];
    const auto at = [&](double y) { return Json{{"x", i}, {"y", y}, {"label", p.table.wafers[w.row]}}; };
    predicted.push_back(at(w.value));
    low.push_back(at(w.low));
    high.push_back(at(w.high));
    if (!std::isnan(p.table.labels[w.row])) (w.measured ? measured : labels).push_back(at(p.table.labels[w.row]));
  }
  Json out = section("chart", "recent", "Predicted and measured",
                     fmt::format("The last {} wafers{}. Large points were measured and learned from, after their "
                                 "delay; small ones nobody saw.",
                                 p.shown.size() - first, p.chamber.empty() ? "" : " of chamber " + p.chamber));
  out["charts"] = {
      {{"type", "scatter"},
       {"series",
        {{{"name", "predicted"}, {"points", predicted}, {"color", 0}, {"line", true}, {"size", 0}},
         {{"name", "interval, low"}, {"points", low}, {"color", 0}, {"line", true}, {"dashed", true}, {"size", 0}},
         {{"name", "interval, high"}, {"points", high}, {"color", 0}, {"line", true}, {"dashed", true}, {"size", 0}},
         {{"name", "result, not measured"}, {"points", labels}, {"color", 7}, {"size", 2}},
         {{"name", "result, measured"}, {"points", measured}, {"color", 1}, {"size", 5}}}},
       {"x", {{"label", "wafer of the chamber after its warm-up"}, {"min", first}, {"max", p.shown.size()}}},
       {"y", {{"label", "result"}, {"zero", false}}},
       {"summary", "Predictions with intervals, and the results, over the last wafers"}}};
  return out;
}

Json scatter_section(const Parts& p) {
  std::map<std::string, Json> chambers;
  const std::size_t step = std::max<std::size_t>(1, p.wafers.size() / 1500);
  for (std::size_t i = 0; i < p.wafers.size(); i += step) {
    const auto& w = p.wafers[i];
    if (std::isnan(p.table.labels[w.row])) continue;
    auto& points = chambers[p.table.chambers[w.row]];
    if (points.is_null()) points = Json::array();
    points.push_back({{"x", p.table.labels[w.row]}, {"y", w.value}, {"label", p.table.wafers[w.row]}});
  }
  Json series = Json::array();
  int color = 0;
  for (const auto& [name, points] : chambers)
    series.push_back(
        {{"name", name.empty() ? "wafers" : name}, {"points", points}, {"color", color++ % 10}, {"size", 2}});
  Json out =
      section("chart", "scatter", "Prediction over result",
              step == 1 ? "Every wafer after the warm-up." : fmt::format("Every {}. wafer after the warm-up.", step));
  out["charts"] = {{{"type", "scatter"},
                    {"series", series},
                    {"x", {{"label", "measured"}, {"zero", false}}},
                    {"y", {{"label", "predicted"}, {"zero", false}}},
                    {"summary", "Predictions over measured results, by chamber"}}};
  return out;
}

Json weights_section(const Parts& p) {
  Json series = Json::array();
  for (std::size_t e = 0; e < p.bank.experts.size(); ++e) {
    Json points = Json::array();
    for (std::size_t i = 0; i < p.shown.size(); ++i)
      if (!p.shown[i]->weights.empty()) points.push_back({{"x", i}, {"y", p.shown[i]->weights[e]}});
    series.push_back({{"name", p.bank.experts[e]}, {"points", points}, {"fill", true}, {"color", e % 10}, {"size", 0}});
  }
  Json out = section("chart", "weights", "Whom the aggregate listens to",
                     fmt::format("Weight of each expert{}, wafer by wafer. All begin alike; labels move them.",
                                 p.chamber.empty() ? "" : " in chamber " + p.chamber));
  out["charts"] = {{{"type", "line"},
                    {"stacked", true},
                    {"series", series},
                    {"x", {{"label", "wafer of the chamber after its warm-up"}, {"min", 0}, {"max", p.shown.size()}}},
                    {"y", {{"label", "weight"}, {"min", 0}, {"max", 1}}},
                    {"height", 380},
                    {"summary", "Weights of the experts over the wafers"}}};
  return out;
}

Json experts_section(const Parts& p) {
  Json rows = Json::array();
  const auto row = [&](const std::string& name, double mse, bool best) {
    Json one = {{"expert", name}, {"mse", mse}, {"rmse", std::sqrt(mse)}, {"ratio", mse / p.score.mse()}};
    if (best) one["_best"] = true;
    rows.push_back(one);
  };
  row("Aggregate", p.score.mse(), true);
  for (std::size_t i = 0; i < p.bank.experts.size(); ++i)
    if (p.score.expert_wafers[i] > 0) row(p.bank.experts[i], p.score.expert_mse(i), false);
  Json out = section("table", "experts", "Each expert alone", "On the same wafers, with the same labels.");
  out["tables"] = {{{"title", ""},
                    {"columns",
                     {{{"key", "expert"}, {"label", "Expert"}, {"head", true}},
                      {{"key", "mse"}, {"label", "Mean square error"}, {"digits", 4}, {"bar", true}},
                      {{"key", "rmse"}, {"label", "RMS error"}, {"digits", 4}},
                      {{"key", "ratio"}, {"label", "Over the aggregate's"}, {"digits", 3}}}},
                    {"rows", rows}}};
  return out;
}

Json chambers_section(const Parts& p) {
  Json rows = Json::array();
  for (const auto& [name, c] : p.score.chambers) {
    const double n = static_cast<double>(c.wafers), variance = c.scatter() / n;
    rows.push_back({{"chamber", name.empty() ? "all" : name},
                    {"wafers", c.wafers},
                    {"variance", variance},
                    {"mse", c.mse()},
                    {"r2", 1 - c.mse() / variance},
                    {"coverage", 100 * static_cast<double>(c.covered) / n}});
  }
  Json out =
      section("table", "chambers", "Each chamber", "Chambers are predicted apart: what they differ by is no merit.");
  out["tables"] = {{{"title", ""},
                    {"columns",
                     {{{"key", "chamber"}, {"label", "Chamber"}, {"head", true}},
                      {{"key", "wafers"}, {"label", "Wafers"}, {"digits", 0}},
                      {{"key", "variance"}, {"label", "Variance of the results"}, {"digits", 2}},
                      {{"key", "mse"}, {"label", "Mean square error"}, {"digits", 2}},
                      {{"key", "r2"}, {"label", "R\u00b2"}, {"digits", 3}},
                      {{"key", "coverage"}, {"label", "Within the interval"}, {"unit", "%"}, {"digits", 1}}}},
                    {"rows", rows}}};
  return out;
}

}  // namespace

std::string metrology_report(const fab::WaferTable& table, const fab::Bank& bank, const fab::ReplaySettings& settings,
                             const fab::ReplayScore& score, const std::vector<ReplayedWafer>& wafers,
                             const core::Catalog& catalog) {
  Parts p{table, bank, settings, score, wafers, "", {}};
  std::map<std::string, std::size_t> counts;
  for (const auto& w : wafers) ++counts[table.chambers[w.row]];
  for (const auto& [chamber, n] : counts)
    if (n > counts[p.chamber] || counts[p.chamber] == 0) p.chamber = chamber;
  for (const auto& w : wafers)
    if (table.chambers[w.row] == p.chamber) p.shown.push_back(&w);
  Json report;
  report["schema"] = "wordline.report/1";
  report["title"] = "Virtual metrology";
  report["subtitle"] = fmt::format("{} wafers replayed through {}", score.wafers, bank.title);
  report["answer"] = answer(p);
  report["sections"] = {recent_section(p),   weights_section(p), experts_section(p),
                        chambers_section(p), scatter_section(p), sources_section(catalog)};
  report["foot"] = foot(catalog);
  return web::page(report);
}

}  // namespace wordline::cli
