// Servers and workloads whose every number is known, for tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "wordline/core/random.h"
#include "wordline/serve/scheduler.h"
#include "wordline/serve/server.h"

namespace wordline::serve {

inline model::StepCost lasting(double seconds) {
  model::StepCost cost;
  cost.time = core::Seconds(seconds);
  cost.joules = core::Joules(10 * seconds);
  cost.by_bound[static_cast<std::size_t>(chip::Bound::dram)] = cost.time;
  return cost;
}

// Every step takes one second and ten joules; an idle second takes one.
inline Server one_second_server(std::int64_t kv_blocks) {
  return {
      [] { return StepTime([](const model::StepShape&) { return lasting(1); }); }, kv_blocks, 0, core::Watts(1), {}};
}

// A step takes 10 ms, 10 us a new token, and 1 us per 16 tokens of context: all of a shape matters.
inline Server linear_server(std::int64_t kv_blocks) {
  const StepTime time = [](const model::StepShape& shape) {
    const auto context = static_cast<double>(shape.decode_context_tokens);
    return lasting(0.01 + 1e-5 * static_cast<double>(shape.tokens()) + 1e-6 / 16 * context);
  };
  return {[time] { return time; }, kv_blocks, 0, core::Watts(1), {}};
}

inline Engine small_engine(std::int32_t seats, std::int32_t budget, std::int32_t block_size,
                           bool asynchronous = false) {
  Engine engine;
  engine.max_num_seqs = seats;
  engine.max_num_batched_tokens = budget;
  engine.block_size = block_size;
  engine.gpu_memory_utilization = 0.9;
  engine.max_prefill_tokens = 1 << 14;
  engine.prefix_caching = false;
  engine.async_scheduling = asynchronous;
  return engine;
}

// Settings that only some engines have.
inline void vary(Engine& engine, core::Random& random) {
  engine.max_prefill_tokens = static_cast<std::int32_t>(10 + random.below(100));
  engine.schedule_policy = random.below(2) == 0 ? "lpm" : "fcfs";
  engine.schedule_conservativeness = random.below(2) == 0 ? 1 : 0.05;
  engine.enable_mixed_chunk = random.below(3) == 0;
  engine.capacity_scheduler_policy = random.below(2) == 0 ? "MAX_UTILIZATION" : "GUARANTEED_NO_EVICT";
  engine.enable_chunked_prefill = random.below(2) == 0;
}

// Blocks that are left for requests in a pool of this many, once vLLM has taken its null block.
inline std::int64_t with_null_block(std::int64_t usable) { return usable + 1; }

inline Workload random_workload(std::uint64_t seed, std::size_t count, std::uint64_t longest, double mean_gap_s) {
  core::Random random(seed);
  Workload workload{"random", {}};
  double time = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (random.below(3) > 0) time += random.exponential(mean_gap_s);  // one in three comes together with the one before
    workload.requests.push_back({core::Seconds(time), static_cast<std::int32_t>(1 + random.below(longest)),
                                 static_cast<std::int32_t>(1 + random.below(longest))});
  }
  return workload;
}

}  // namespace wordline::serve
