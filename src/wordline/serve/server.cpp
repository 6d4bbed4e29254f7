#include "wordline/serve/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "wordline/core/error.h"
#include "wordline/model/step_timer.h"

namespace wordline::serve {
namespace {

// What a chip holds, and what of its memory the engine gives to what, by the engine's own rule (kv_capacity) and in its
// own words.
std::string account_of(const model::Deployment& deployment, const Engine& engine) {
  const auto use = model::memory_of(deployment, engine.max_num_batched_tokens, engine.max_num_seqs);
  const double all = deployment.chip.memory.capacity.value() / 1e9, share = engine.gpu_memory_utilization;
  const double outside = engine.outside_torch.value() / 1e9;
  const std::string weights = fmt::format("{:.2f} GB of weights", use.weights.value() / 1e9);
  const std::string activations = fmt::format("{:.2f} GB of activations", use.activations.value() / 1e9);
  if (engine.policy == "sglang")
    return fmt::format(
        "One holds {}; they and the KV cache may use {:.2f} GB of its {:.2f} GB (mem_fraction_static {:.3g}), the rest "
        "is for activations and graphs",
        weights, share * all, all, share);
  if (engine.policy == "trtllm")
    return fmt::format(
        "One holds {} and {}; of what they leave of its {:.2f} GB the KV cache may use {:.3g} "
        "(free_gpu_memory_fraction)",
        weights, activations, all, share);
  return fmt::format("One holds {}; the engine may use {:.2f} GB of its {:.2f} GB (gpu_memory_utilization {:.3g})",
                     outside > 0 ? fmt::format("{}, {} and {:.2f} GB outside of PyTorch", weights, activations, outside)
                                 : fmt::format("{} and {}", weights, activations),
                     share * all, all, share);
}

[[noreturn]] void fail_to_fit(const model::Deployment& deployment, const Engine& engine, const KvCapacity& room) {
  throw core::InputError(fmt::format(
      "{} in {} does not fit on {} x {}: {:.2f} GB are short on each. {}. Raise --tp, or store the weights in fewer "
      "bits",
      deployment.architecture.name, chip::name_of(deployment.weights), model::chips_of(deployment),
      deployment.chip.name, room.short_gb, account_of(deployment, engine)));
}

// vLLM's max_cudagraph_capture_size; its CUDA graphs are of GPUs.
std::int64_t largest_graph_of(const model::Deployment& deployment, const Engine& engine) {
  constexpr std::int64_t most = 512;
  if (deployment.chip.engine != "gpu" || engine.policy != "vllm-v1") return 0;
  return std::min<std::int64_t>(2 * engine.max_num_seqs, most);
}

HostLink offloading(const model::Deployment& deployment, const Engine& engine, const cluster::Machine* machine) {
  if (engine.kv_offloading_size == 0) return {};
  if (!machine) throw core::InputError("kv-offloading-size: in the memory of no machine");
  return host_link_of(deployment, engine.block_size, *machine, core::bytes(engine.kv_offloading_size * 0x1p30));
}

}  // namespace

std::int64_t graph_tokens(std::int64_t tokens, std::int64_t largest_graph) {
  if (tokens > largest_graph) return tokens;
  const std::int64_t every = tokens <= 2 ? 1 : tokens <= 4 ? 4 : tokens <= 256 ? 8 : 16;
  return std::min((tokens + every - 1) / every * every, largest_graph);
}

Server server_of(const model::Deployment& deployment, const Engine& engine, const cluster::Machine* machine) {
  const KvCapacity room = kv_capacity(engine, deployment);
  if (room.blocks == 0) fail_to_fit(deployment, engine, room);
  model::Deployment paged = deployment;
  paged.kv_block_tokens = engine.block_size;
  auto timer = std::make_shared<model::StepTimer>(std::move(paged));
  (*timer)({1, 1, {}, 0});  // simulates the memory once, so that the copies need not
  // Of what all data-parallel ranks take, this one's share.
  const double share = 1.0 / deployment.dp;
  const auto step_time = [timer, share] {
    if (share == 1) return StepTime(model::StepTimer(*timer));
    return StepTime([time = model::StepTimer(*timer), share](const model::StepShape& shape) mutable {
      model::StepCost cost = time(shape);
      cost.joules = cost.joules * share;
      return cost;
    });
  };
  const int chips = model::chips_of(deployment) / deployment.dp;
  return {step_time,
          room.blocks,
          engine.max_model_len,
          deployment.chip.idle * chips,
          host_of(engine.host, chips, engine.fresh),
          largest_graph_of(deployment, engine),
          offloading(deployment, engine, machine)};
}

}  // namespace wordline::serve
