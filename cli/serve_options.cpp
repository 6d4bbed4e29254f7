#include "serve_options.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "wordline/core/error.h"
#include "wordline/serve/host_times.h"
#include "wordline/serve/router.h"

namespace wordline::cli {

void ServeOptions::add_server_to(Args& args, bool required) {
  auto of_model = args.option("--model", model.model, "config.json, its folder, or a name in catalog/models");
  auto of_chip = args.option("--chip", on.chip, "a name in catalog/chips");
  if (required) of_model.required(), of_chip.required();
  of_chip.called("NAME");
  args.option("--library", on.library, "kernel library instead of the chip's own: a name in catalog/libraries")
      .called("NAME");
  model.add_split_to(args);
  args.option("--dtype", dtype, "of the weights where --quantization says nothing; auto: as the model states");
  args.option("--host", host, "what the server's host takes: a name in catalog/hosts; left out: no time")
      .called("NAME");
  args.option("--fresh", fresh, "the engine has just been started: its first steps compile kernels");
  args.option("--engine", engine.policy, "the engine's scheduler").choices(serve::engine_policies());
  args.option("--max-num-seqs", engine.max_num_seqs, "seats in a batch; 0: the engine's default");
  args.option("--max-num-batched-tokens", engine.max_num_batched_tokens, "tokens in a step; 0: the engine's default");
  args.option("--max-model-len", engine.max_model_len, "prompt and answer together; 0: the model's");
  args.option("--gpu-memory-utilization", engine.gpu_memory_utilization,
              "share of the memory that is used; 0: the engine's default");
  args.option("--num-gpu-blocks", engine.num_gpu_blocks, "KV blocks; 0: as many as there is room for");
  args.option("--block-size", engine.block_size, "tokens of a KV block; 0: the engine's default");
  args.option("--schedule-policy", engine.schedule_policy, "SGLang's: lpm is the longest prefix match first")
      .choices({"fcfs", "lpm"});
  args.option("--schedule-conservativeness", engine.schedule_conservativeness, "SGLang's");
  args.option("--max-prefill-tokens", engine.max_prefill_tokens, "SGLang's, in a step of prompts; 0: its default");
  args.option("--enable-mixed-chunk", engine.enable_mixed_chunk, "SGLang's: prompts and decoding share steps");
  args.option("--capacity-scheduler-policy", engine.capacity_scheduler_policy, "TensorRT-LLM's")
      .choices({"GUARANTEED_NO_EVICT", "MAX_UTILIZATION"});
  args.option("--enable-chunked-prefill", engine.enable_chunked_prefill, "TensorRT-LLM's");
  args.option("--no-prefix-caching", no_prefix_caching, "every prompt is computed in full");
  args.option("--no-async-scheduling", no_async_scheduling, "plan a step only when the one before has ended");
}

void ServeOptions::add_fleet_to(Args& args) {
  args.option("--replicas", replicas, "of the model, behind the router");
  args.option("--router", router, "which replica gets a request").choices(serve::router_policies());
  args.option("--max-concurrency", max_concurrency, "requests under way at once at most; 0: any number");
}

namespace {

model::Deployment deployment_of(const ServeOptions& options, const core::Catalog& catalog) {
  model::Deployment out = options.model.deployment(catalog);
  out.chip = options.on.load(catalog);
  if (options.dtype != "auto" && options.model.quantization == "auto") out.weights = chip::dtype_of(options.dtype);
  model::check(out);
  return out;
}

}  // namespace

ServeSetup setup_of(const ServeOptions& options, const core::Catalog& catalog) {
  if (options.replicas < 1) throw core::UsageError("--replicas must be 1 or more");
  if (options.max_concurrency < 0) throw core::UsageError("--max-concurrency must not be negative");
  ServeSetup out;
  out.deployment = deployment_of(options, catalog);
  serve::Engine engine = options.engine;
  engine.prefix_caching = !options.no_prefix_caching;
  engine.async_scheduling = !options.no_async_scheduling;
  engine.fresh = options.fresh;
  if (!options.host.empty())
    engine.host = serve::load_host(catalog, options.host, {std::make_shared<std::string>("--host")});
  out.engine = serve::resolved(engine, out.deployment);
  out.group.server = serve::server_of(out.deployment, out.engine);
  out.group.engine = out.engine;
  out.group.replicas = options.replicas * out.deployment.dp;
  out.group.table = std::make_shared<serve::StepTable>(out.group.server, out.engine.async_scheduling);
  return out;
}

std::optional<serve::Slo> slo_of(const std::vector<std::string>& bounds, const std::string& option) {
  if (bounds.empty()) return {};
  serve::Slo slo{core::Seconds(INFINITY), core::Seconds(INFINITY)};
  for (const auto& bound : bounds) {
    const auto colon = bound.find(':');
    const std::string name = bound.substr(0, colon);
    char* end = nullptr;
    const std::string number = colon == std::string::npos ? "" : bound.substr(colon + 1);
    const double ms = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != 0 || !(ms > 0) || (name != "ttft" && name != "tpot"))
      throw core::UsageError(fmt::format("{}: found \"{}\"; wanted ttft:MS or tpot:MS", option, bound));
    (name == "ttft" ? slo.ttft : slo.tpot) = core::milliseconds(ms);
  }
  return slo;
}

serve::RunOptions run_options(const ServeOptions& options, const std::optional<serve::Slo>& slo, std::uint64_t seed) {
  serve::RunOptions out;
  out.slo = slo;
  out.router = options.router;
  out.seed = seed;
  out.max_concurrency = options.max_concurrency;
  return out;
}

void put_settings(Json& document, const ServeOptions& options, const ServeSetup& setup, std::uint64_t seed) {
  const model::Deployment& deployment = setup.deployment;
  document["model"] = deployment.architecture.name;
  document["chip"] = deployment.chip.name;
  document["library"] = deployment.chip.library;
  document["tp"] = deployment.tp;
  document["pp"] = deployment.pp;
  document["dp"] = deployment.dp;
  document["ep"] = deployment.ep;
  put_experts(document, deployment);
  document["dtype"] = chip::name_of(deployment.weights);
  document["kv_cache_dtype"] = chip::name_of(deployment.kv);
  document["host"] = options.host.empty() ? Json() : Json(options.host);
  document["replicas"] = options.replicas;
  document["router"] = options.router;
  document["max_concurrency"] = options.max_concurrency > 0 ? Json(options.max_concurrency) : Json();
  document["seed"] = seed;
  const serve::Engine& engine = setup.engine;
  document["engine"] = {{"policy", engine.policy},
                        {"max_num_seqs", engine.max_num_seqs},
                        {"max_num_batched_tokens", engine.max_num_batched_tokens},
                        {"max_model_len", engine.max_model_len},
                        {"gpu_memory_utilization", engine.gpu_memory_utilization},
                        {"block_size", engine.block_size},
                        {"enable_prefix_caching", engine.prefix_caching},
                        {"async_scheduling", engine.async_scheduling}};
}

}  // namespace wordline::cli
