// The report of `wordline fab control`: sigma by controller, a stretch of a run, dollars.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "fab_control.h"
#include "web/page.h"
#include "wordline/core/files.h"

namespace wordline::cli {

namespace {

std::string called(const ControlReport& report, const fab::ControlRow& row) {
  return row.controller + ", " + mode_of(report, row);
}

Json answer(const ControlReport& report) {
  const auto &base = report.rows[report.base], &best = report.rows[report.best];
  const auto &before = report.worths[report.base], &after = report.worths[report.best];
  const double change = best.sigma.mean / base.sigma.mean - 1;
  const double saved = before.cost_per_good.value() - after.cost_per_good.value();
  Json out;
  if (report.best == report.base)
    out["headline"] = "Sampled metrology alone is as good";
  else
    out["headline"] =
        fmt::format("Sigma is {} smaller, a good stack {} USD cheaper", percent(-change), three_digits(saved));
  out["question"] = {
      fmt::format("One of {} wafers is measured, its result known {} wafers later. Without virtual "
                  "metrology: {}; the best of all: {}.",
                  report.process.sampling, report.process.delay, called(report, base), called(report, best))};
  if (const auto why = nothing_gained(report); !why.empty()) out["text"] = {why};
  const auto from = [](double x) { return "from " + three_digits(x); };
  out["figures"] = {figure("Sigma", three_digits(best.sigma.mean), "", from(base.sigma.mean)),
                    figure("Cpk", three_digits(after.cpk), "", from(before.cpk)),
                    figure("Within limits", percent(after.parametric_yield),
                           fmt::format("of dies over {:.0f} layers", report.process.layers),
                           "from " + percent(before.parametric_yield)),
                    figure("A good stack", three_digits(after.cost_per_good.value()), "USD",
                           from(before.cost_per_good.value()) + ", " + report.process.stack)};
  return out;
}

Json sigma_section(const ControlReport& report) {
  std::map<std::string, std::vector<double>> bars;
  std::vector<std::string> modes, controllers;
  const auto place = [](std::vector<std::string>& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    const auto at = found - names.begin();
    if (found == names.end()) names.push_back(name);
    return static_cast<std::size_t>(at);
  };
  for (const auto& row : report.rows) {
    if (row.controller == "none") continue;
    const std::size_t at = place(modes, mode_of(report, row));
    place(controllers, row.controller);
    auto& values = bars[row.controller];
    values.resize(std::max(values.size(), at + 1));
    values[at] = row.sigma.mean;
  }
  Json all = Json::array();
  int color = 0;
  for (const auto& name : controllers) all.push_back({{"name", name}, {"values", bars[name]}, {"color", color++}});
  Json out =
      section("chart", "sigma", "Sigma by controller",
              "Root mean square deviation from the target, with sampled metrology alone and with virtual "
              "metrology on every wafer besides. Each controller is tuned in each mode on wafers that do not judge.");
  out["charts"] = {{{"type", "bar"},
                    {"series", all},
                    {"x", {{"categories", modes}}},
                    {"y", {{"label", "sigma"}, {"min", 0}}},
                    {"summary", "Sigma of each controller in each mode"}}};
  for (const auto& row : report.rows)
    if (row.controller == "none")
      out["after"] = {fmt::format("Without control it is {}.", three_digits(row.sigma.mean))};
  return out;
}

Json stretch_section(const ControlReport& report) {
  const auto line = [&](const std::vector<double>& values) {
    Json points = Json::array();
    for (std::size_t i = 0; i < values.size(); ++i)
      points.push_back({{"x", report.stretch_from + static_cast<std::int64_t>(i)}, {"y", values[i]}});
    return points;
  };
  Json out = section("chart", "stretch", "A stretch of a run",
                     "The same wafers under the same disturbance, wafer by wafer; 0 is the target.");
  Json marks = {{{"axis", "y"}, {"at", 0}, {"label", "target"}}};
  const std::int64_t between = report.record ? 0 : report.process.maintenance_wafers;
  const auto end = report.stretch_from + static_cast<std::int64_t>(report.stretch_base.size());
  for (std::int64_t t = between; between > 0 && t < end; t += between)
    if (t >= report.stretch_from) marks.push_back({{"axis", "x"}, {"at", t}, {"label", "maintenance"}});
  Json all = {
      {{"name", called(report, report.rows[report.base])}, {"points", line(report.stretch_base)}, {"color", 1}}};
  if (report.best != report.base)
    all.push_back(
        {{"name", called(report, report.rows[report.best])}, {"points", line(report.stretch_best)}, {"color", 0}});
  out["charts"] = {{{"type", "line"},
                    {"series", all},
                    {"x", {{"label", "wafer"}, {"min", report.stretch_from}, {"max", end}}},
                    {"y", {{"label", "deviation"}, {"zero", false}}},
                    {"marks", marks},
                    {"summary", "Deviations from the target over a stretch of wafers"}}};
  return out;
}

Json worth_section(const ControlReport& report) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const auto& row = report.rows[i];
    const auto& worth = report.worths[i];
    Json one = {{"controller", row.controller},
                {"mode", mode_of(report, row)},
                {"sigma", row.sigma.mean},
                {"half", report.record ? Json("–") : Json(row.sigma.half_width)},
                {"change", row.change ? Json(100 * row.change->mean) : Json("–")},
                {"cpk", worth.cpk},
                {"outside", 1e6 * worth.outside},
                {"yield", 100 * worth.parametric_yield},
                {"usd", worth.cost_per_good.value()}};
    if (i == report.best) one["_best"] = true;
    rows.push_back(one);
  }
  Json out = section(
      "table", "worth", "From sigma to dollars",
      fmt::format(
          "Sampled metrology at its best has a Cpk of {}, so the limits are set; a smaller sigma leaves fewer wafers "
          "outside of them in each of {:.0f} layers, more dies good, and a good {} costs less.",
          report.process.cpk, report.process.layers, report.process.stack));
  out["tables"] = {{{"columns",
                     {{{"key", "controller"}, {"label", "Controller"}, {"head", true}},
                      {{"key", "mode"}, {"label", "Metrology"}},
                      {{"key", "sigma"}, {"label", "Sigma"}, {"digits", 3}},
                      {{"key", "half"}, {"label", "±"}, {"digits", 3}, {"hint", "half the 95 % interval of the mean"}},
                      {{"key", "change"}, {"label", "Change"}, {"unit", "%"}, {"digits", 1}},
                      {{"key", "cpk"}, {"label", "Cpk"}, {"digits", 2}},
                      {{"key", "outside"}, {"label", "Outside, a layer"}, {"unit", "ppm"}, {"digits", 1}},
                      {{"key", "yield"}, {"label", "Dies within limits"}, {"unit", "%"}, {"digits", 2}},
                      {{"key", "usd"}, {"label", "A good stack"}, {"unit", "USD"}, {"digits", 2}}}},
                    {"rows", rows}}};
  return out;
}

}  // namespace

void write_control_report(const std::filesystem::path& file, const ControlReport& report,
                          const core::Catalog& catalog) {
  Json out;
  out["schema"] = "wordline.report/1";
  out["title"] = "Run-to-run control with virtual metrology";
  out["subtitle"] = report.record ? report.record_file : report.process.title;
  out["answer"] = answer(report);
  out["sections"] =
      Json::array({sigma_section(report), stretch_section(report), worth_section(report), sources_section(catalog)});
  out["foot"] = foot(catalog);
  core::write_text(file, web::page(out));
}

}  // namespace wordline::cli
