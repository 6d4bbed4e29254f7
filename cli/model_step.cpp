// wordline model step: one step of a model on chips, kernel by kernel; as a table, a timeline and a report.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "chip_options.h"
#include "model_options.h"
#include "model_report.h"
#include "output.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/model/timeline.h"

namespace wordline::cli {

namespace {

struct Options {
  ModelOptions model;
  ChipOptions on;
  std::optional<std::filesystem::path> trace, report;
};

double us(core::Seconds time) { return time.in(core::microseconds(1)); }

TimedStep timed(const Options& o, model::StepTimer& timer, const model::StepShape& shape) {
  TimedStep out;
  const auto& deployment = timer.deployment();
  const chip::Chip& chip = deployment.chip;
  const int chips = model::chips_of(deployment);
  out.title =
      fmt::format("{} on {}{}", deployment.architecture.name, chips > 1 ? fmt::format("{} × ", chips) : "", chip.title);
  if (o.model.batch > 0)
    out.work = fmt::format("{} sequences decode{}, each with {} tokens before the step", o.model.batch,
                           deployment.dp > 1 ? fmt::format(" on each of {} data-parallel ranks", deployment.dp) : "",
                           o.model.context);
  if (o.model.prefill > 0)
    out.work += fmt::format("{}a prompt chunk of {} tokens", out.work.empty() ? "" : ", and ", o.model.prefill);
  out.work += fmt::format("; weights in {}, keys and values in {}.", chip::name_of(deployment.weights),
                          chip::name_of(deployment.kv));
  out.tokens = o.model.batch * deployment.dp;
  out.cost = timer(shape);
  out.lines = timer.breakdown(shape);
  for (const auto& line : out.lines) {
    const auto* kernel = std::get_if<chip::Kernel>(&line.op.work);
    out.each.push_back(kernel ? timer.kernels()(*kernel) : chip::KernelCost{});
    if (!kernel) out.each.back().time = line.cost.time / line.op.count;
  }
  out.roof = chip::roofline_of(chip, timer.kernels().memory());
  return out;
}

Json line_json(const model::StepTimer::Line& line, const chip::KernelCost& each) {
  Json out = op_json(line.op);
  out["us"] = us(line.cost.time);
  if (std::holds_alternative<chip::Kernel>(line.op.work)) {
    out["low_us"] = us(each.low) * line.op.count;
    out["high_us"] = us(each.high) * line.op.count;
    out["each"] = {{"us", us(each.time)},
                   {"launch_us", us(each.launch)},
                   {"tensor_us", us(each.tensor)},
                   {"vector_us", us(each.vector)},
                   {"dram_us", us(each.dram)},
                   {"l2_us", us(each.l2)},
                   {"moved_bytes", each.moved.value()}};
  }
  out["joules"] = line.cost.joules.value();
  out["bound"] = chip::name_of(line.cost.bound());
  return out;
}

Json document_of(const Options& o, const TimedStep& step, const model::StepTimer& timer, const core::Catalog& catalog) {
  Json out = core::result_document("model.step", catalog);
  out["model"] = timer.deployment().architecture.name;
  out["chip"] = o.on.chip;
  out["library"] = timer.deployment().chip.library;
  out["residency"] = o.on.residency;
  out["tp"] = timer.deployment().tp;
  out["pp"] = timer.deployment().pp;
  out["dp"] = timer.deployment().dp;
  out["ep"] = timer.deployment().ep;
  put_experts(out, timer.deployment());
  out["step_us"] = us(step.cost.time);
  out["joules"] = step.cost.joules.value();
  out["bound"] = chip::name_of(step.cost.bound());
  for (std::size_t i = 0; i < chip::bounds; ++i)
    out["us_by_bound"][chip::name_of(static_cast<chip::Bound>(i))] = us(step.cost.by_bound[i]);
  out["kernels"] = out["transfers"] = Json::array();
  for (std::size_t i = 0; i < step.lines.size(); ++i) {
    const bool kernel = std::holds_alternative<chip::Kernel>(step.lines[i].op.work);
    out[kernel ? "kernels" : "transfers"].push_back(line_json(step.lines[i], step.each[i]));
  }
  out["assumed"] = core::facts_json(catalog.facts(), "assumed");
  return out;
}

std::string csv_of(const TimedStep& step) {
  std::string out =
      "op,kind,count,dtype,flops,bytes,us,low_us,high_us,each_us,launch_us,tensor_us,vector_us,dram_us,l2_us,share,"
      "bound,joules\n";
  for (std::size_t i = 0; i < step.lines.size(); ++i) {
    const auto& line = step.lines[i];
    const auto& each = step.each[i];
    const auto* kernel = std::get_if<chip::Kernel>(&line.op.work);
    const chip::Counts counts = kernel ? chip::counts_of(*kernel) : chip::Counts{};
    out += fmt::format("{},{},{},{},{},{},{},", line.op.name(), kernel ? "kernel" : "transfer", line.op.count,
                       kernel ? chip::name_of(chip::operands_of(*kernel)) : "", counts.matrix.value(),
                       kernel ? counts.bytes().value() : std::get<cluster::Transfer>(line.op.work).bytes.value(),
                       us(line.cost.time));
    if (kernel)
      out += fmt::format("{},{},{},{},{},{},{},{},", us(each.low) * line.op.count, us(each.high) * line.op.count,
                         us(each.time), us(each.launch), us(each.tensor), us(each.vector), us(each.dram), us(each.l2));
    else
      out += fmt::format(",,{},,,,,,", us(each.time));
    out += fmt::format("{},{},{}\n", line.cost.time / step.cost.time, chip::name_of(line.cost.bound()),
                       line.cost.joules.value());
  }
  return out;
}

std::string text_of(const TimedStep& step) {
  std::string out = fmt::format("{:<22}{:>6}{:>14}{:>14}{:>12}{:>8}  {}\n", "op", "count", "flops", "bytes",
                                "us in all", "share", "bound");
  for (const auto& line : step.lines)
    out += fmt::format("{}{:>12.2f}{:>7.1f}%  {}\n", op_line(line.op), us(line.cost.time),
                       100 * (line.cost.time / step.cost.time), chip::name_of(line.cost.bound()));
  return out + fmt::format("\nstep {:.1f} us, bound by {}, {:.4g} J\n", us(step.cost.time),
                           chip::name_of(step.cost.bound()), step.cost.joules.value());
}

int run_step(const Options& o, const Common& common) {
  const auto catalog = open_catalog(common, o.on.chip);
  auto deployment = o.model.deployment(catalog);
  deployment.chip = o.on.load(catalog);
  model::StepTimer timer(std::move(deployment), chip::simulated(), o.on.caches());
  const auto step = timed(o, timer, o.model.step());
  if (common.csv) core::write_text(*common.csv, csv_of(step));
  if (o.trace) model::write_timeline(*o.trace, step.lines, step.title);
  if (o.report) write_step_report(*o.report, step, timer.deployment().chip, catalog);
  write_result(common, document_of(o, step, timer, catalog), text_of(step) + experts_line(timer.deployment()));
  return core::exit_done;
}

}  // namespace

void add_model_step(Args& model) {
  auto& args = model.command("step", "one step on chips, kernel by kernel; host time is not in it");
  auto o = std::make_shared<Options>();
  args.option("--model", o->model.model, "a config.json, its folder, or a name in catalog/models").required();
  o->on.add_to(args);
  o->model.add_to(args);
  args.option("--trace", o->trace, "draws kernels and transfers for ui.perfetto.dev").called("FILE.pftrace");
  args.option("--report", o->report, "writes a report with a roofline to this HTML file; it works offline")
      .called("FILE.html");
  args.footer("Example: wordline model step --model llama-3.1-70b --chip h100-sxm --tp 4 --batch 16 --context 2000");
  args.action([o, &common = args.common()] { return run_step(*o, common); });
}

}  // namespace wordline::cli
