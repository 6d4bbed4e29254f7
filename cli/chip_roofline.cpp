// wordline chip roofline: the ceilings of a chip, and where the kernels of a model's step stand under them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "chip.h"
#include "chip_options.h"
#include "model_options.h"
#include "model_report.h"
#include "output.h"
#include "web/page.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

struct Options {
  ChipOptions on;
  ModelOptions model;
  std::string dtype;
  std::optional<std::filesystem::path> report;
};

// The kernels of one step on this chip; none without a model.
std::vector<RooflineDot> dots(const Options& o, const chip::Chip& chip, const core::Catalog& catalog) {
  if (o.model.model.empty()) return {};
  auto deployment = o.model.deployment(catalog);
  deployment.chip = chip;
  model::StepTimer timer(std::move(deployment), chip::simulated(), o.on.caches());
  TimedStep step;
  step.cost = timer(o.model.step());
  step.lines = timer.breakdown(o.model.step());
  for (const auto& line : step.lines) {
    const auto* kernel = std::get_if<chip::Kernel>(&line.op.work);
    step.each.push_back(kernel ? timer.kernels()(*kernel) : chip::KernelCost{});
  }
  return dots_of(step, chip);
}

std::string dots_text(const chip::Roofline& roof, const std::vector<RooflineDot>& points) {
  if (points.empty()) return "";
  std::string out = fmt::format("\n{:<22}{:>10}{:>12}{:>12}{:>12}{:>8}  {}\n", "kernel", "op/byte", "TFLOP/s", "roof",
                                "us each", "share", "bound");
  for (const auto& dot : points)
    out += fmt::format("{:<22}{:>10.4g}{:>12.4g}{:>12.4g}{:>12.2f}{:>7.1f}%  {}\n", dot.name, dot.at.flops_per_byte(),
                       dot.flops_per_second() / 1e12, roof.at(dot.at.flops_per_byte(), dot.at.roof).value() / 1e12,
                       dot.each.in(core::microseconds(1)), 100 * dot.share, chip::name_of(dot.bound));
  return out;
}

std::string csv_of(const chip::Roofline& roof, const std::vector<RooflineDot>& points) {
  std::string out = "name,kind,flops_per_byte,tflops,gbps,ceiling_tflops,us,share,bound\n";
  for (const auto& ceiling : roof.compute)
    out += fmt::format("{},ceiling,,{},,,,,\n", ceiling.name, ceiling.rate.value() / 1e12);
  for (const auto& ceiling : roof.memory)
    out += fmt::format("{},ceiling,,,{},,,,\n", ceiling.name, ceiling.bandwidth.value() / 1e9);
  for (const auto& dot : points)
    out += fmt::format("{},kernel,{},{},{},{},{},{},{}\n", dot.name, dot.at.flops_per_byte(),
                       dot.flops_per_second() / 1e12, dot.at.bytes.value() / dot.each.value() / 1e9,
                       roof.at(dot.at.flops_per_byte(), dot.at.roof).value() / 1e12, dot.each.in(core::microseconds(1)),
                       dot.share, chip::name_of(dot.bound));
  return out;
}

Json ceilings_section(const chip::Roofline& roof) {
  Json rows = Json::array();
  for (const auto& ceiling : ceilings_json(roof)) {
    Json row{{"name", ceiling["name"]}};
    if (ceiling.contains("tflops")) row.update({{"tflops", ceiling["tflops"]}, {"ridge", ceiling["ridge"]}});
    if (ceiling.contains("gbps")) row["gbps"] = ceiling["gbps"];
    rows.push_back(row);
  }
  Json out = section("table", "ceilings", "Ceilings",
                     "The peak of every engine as the chip's file states it, and every memory's bandwidth. From the "
                     "ridge on, the engine binds rather than the simulated DRAM.");
  out["tables"] = {{{"columns",
                     {{{"key", "name"}, {"label", "Ceiling"}, {"head", true}},
                      {{"key", "tflops"}, {"label", "Rate"}, {"unit", "TFLOP/s"}, {"align", "right"}},
                      {{"key", "gbps"}, {"label", "Bandwidth"}, {"unit", "GB/s"}, {"align", "right"}},
                      {{"key", "ridge"}, {"label", "Ridge"}, {"unit", "op/byte"}, {"align", "right"}}}},
                    {"rows", rows}}};
  return out;
}

Json report_of(const chip::Chip& chip, const chip::Roofline& roof, const std::vector<RooflineDot>& points,
               const Options& o, const core::Catalog& catalog) {
  const double simulated = roof.memory.front().bandwidth.value();
  Json out;
  out["schema"] = "wordline.report/1";
  out["title"] = "Roofline of " + chip.title;
  out["subtitle"] = o.model.model.empty() ? "Ceilings" : "Ceilings, and one step of " + o.model.model;
  out["answer"]["headline"] = fmt::format("{} GB/s of {} come from the DRAM", three_digits(simulated / 1e9),
                                          three_digits(chip.memory.peak.value() / 1e9));
  Json figures = Json::array();
  for (const auto& ceiling : roof.compute)
    figures.push_back(figure(ceiling.name, three_digits(ceiling.rate.value() / 1e12), "TFLOP/s",
                             fmt::format("from {} operations a byte", three_digits(ceiling.rate.value() / simulated))));
  out["answer"]["figures"] = figures;
  Json drawn = section("chart", "roofline", "Roofline",
                       points.empty() ? "What bounds any kernel on this chip from above."
                                      : "What bounds any kernel on this chip, and the kernels of the step. Point at "
                                        "one for its name, time, bound and share.");
  drawn["charts"] = Json::array({roofline_chart(roof, points)});
  out["sections"] = {drawn, ceilings_section(roof), sources_section(catalog)};
  out["foot"] = foot(catalog);
  return out;
}

int roofline(const Options& o, const Common& common) {
  const auto catalog = open_catalog(common, o.on.chip);
  const chip::Chip chip = o.on.load(catalog);
  chip::MemoryPath path(chip, chip::simulated());
  const auto roof = chip::roofline_of(
      chip, path, o.dtype.empty() ? std::nullopt : std::optional<chip::Dtype>(chip::dtype_of(o.dtype)));
  const auto points = dots(o, chip, catalog);
  if (common.csv) core::write_text(*common.csv, csv_of(roof, points));
  if (o.report) core::write_text(*o.report, web::page(report_of(chip, roof, points, o, catalog)));
  auto document = core::result_document("chip.roofline", catalog);
  document["chip"] = o.on.chip;
  document["ceilings"] = ceilings_json(roof);
  document["points"] = Json::array();
  for (const auto& dot : points) document["points"].push_back(dot_json(roof, dot));
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");
  write_result(common, document, chip.title + "\n" + ceilings_text(roof) + dots_text(roof, points));
  return core::exit_done;
}

}  // namespace

void add_chip_roofline(Args& chip) {
  auto& args = chip.command("roofline", "the ceilings of a chip, with a model's kernels under them");
  auto o = std::make_shared<Options>();
  o->on.add_to(args);
  args.option("--dtype", o->dtype, "only the engine that multiplies this format");
  args.option("--model", o->model.model, "every kernel of one step of this model as a point");
  o->model.add_to(args);
  args.option("--report", o->report, "writes a report to this HTML file; it works offline").called("FILE.html");
  args.footer("Example: wordline chip roofline --chip h100-sxm --model llama-3.1-8b --batch 64 --report roofline.html");
  args.action([o, &common = args.common()] { return roofline(*o, common); });
}

}  // namespace wordline::cli
