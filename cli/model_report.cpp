// The answer first, then the time by what bounds it, the roofline, and every kernel and transfer.
#include "model_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "web/page.h"
#include "wordline/core/files.h"

namespace wordline::cli {

namespace {

double us(core::Seconds time) { return time.in(core::microseconds(1)); }

const char* meaning(chip::Bound bound) {
  switch (bound) {
    case chip::Bound::tensor:
      return "the matrix engines";
    case chip::Bound::vector:
      return "other arithmetic";
    case chip::Bound::dram:
      return "DRAM bandwidth";
    case chip::Bound::l2:
      return "on-chip memory";
    case chip::Bound::in_flight:
      return "memory latency";
    case chip::Bound::launch:
      return "kernels to start and end";
    default:
      return "links between chips";
  }
}

const model::StepTimer::Line& longest(const TimedStep& step) {
  return *std::max_element(step.lines.begin(), step.lines.end(),
                           [](const auto& a, const auto& b) { return a.cost.time < b.cost.time; });
}

Json answer(const TimedStep& step) {
  const double seconds = step.cost.time.value();
  const auto& most = longest(step);
  const auto bound = static_cast<std::size_t>(step.cost.bound());
  Json out, figures = Json::array();
  out["headline"] = fmt::format("{} µs a step, {} of which waits for {}", three_digits(us(step.cost.time)),
                                percent(step.cost.by_bound[bound] / step.cost.time), meaning(step.cost.bound()));
  out["question"] = {step.work};
  figures.push_back(
      figure("Longest", most.op.name(), "",
             fmt::format("{} times, {} of the step", most.op.count, percent(most.cost.time / step.cost.time))));
  if (step.tokens > 0) {
    figures.push_back(figure("Tokens", three_digits(static_cast<double>(step.tokens) / seconds), "a second",
                             "of all sequences that decode; host time is not in it"));
    figures.push_back(figure("Energy", three_digits(step.cost.joules.value() / static_cast<double>(step.tokens)),
                             "J a token", "of all chips, for the tokens that the step adds"));
  }
  figures.push_back(figure("Power", three_digits(step.cost.joules.value() / seconds), "W", "mean, all chips"));
  out["figures"] = figures;
  return out;
}

Json bounds_section(const TimedStep& step) {
  Json out = section("chart", "bounds", "Where the time goes",
                     "Each kernel's time is its launch and what bounds the rest; the parts sum to the step.");
  Json series = Json::array();
  for (std::size_t i = 0; i < chip::bounds; ++i) {
    const auto bound = static_cast<chip::Bound>(i);
    if (step.cost.by_bound[i].value() <= 0) continue;
    series.push_back({{"name", fmt::format("{}: {}", chip::name_of(bound), meaning(bound))},
                      {"values", {us(step.cost.by_bound[i])}},
                      {"color", static_cast<int>(i)}});
  }
  out["charts"] = {{{"type", "bar"},
                    {"across", true},
                    {"stacked", true},
                    {"height", 240},
                    {"unit", "µs"},
                    {"series", series},
                    {"x", {{"label", "µs of the step"}, {"max", us(step.cost.time)}}},
                    {"y", {{"categories", {""}}}},
                    {"summary", "The step's time by what bounds it"}}};
  return out;
}

Json roofline_section(const TimedStep& step, const std::vector<RooflineDot>& dots) {
  Json out = section("chart", "roofline", "Roofline",
                     "Every kernel of the step: operations over the bytes that it moves at least, and the operations "
                     "a second that it reaches. Point at one for its name, time, bound and share.");
  out["charts"] = Json::array({roofline_chart(step.roof, dots)});
  std::string none;
  for (const auto& dot : dots)
    if (dot.at.flops_per_byte() <= 0) none += (none.empty() ? "" : ", ") + dot.name;
  if (!none.empty()) out["after"] = {"Without operations, so not in the chart: " + none + "."};
  return out;
}

Json column(const char* key, const char* label, const char* unit) {
  Json out{{"key", key}, {"label", label}, {"align", "right"}};
  if (*unit) out["unit"] = unit;
  return out;
}

Json kernels_section(const TimedStep& step, const std::vector<RooflineDot>& dots) {
  Json rows = Json::array();
  std::size_t dot = 0;
  for (std::size_t i = 0; i < step.lines.size(); ++i) {
    const auto& line = step.lines[i];
    if (!std::holds_alternative<chip::Kernel>(line.op.work)) continue;
    const auto& at = dots[dot++];
    const auto& each = step.each[i];
    Json time = us(each.time);
    if (each.low < each.high) time = {{"low", us(each.low)}, {"mid", us(each.time)}, {"high", us(each.high)}};
    const double intensity = at.at.flops_per_byte();
    const double roof = step.roof.at(intensity, at.at.roof).value();
    rows.push_back({{"name", line.op.name()},
                    {"count", line.op.count},
                    {"each", time},
                    {"all", us(line.cost.time)},
                    {"share", 100 * (line.cost.time / step.cost.time)},
                    {"bound", {{"tag", chip::name_of(each.bound)}}},
                    {"intensity", intensity > 0 ? Json(intensity) : Json()},
                    {"reached", intensity > 0 ? Json(100 * at.flops_per_second() / roof) : Json()},
                    {"moved", each.moved.value() / 1e6},
                    {"joules", line.cost.joules.value()}});
  }
  Json out = section("table", "kernels", "Kernels", "In the order of the step; one run on one chip, and all runs.");
  out["tables"] = {{{"columns",
                     {{{"key", "name"}, {"label", "Kernel"}, {"head", true}},
                      column("count", "Runs", ""),
                      column("each", "Each", "µs"),
                      column("all", "In all", "µs"),
                      column("share", "Share", "%"),
                      {{"key", "bound"}, {"label", "Bound"}},
                      column("intensity", "Operations", "a byte"),
                      column("reached", "Of its roof", "%"),
                      column("moved", "DRAM each", "MB"),
                      column("joules", "Energy", "J")}},
                    {"rows", rows}}};
  out["after"] = {"Energy of all runs on all chips. A range of times holds 80 % of the measured kernels of that kind."};
  return out;
}

Json transfers_section(const TimedStep& step) {
  Json rows = Json::array();
  for (const auto& line : step.lines)
    if (const auto* transfer = std::get_if<cluster::Transfer>(&line.op.work))
      rows.push_back({{"name", line.op.name()},
                      {"collective", cluster::name_of(transfer->collective)},
                      {"count", line.op.count},
                      {"bytes", transfer->bytes.value() / 1e6},
                      {"each", us(line.cost.time) / line.op.count},
                      {"all", us(line.cost.time)},
                      {"share", 100 * (line.cost.time / step.cost.time)}});
  if (rows.empty()) return {};
  Json out = section("table", "transfers", "Transfers", "Between the chips, in the order of the step.");
  out["tables"] = {{{"columns",
                     {{{"key", "name"}, {"label", "Transfer"}, {"head", true}},
                      {{"key", "collective"}, {"label", "Collective"}},
                      column("count", "Runs", ""),
                      column("bytes", "Bytes each", "MB"),
                      column("each", "Each", "µs"),
                      column("all", "In all", "µs"),
                      column("share", "Share", "%")}},
                    {"rows", rows}}};
  return out;
}

}  // namespace

std::vector<RooflineDot> dots_of(const TimedStep& step, const chip::Chip& chip) {
  std::vector<RooflineDot> out;
  for (std::size_t i = 0; i < step.lines.size(); ++i)
    if (const auto* kernel = std::get_if<chip::Kernel>(&step.lines[i].op.work))
      out.push_back({kernel->name, chip::roofline_point(chip, *kernel), step.each[i].time,
                     step.lines[i].cost.time / step.cost.time, step.each[i].bound});
  return out;
}

Json step_report(const TimedStep& step, const chip::Chip& chip, const core::Catalog& catalog) {
  const auto dots = dots_of(step, chip);
  Json out;
  out["schema"] = "wordline.report/1";
  out["title"] = "One step, kernel by kernel";
  out["subtitle"] = step.title;
  out["answer"] = answer(step);
  out["sections"] = {bounds_section(step), roofline_section(step, dots), kernels_section(step, dots)};
  if (Json transfers = transfers_section(step); !transfers.is_null()) out["sections"].push_back(transfers);
  out["sections"].push_back(sources_section(catalog));
  out["foot"] = foot(catalog);
  return out;
}

void write_step_report(const std::filesystem::path& file, const TimedStep& step, const chip::Chip& chip,
                       const core::Catalog& catalog) {
  core::write_text(file, web::page(step_report(step, chip, catalog)));
}

}  // namespace wordline::cli
