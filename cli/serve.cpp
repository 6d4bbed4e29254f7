// wordline serve run: a workload through a serving engine, request by request.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "args.h"
#include "output.h"
#include "serve_workload.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/model/deployment.h"
#include "wordline/serve/generate.h"
#include "wordline/serve/run.h"
#include "wordline/serve/trace.h"

namespace wordline::cli {

namespace {

struct Options {
  std::string model, chip, dtype = "auto", quantization, kv_cache_dtype = "auto";
  int tp = 1, replicas = 1;
  std::filesystem::path trace, requests;
  std::string lengths;
  double request_rate = 1, burstiness = 1;
  int num_prompts = 1000;
  serve::Engine engine;
  bool no_prefix_caching = false, no_async_scheduling = false;
  std::vector<std::string> goodput;
};

model::Deployment deployment_of(const Options& options, const core::Catalog& catalog) {
  model::Deployment out;
  out.architecture = model::load(catalog, options.model);
  out.chip = chip::load(catalog, options.chip);
  out.tp = options.tp;
  out.weights = out.architecture.stated;
  if (options.dtype != "auto") out.weights = chip::dtype_of(options.dtype);
  if (!options.quantization.empty()) out.weights = chip::dtype_of(options.quantization);
  out.kv = options.kv_cache_dtype == "auto" ? out.architecture.quantisation.kv : chip::dtype_of(options.kv_cache_dtype);
  model::check(out);
  return out;
}

serve::Workload workload_of(const Options& options, const Common& common, const core::Catalog& catalog) {
  if (options.trace.empty() == options.lengths.empty())
    throw core::UsageError("wordline serve run: give either --trace FILE or --lengths NAME");
  if (!options.trace.empty()) return serve::read_trace(options.trace);
  if (options.num_prompts < 1) throw core::UsageError("wordline serve run: --num-prompts must be 1 or more");
  if (!(options.burstiness > 0)) throw core::UsageError("wordline serve run: --burstiness must be above 0");
  const auto model = serve::LengthModel::from_catalog(catalog, options.lengths);
  return serve::generate(model, {options.request_rate, 1 / std::sqrt(options.burstiness)},
                         static_cast<std::size_t>(options.num_prompts), common.seed.value_or(1));
}

// "ttft:2000" and "tpot:100", in milliseconds, as vLLM's --goodput takes them; what is not named is no bound.
std::optional<serve::Slo> slo_of(const std::vector<std::string>& goodput) {
  if (goodput.empty()) return {};
  serve::Slo slo{core::Seconds(INFINITY), core::Seconds(INFINITY)};
  for (const auto& bound : goodput) {
    const auto colon = bound.find(':');
    const std::string name = bound.substr(0, colon);
    char* end = nullptr;
    const std::string number = colon == std::string::npos ? "" : bound.substr(colon + 1);
    const double ms = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != 0 || !(ms > 0) || (name != "ttft" && name != "tpot"))
      throw core::UsageError(fmt::format("--goodput: found \"{}\"; wanted ttft:MS or tpot:MS", bound));
    (name == "ttft" ? slo.ttft : slo.tpot) = core::milliseconds(ms);
  }
  return slo;
}

nlohmann::ordered_json engine_json(const serve::Engine& engine) {
  return {{"policy", engine.policy},
          {"max_num_seqs", engine.max_num_seqs},
          {"max_num_batched_tokens", engine.max_num_batched_tokens},
          {"max_model_len", engine.max_model_len},
          {"gpu_memory_utilization", engine.gpu_memory_utilization},
          {"block_size", engine.block_size},
          {"enable_prefix_caching", engine.prefix_caching},
          {"async_scheduling", engine.async_scheduling}};
}

std::string words(const serve::Result& result) {
  const auto line = [](const char* name, const serve::Latency& l) {
    return fmt::format("{:<6}{:>12.1f}{:>12.1f}{:>12.1f}{:>12.1f}\n", name, l.mean.value() * 1e3,
                       l.median.value() * 1e3, l.p90.value() * 1e3, l.p99.value() * 1e3);
  };
  std::string text = fmt::format(
      "{} requests served, {} refused, in {:.1f} s: {:.2f} requests/s, {:.1f} output tokens/s\n", result.completed,
      result.rejected, result.duration.value(), result.request_throughput, result.output_throughput);
  text += fmt::format("{:<6}{:>12}{:>12}{:>12}{:>12}\n", "[ms]", "mean", "median", "p90", "p99");
  text += line("TTFT", result.ttft) + line("TPOT", result.tpot) + line("ITL", result.itl) + line("E2E", result.e2el);
  return text +
         fmt::format("KV cache {:.1f} % full in the mean, {:.1f} % at most; {} preemptions; {:.2f} J an output token\n",
                     100 * result.kv_mean, 100 * result.kv_peak, result.preemptions, result.joules_per_output_token);
}

int run(const Options& options, const Common& common) {
  if (!common.settings.empty()) throw core::UsageError("wordline serve run: --set has nothing to change here");
  const auto catalog = core::Catalog::open(common.catalogs);
  const auto slo = slo_of(options.goodput);
  const auto workload = workload_of(options, common, catalog);
  const auto deployment = deployment_of(options, catalog);
  serve::Engine engine = options.engine;
  engine.prefix_caching = !options.no_prefix_caching;
  engine.async_scheduling = !options.no_async_scheduling;
  engine = serve::resolved(engine, deployment);
  const auto result = serve::run(deployment, engine, workload, {options.replicas, common.threads, slo});
  auto document = core::result_document("serve", catalog);
  document["model"] = deployment.architecture.name;
  document["chip"] = deployment.chip.name;
  document["tp"] = deployment.tp;
  document["replicas"] = options.replicas;
  document["dtype"] = chip::name_of(deployment.weights);
  document["kv_cache_dtype"] = chip::name_of(deployment.kv);
  document["workload"] = workload.name;
  document["engine"] = engine_json(engine);
  document.update(serve::to_json(result));
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");
  if (!options.requests.empty()) core::write_text(options.requests, serve::requests_csv(result));
  if (common.csv) core::write_text(*common.csv, serve::requests_csv(result));
  write_result(common, document, words(result));
  return core::exit_done;
}

void add_engine_options(Args& args, Options& options) {
  auto& engine = options.engine;
  args.option("--engine", engine.policy, "the engine's scheduler").choices(serve::engine_policies());
  args.option("--max-num-seqs", engine.max_num_seqs, "seats in a batch; 0: vLLM's default for the chip");
  args.option("--max-num-batched-tokens", engine.max_num_batched_tokens, "tokens in a step; 0: vLLM's default");
  args.option("--max-model-len", engine.max_model_len, "prompt and answer together; 0: the model's");
  args.option("--gpu-memory-utilization", engine.gpu_memory_utilization, "share of the chip's memory that is used");
  args.option("--num-gpu-blocks", engine.num_gpu_blocks, "KV blocks; 0: as many as there is room for");
  args.option("--no-prefix-caching", options.no_prefix_caching, "without effect: lengths alone name no prefix");
  args.option("--no-async-scheduling", options.no_async_scheduling, "plan a step only when the one before has ended");
}

void add_workload_options(Args& args, Options& options) {
  args.option("--trace", options.trace, "CSV: Azure's columns, or arrival_s,prompt_tokens,output_tokens")
      .called("FILE");
  args.option("--lengths", options.lengths, "instead: lengths drawn from catalog/services").called("NAME");
  args.option("--request-rate", options.request_rate, "of drawn requests, per second");
  args.option("--burstiness", options.burstiness, "shape of the Gamma distributed gaps; 1 is Poisson");
  args.option("--num-prompts", options.num_prompts, "how many to draw");
  args.option("--goodput", options.goodput, "ttft:MS or tpot:MS: what request_goodput counts").called("NAME:MS");
  args.option("--requests", options.requests, "one line a request: id, arrival, TTFT, TPOT, E2E").called("OUT.csv");
}

}  // namespace

void add_serve(Args& program) {
  auto& serve = program.command("serve", "a service: when each user gets each token");
  add_serve_workload(serve);
  auto& args = serve.command("run", "a workload, served");
  auto options = std::make_shared<Options>();
  args.option("--model", options->model, "config.json, its folder, or a name in catalog/models").required();
  args.option("--chip", options->chip, "a name in catalog/chips").required();
  args.option("--tp", options->tp, "ranks of one replica").called("RANKS");
  args.option("--replicas", options->replicas, "fed round robin");
  args.option("--dtype", options->dtype, "of the weights; auto: as the model states");
  args.option("--quantization", options->quantization, "of the weights: fp8");
  args.option("--kv-cache-dtype", options->kv_cache_dtype, "of keys and values: auto (bf16) or fp8");
  add_engine_options(args, *options);
  add_workload_options(args, *options);
  args.footer(
      "wordline serve run --model llama-3.1-70b --chip h200-sxm --tp 2 --lengths azure-conversation --request-rate 4");
  args.action([options, &common = args.common()] { return run(*options, common); });
}

}  // namespace wordline::cli
