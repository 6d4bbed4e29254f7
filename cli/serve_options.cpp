#include "serve_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "serve_fleet.h"
#include "wordline/core/error.h"
#include "wordline/serve/engine_memory.h"
#include "wordline/serve/host_times.h"
#include "wordline/serve/kv_link.h"
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
  args.option("--machine", machine, "the server that the chips are in: a name in catalog/machines").called("NAME");
  args.option("--host-memory", host_memory, "the machine's memory instead of its own: a name in catalog/memory/systems")
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
  args.option("--kv-offloading-size", engine.kv_offloading_size,
              "GiB of the machine's memory, of each replica, for KV blocks that leave the chips");
  args.option("--no-prefix-caching", no_prefix_caching, "every prompt is computed in full");
  args.option("--no-async-scheduling", no_async_scheduling, "plan a step only when the one before has ended");
  speculation.add_to(args);
}

void ServeOptions::add_kinds_to(Args& args) {
  args.option("--fleet", fleet, "groups of replicas that differ in chip, split, engine or role; see the reference")
      .called("FILE.toml");
  args.option("--router", router, "which replica gets a request").choices(serve::router_policies());
}

void ServeOptions::add_fleet_to(Args& args) {
  args.option("--replicas", replicas, "of the model, behind the router");
  args.option("--prefill-replicas", prefill_replicas,
              "that only compute prompts; --replicas then only decode, with keys and values from those");
  add_kinds_to(args);
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

ServePart part_of(const GroupOptions& group, const core::Catalog& catalog) {
  const ServeOptions& options = group.options;
  if (options.replicas < 1) throw core::UsageError("--replicas must be 1 or more");
  ServePart out;
  out.deployment = deployment_of(options, catalog);
  if (!options.machine.empty()) out.machine = cluster::load_machine(catalog, options.machine, options.machine_said);
  if (!options.host_memory.empty()) {
    if (!out.machine) throw core::UsageError("--host-memory: wanted --machine beside it");
    out.machine = cluster::with_memory(*out.machine, catalog, options.host_memory, options.memory_said);
  }
  if (options.engine.kv_offloading_size != 0 && !out.machine)
    throw core::UsageError("--kv-offloading-size: wanted --machine beside it, whose memory that is");
  serve::Engine engine = options.engine;
  engine.prefix_caching = !options.no_prefix_caching;
  engine.async_scheduling = !options.no_async_scheduling;
  engine.fresh = options.fresh;
  engine.speculation = options.speculation.speculation(out.deployment, options.model.kv_cache_dtype, catalog);
  engine.outside_torch = serve::outside_torch_of(catalog, engine.policy);
  out.host = options.host;
  if (!options.host.empty()) engine.host = serve::load_host(catalog, options.host, options.host_said);
  out.group.engine = serve::resolved(engine, out.deployment);
  out.group.server = serve::server_of(out.deployment, out.group.engine, out.machine ? &*out.machine : nullptr);
  out.group.replicas = options.replicas * out.deployment.dp;
  out.group.table = std::make_shared<serve::StepTable>(out.group.server, out.group.engine.async_scheduling);
  out.group.role = group.role;
  return out;
}

// Between replicas that prefill and replicas that decode.
serve::KvLink link_of(const std::vector<ServePart>& parts) {
  std::vector<serve::Placed> placed;
  for (const ServePart& part : parts) {
    if (part.group.role == serve::Role::both) return {};
    if (!part.machine)
      throw core::UsageError(
          "--machine: wanted for replicas that only prefill or only decode, to know what links them");
    const serve::Engine& engine = part.group.engine;
    const auto token =
        core::bytes(serve::kv_capacity(engine, part.deployment).bytes_per_block_rank / engine.block_size);
    placed.push_back({&part.deployment, &*part.machine, token, part.group.replicas});
  }
  return serve::kv_link_of(placed);
}

Json settings_of(const ServePart& part) {
  const model::Deployment& deployment = part.deployment;
  const serve::Engine& engine = part.group.engine;
  Json out;
  out["chip"] = deployment.chip.name;
  out["library"] = deployment.chip.library;
  out["machine"] = part.machine ? Json(part.machine->name) : Json();
  out["host_memory"] = part.machine ? Json(part.machine->memory_name) : Json();
  out["tp"] = deployment.tp;
  out["pp"] = deployment.pp;
  out["dp"] = deployment.dp;
  out["ep"] = deployment.ep;
  put_experts(out, deployment);
  out["dtype"] = chip::name_of(deployment.weights);
  out["kv_cache_dtype"] = chip::name_of(deployment.kv);
  out["host"] = part.host.empty() ? Json() : Json(part.host);
  out["replicas"] = part.group.replicas / deployment.dp;
  out["role"] = name_of(part.group.role);
  out["engine"] = {{"policy", engine.policy},
                   {"max_num_seqs", engine.max_num_seqs},
                   {"max_num_batched_tokens", engine.max_num_batched_tokens},
                   {"max_model_len", engine.max_model_len},
                   {"gpu_memory_utilization", engine.gpu_memory_utilization},
                   {"block_size", engine.block_size},
                   {"kv_offloading_size", engine.kv_offloading_size},
                   {"enable_prefix_caching", engine.prefix_caching},
                   {"async_scheduling", engine.async_scheduling}};
  if (engine.speculation.on()) out["engine"]["speculative_config"] = speculation_json(engine.speculation);
  return out;
}

}  // namespace

std::vector<serve::Group> ServeSetup::groups() const {
  std::vector<serve::Group> out;
  for (const ServePart& part : parts) out.push_back(part.group);
  return out;
}

std::size_t ServeSetup::replicas() const { return serve::replicas_of(groups()); }

core::Watts ServeSetup::idle() const {
  core::Watts out;
  for (const ServePart& part : parts) out += part.group.server.idle * static_cast<double>(part.group.replicas);
  return out;
}

double ServeSetup::deviation() const {
  double out = 0;
  for (const ServePart& part : parts) out = std::max(out, part.group.table->deviation());
  return out;
}

ServeSetup setup_of(const ServeOptions& options, const core::Catalog& catalog) {
  if (options.max_concurrency < 0) throw core::UsageError("--max-concurrency must not be negative");
  ServeSetup out;
  for (const GroupOptions& group : groups_of(options)) out.parts.push_back(part_of(group, catalog));
  out.kv_link = link_of(out.parts);
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

serve::RunOptions run_options(const ServeOptions& options, const ServeSetup& setup,
                              const std::optional<serve::Slo>& slo, std::uint64_t seed) {
  serve::RunOptions out;
  out.slo = slo;
  out.router = options.router;
  out.seed = seed;
  out.max_concurrency = options.max_concurrency;
  out.kv_link = setup.kv_link;
  return out;
}

void put_settings(Json& document, const ServeOptions& options, const ServeSetup& setup, std::uint64_t seed) {
  document["model"] = setup.first().deployment.architecture.name;
  document.update(settings_of(setup.first()));
  document["router"] = options.router;
  document["max_concurrency"] = options.max_concurrency > 0 ? Json(options.max_concurrency) : Json();
  document["seed"] = seed;
  if (setup.parts.size() == 1) return;
  document["groups"] = Json::array();
  for (const ServePart& part : setup.parts) document["groups"].push_back(settings_of(part));
}

}  // namespace wordline::cli
