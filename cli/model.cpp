// wordline model show | step: a model's shape, and one step of it on chips.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "output.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"
#include "wordline/model/step_timer.h"

namespace wordline::cli {

namespace {

using nlohmann::ordered_json;

// What both commands take: a model, how it is split and stored, and a step.
struct ModelOptions {
  std::string model, chip, quantization = "auto", kv_cache_dtype = "auto";
  int tp = 1;
  std::int64_t batch = 1, context = 1024, prefill = 0;
};

model::Deployment deployment_of(const ModelOptions& o, const core::Catalog& catalog) {
  model::Deployment out;
  out.architecture = model::load(catalog, o.model, {std::make_shared<std::string>("--model")});
  out.tp = o.tp;
  out.weights = o.quantization == "auto" ? out.architecture.stated : chip::dtype_of(o.quantization);
  out.kv = o.kv_cache_dtype == "auto" ? chip::Dtype::bf16 : chip::dtype_of(o.kv_cache_dtype);
  if (!o.chip.empty()) out.chip = chip::load(catalog, o.chip, {std::make_shared<std::string>("--chip")});
  return out;
}

model::StepShape shape_of(const ModelOptions& o) {
  if (o.batch < 0 || o.context < 0 || o.prefill < 0)
    throw core::UsageError("--batch, --context and --prefill must not be negative");
  if (o.batch > 1000000 || o.context > 1000000000 || o.prefill > 1000000000)
    throw core::UsageError("--batch is at most 1000000, --context and --prefill at most 1000000000");
  if (o.batch + o.prefill == 0) throw core::UsageError("an empty step: give --batch or --prefill");
  model::StepShape out{o.batch, o.batch * o.context, {}};
  if (o.prefill > 0) out.prefill.push_back({o.prefill, 0});
  return out;
}

double bytes_of(const chip::Kernel& k) { return chip::counts_of(k).bytes().value(); }

ordered_json op_json(const model::Op& op) {
  ordered_json out{{"name", op.name()}, {"count", op.count}};
  if (const auto* k = std::get_if<chip::Kernel>(&op.work)) {
    out["dtype"] = chip::name_of(chip::operands_of(*k));
    out["flops"] = chip::counts_of(*k).matrix.value();
    out["bytes"] = bytes_of(*k);
  } else {
    const auto& transfer = std::get<cluster::Transfer>(op.work);
    out["collective"] = cluster::name_of(transfer.collective);
    out["bytes"] = transfer.bytes.value();
  }
  return out;
}

std::string op_line(const model::Op& op) {
  const auto* k = std::get_if<chip::Kernel>(&op.work);
  const double bytes = k ? bytes_of(*k) : std::get<cluster::Transfer>(op.work).bytes.value();
  return fmt::format("{:<22}{:>6}{:>14}{:>14.4g}", op.name(), op.count,
                     k ? fmt::format("{:.4g}", chip::counts_of(*k).matrix.value()) : "link", bytes);
}

ordered_json shape_json(const model::Architecture& a) {
  return {{"name", a.name},
          {"model_type", a.model_type},
          {"layers", a.layers},
          {"hidden", a.hidden},
          {"heads", a.attention.heads},
          {"kv_heads", a.attention.kv_heads},
          {"head_dim", a.attention.head_dim},
          {"feed_forward", a.feed_forward.width},
          {"vocabulary", a.vocabulary},
          {"max_positions", a.max_positions},
          {"tied_embeddings", a.tied_embeddings},
          {"parameters", model::parameters(a)}};
}

int show(const ModelOptions& o, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  const auto deployment = deployment_of(o, catalog);
  model::check_split(deployment);
  const auto& a = deployment.architecture;
  const auto kv = static_cast<std::int64_t>(model::kv_bytes_per_token(a, deployment.kv).value());
  auto document = core::result_document("model.show", catalog);
  document["architecture"] = shape_json(a);
  document["kv_bytes_per_token"] = kv;
  std::string text = fmt::format(
      "{} ({}): {} layers, hidden {}, {} heads, {} KV heads of {}, feed-forward {}, vocabulary {}\n"
      "parameters {}  KV bytes per token {}\n\n{:<22}{:>6}{:>14}{:>14}\n",
      a.name, a.model_type, a.layers, a.hidden, a.attention.heads, a.attention.kv_heads, a.attention.head_dim,
      a.feed_forward.width, a.vocabulary, model::parameters(a), kv, "op", "count", "flops", "bytes");
  for (const auto& op : model::ops(deployment, shape_of(o))) {
    document["ops"].push_back(op_json(op));
    text += op_line(op) + "\n";
  }
  write_result(common, document, text);
  return core::exit_done;
}

ordered_json line_json(const model::StepTimer::Line& line) {
  ordered_json out = op_json(line.op);
  out["us"] = line.cost.time.in(core::microseconds(1));
  out["joules"] = line.cost.joules.value();
  out["bound"] = chip::name_of(line.cost.bound());
  return out;
}

int step(const ModelOptions& o, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  model::StepTimer timer(deployment_of(o, catalog));
  const auto shape = shape_of(o);
  const auto cost = timer(shape);
  auto document = core::result_document("model.step", catalog);
  document["model"] = timer.deployment().architecture.name;
  document["chip"] = o.chip;
  document["tp"] = o.tp;
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

void add_step_options(Args& args, ModelOptions& o) {
  args.option("--tp", o.tp, "ranks of tensor parallelism").called("RANKS");
  args.option("--quantization", o.quantization, "weights: auto (as the config states), bf16 or fp8");
  args.option("--kv-cache-dtype", o.kv_cache_dtype, "keys and values: auto (bf16), bf16 or fp8");
  args.option("--batch", o.batch, "sequences that decode").called("B");
  args.option("--context", o.context, "KV tokens of each before the step").called("L");
  args.option("--prefill", o.prefill, "tokens of one further prompt chunk in the same step").called("T");
}

}  // namespace

void add_model(Args& program) {
  auto& args = program.command("model", "a language model: its shape, and one step of it");
  auto& show_args = args.command("show", "shape, parameters, KV bytes and op table of a config.json");
  auto shown = std::make_shared<ModelOptions>();
  show_args.positional("config", shown->model, "a config.json, its folder, or a name in catalog/models").required();
  add_step_options(show_args, *shown);
  show_args.footer("Example: wordline model show llama-3.1-8b --batch 16 --context 2000");
  show_args.action([shown, &common = show_args.common()] { return show(*shown, common); });

  auto& step_args = args.command("step", "one step on chips, kernel by kernel; host time is not in it");
  auto timed = std::make_shared<ModelOptions>();
  step_args.option("--model", timed->model, "a config.json, its folder, or a name in catalog/models").required();
  step_args.option("--chip", timed->chip, "chip from the catalogue").required().called("NAME");
  add_step_options(step_args, *timed);
  step_args.footer(
      "Example: wordline model step --model llama-3.1-70b --chip h100-sxm --tp 4 --batch 16 --context 2000");
  step_args.action([timed, &common = step_args.common()] { return step(*timed, common); });
}

}  // namespace wordline::cli
