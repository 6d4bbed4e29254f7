#include "model_options.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "wordline/core/error.h"

namespace wordline::cli {

void ModelOptions::add_split_to(Args& args) {
  args.option("--tp", tp, "ranks of tensor parallelism").called("RANKS");
  args.option("--pp", pp, "stages of pipeline parallelism").called("STAGES");
  args.option("--dp", dp, "data-parallel ranks, which share the experts of a layer").called("RANKS");
  args.option("--ep", ep, "ranks over which whole experts spread, a divisor of tp x dp").called("RANKS");
  args.option("--expert-skew", expert_skew, "exponent of Zipf's law by which experts are popular; 0: all alike");
  args.option("--enable-eplb", eplb, "experts are placed on the ranks of --ep by their popularity, as EPLB does");
  args.option("--num-redundant-experts", redundant_experts, "replicas of popular experts in each layer, placed by EPLB")
      .called("N");
  args.option("--quantization", quantization, "weights: auto (as the checkpoint states), bf16, fp8, fp8_block, ...");
  args.option("--kv-cache-dtype", kv_cache_dtype,
              "keys and values: auto (as the checkpoint states, else bf16), bf16 or fp8");
}

void ModelOptions::add_to(Args& args) {
  add_split_to(args);
  args.option("--batch", batch, "sequences that decode, on each data-parallel rank").called("B");
  args.option("--context", context, "KV tokens of each before the step").called("L");
  args.option("--prefill", prefill, "tokens of one further prompt chunk in the same step").called("T");
}

model::Deployment ModelOptions::deployment(const core::Catalog& catalog) const {
  model::Deployment out;
  out.architecture = model::load(catalog, model, {std::make_shared<std::string>("--model")});
  out.tp = tp, out.pp = pp, out.dp = dp, out.ep = ep;
  out.expert_skew = expert_skew, out.eplb = eplb, out.redundant_experts = redundant_experts;
  out.weights = quantization == "auto" ? out.architecture.stated : chip::dtype_of(quantization);
  out.kv = kv_cache_dtype == "auto" ? out.architecture.quantisation.kv : chip::dtype_of(kv_cache_dtype);
  if (!chip.empty()) out.chip = chip::load(catalog, chip, {std::make_shared<std::string>("--chip")});
  return out;
}

model::StepShape ModelOptions::step() const {
  if (batch < 0 || context < 0 || prefill < 0)
    throw core::UsageError("--batch, --context and --prefill must not be negative");
  if (batch > 1000000 || context > 1000000000 || prefill > 1000000000)
    throw core::UsageError("--batch is at most 1000000, --context and --prefill at most 1000000000");
  if (batch + prefill == 0) throw core::UsageError("an empty step: give --batch or --prefill");
  model::StepShape out{batch, batch * context, {}};
  if (prefill > 0) out.prefill.push_back({prefill, 0});
  return out;
}

std::string op_line(const model::Op& op) {
  const auto* kernel = std::get_if<chip::Kernel>(&op.work);
  if (!kernel)
    return fmt::format("{:<22}{:>6}{:>14}{:>14.4g}", op.name(), op.count, "link",
                       std::get<cluster::Transfer>(op.work).bytes.value());
  const chip::Counts counts = chip::counts_of(*kernel);
  return fmt::format("{:<22}{:>6}{:>14.4g}{:>14.4g}", op.name(), op.count, counts.matrix.value(),
                     counts.bytes().value());
}

nlohmann::ordered_json op_json(const model::Op& op) {
  nlohmann::ordered_json out{{"name", op.name()}, {"count", op.count}};
  if (const auto* kernel = std::get_if<chip::Kernel>(&op.work)) {
    const chip::Counts counts = chip::counts_of(*kernel);
    out["dtype"] = chip::name_of(chip::operands_of(*kernel));
    out["flops"] = counts.matrix.value();
    out["bytes"] = counts.bytes().value();
    if (const auto* gemm = std::get_if<chip::Gemm>(&kernel->work))
      out["m"] = gemm->m, out["n"] = gemm->n, out["k"] = gemm->k, out["batch"] = gemm->batch;
  } else {
    const auto& transfer = std::get<cluster::Transfer>(op.work);
    out["collective"] = cluster::name_of(transfer.collective);
    out["chips"] = op.chips;
    out["bytes"] = transfer.bytes.value();
  }
  return out;
}

void put_experts(nlohmann::ordered_json& document, const model::Deployment& d) {
  if (d.expert_skew == 0 && !d.eplb) return;
  document["expert_skew"] = d.expert_skew;
  document["enable_eplb"] = d.eplb;
  document["num_redundant_experts"] = d.redundant_experts;
  document["expert_imbalance"] = model::expert_imbalance(d);
}

std::string experts_line(const model::Deployment& d) {
  if (d.ep == 1 || (d.expert_skew == 0 && !d.eplb)) return "";
  return fmt::format("experts: the fullest of {} ranks has {:.3f} times the mean load\n", d.ep,
                     model::expert_imbalance(d));
}

}  // namespace wordline::cli
