// wordline model show | step: a model's shape, and one step of it on chips.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "model_options.h"
#include "output.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"
#include "wordline/model/step_timer.h"

namespace wordline::cli {

namespace {

using nlohmann::ordered_json;

ordered_json line_json(const model::StepTimer::Line& line) {
  ordered_json out = op_json(line.op);
  out["us"] = line.cost.time.in(core::microseconds(1));
  out["joules"] = line.cost.joules.value();
  out["bound"] = chip::name_of(line.cost.bound());
  return out;
}

int step(const ModelOptions& o, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  model::StepTimer timer(o.deployment(catalog));
  const auto shape = o.step();
  const auto cost = timer(shape);
  auto document = core::result_document("model.step", catalog);
  document["model"] = timer.deployment().architecture.name;
  document["chip"] = o.chip;
  document["tp"] = o.tp;
  document["pp"] = o.pp;
  document["dp"] = o.dp;
  document["ep"] = o.ep;
  document["step_us"] = cost.time.in(core::microseconds(1));
  document["joules"] = cost.joules.value();
  document["bound"] = chip::name_of(cost.bound());
  for (std::size_t i = 0; i < chip::bounds; ++i)
    document["us_by_bound"][chip::name_of(static_cast<chip::Bound>(i))] = cost.by_bound[i].in(core::microseconds(1));
  document["kernels"] = document["transfers"] = ordered_json::array();
  std::string text =
      fmt::format("{:<22}{:>6}{:>14}{:>14}{:>12}  {}\n", "op", "count", "flops", "bytes", "us in all", "bound");
  for (const auto& line : timer.breakdown(shape)) {
    const bool kernel = std::holds_alternative<chip::Kernel>(line.op.work);
    document[kernel ? "kernels" : "transfers"].push_back(line_json(line));
    text += fmt::format("{}{:>12.2f}  {}\n", op_line(line.op), line.cost.time.in(core::microseconds(1)),
                        chip::name_of(line.cost.bound()));
  }
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");
  text += fmt::format("\nstep {:.1f} us, bound by {}, {:.4g} J\n", cost.time.in(core::microseconds(1)),
                      chip::name_of(cost.bound()), cost.joules.value());
  write_result(common, document, text);
  return core::exit_done;
}

}  // namespace

void add_model(Args& program) {
  auto& args = program.command("model", "a language model: its shape, and one step of it");
  auto& show_args = args.command("show", "shape, parameters, KV bytes and op table of a config.json");
  auto shown = std::make_shared<ModelOptions>();
  show_args.positional("config", shown->model, "a config.json, its folder, or a name in catalog/models").required();
  shown->add_to(show_args);
  show_args.footer("Example: wordline model show llama-3.1-8b --batch 16 --context 2000");
  show_args.action([shown, &common = show_args.common()] { return show_model(*shown, common); });

  auto& step_args = args.command("step", "one step on chips, kernel by kernel; host time is not in it");
  auto timed = std::make_shared<ModelOptions>();
  step_args.option("--model", timed->model, "a config.json, its folder, or a name in catalog/models").required();
  step_args.option("--chip", timed->chip, "chip from the catalogue").required().called("NAME");
  timed->add_to(step_args);
  step_args.footer(
      "Example: wordline model step --model llama-3.1-70b --chip h100-sxm --tp 4 --batch 16 --context 2000");
  step_args.action([timed, &common = step_args.common()] { return step(*timed, common); });
}

}  // namespace wordline::cli
