#include "wordline/serve/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "wordline/core/error.h"
#include "wordline/model/step_timer.h"
#include "wordline/serve/draft_time.h"

namespace wordline::serve {
namespace {

// What a chip holds, and what of its memory the engine gives to what, by the engine's own rule (kv_capacity) and in its
// own words.
std::string account_of(const model::Deployment& deployment, const Engine& engine) {
  const auto use = memory_use(engine, deployment);
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
      "{} in {}{} does not fit on {} x {}: {:.2f} GB are short on each. {}. Raise --tp, or store the weights in fewer "
      "bits",
      deployment.architecture.name, chip::name_of(deployment.weights),
      engine.speculation.draft ? " with " + engine.speculation.draft->architecture.name : "",
      model::chips_of(deployment), deployment.chip.name, room.short_gb, account_of(deployment, engine)));
}

// vLLM's max_cudagraph_capture_size; its CUDA graphs are of GPUs.
std::int64_t largest_graph_of(const model::Deployment& deployment, const Engine& engine) {
  constexpr std::int64_t most = 512;
  if (deployment.chip.engine != "gpu" || engine.policy != "vllm-v1") return 0;
  return std::min(2 * engine.speculation.queries() * engine.max_num_seqs, most);
}

HostLink offloading(const model::Deployment& deployment, const Engine& engine, const cluster::Machine* machine) {
  if (engine.kv_offloading_size == 0) return {};
  if (!machine) throw core::InputError("kv-offloading-size: in the memory of no machine");
  return host_link_of(deployment, core::bytes(kv_capacity(engine, deployment).bytes_per_block_rank), *machine,
                      core::bytes(engine.kv_offloading_size * 0x1p30));
}

std::int64_t next_multiple(std::int64_t number, std::int64_t of) { return (number + of - 1) / of * of; }

// A timer of the deployment for each thread, with this share of the energy.
std::function<StepTime()> timer_of(const model::Deployment& deployment, const Engine& engine, double share) {
  model::Deployment paged = deployment;
  paged.kv_block_tokens = engine.block_size;
  auto timer = std::make_shared<model::StepTimer>(std::move(paged));
  (*timer)({1, 1, {}, 0});  // simulates the memory once, so that the copies need not
  return [timer, share] {
    if (share == 1) return StepTime(model::StepTimer(*timer));
    return StepTime([time = model::StepTimer(*timer), share](const model::StepShape& shape) mutable {
      model::StepCost cost = time(shape);
      cost.joules = cost.joules * share;
      return cost;
    });
  };
}

}  // namespace

std::int64_t graph_tokens(std::int64_t tokens, std::int64_t largest_graph, std::int64_t decode_queries) {
  if (tokens > largest_graph) return tokens;
  // The smallest size without speculation whose next multiple holds the tokens.
  const std::int64_t least = (tokens - 1) / decode_queries * decode_queries + 1;
  const std::int64_t every = least <= 2 ? 1 : least <= 4 ? 4 : least <= 256 ? 8 : 16;
  const std::int64_t size = std::min(next_multiple(least, every), largest_graph);
  const std::int64_t graph = next_multiple(size, decode_queries);
  return graph > largest_graph ? tokens : graph;
}

Server server_of(const model::Deployment& deployment, const Engine& engine, const cluster::Machine* machine) {
  const KvCapacity room = kv_capacity(engine, deployment);
  if (room.blocks == 0) fail_to_fit(deployment, engine, room);
  // Of what all data-parallel ranks take, this one's share.
  const double share = 1.0 / deployment.dp;
  const std::int64_t largest_graph = largest_graph_of(deployment, engine);
  std::function<StepTime()> step_time = timer_of(deployment, engine, share);
  const Speculation& speculation = engine.speculation;
  if (speculation.draft) {
    const auto padding = [largest_graph, queries = speculation.queries()](std::int64_t tokens) {
      return graph_tokens(tokens, largest_graph, queries) - tokens;
    };
    step_time = [=, target = step_time, draft = timer_of(*speculation.draft, engine, share),
                 drafts = speculation.num_speculative_tokens, accepted = Acceptance(speculation).mean()] {
      return with_draft(target(), draft(), drafts, accepted, padding);
    };
  }
  const int chips = model::chips_of(deployment) / deployment.dp;
  return {step_time,
          room.blocks,
          engine.max_model_len,
          deployment.chip.idle * chips,
          host_of(engine.host, chips, engine.fresh),
          largest_graph,
          offloading(deployment, engine, machine),
          speculation.queries()};
}

}  // namespace wordline::serve
