// One replica as its engine sees it: how long steps take, and how much room there is for keys and values.
#pragma once

#include <cstdint>
#include <functional>

#include "wordline/core/units.h"
#include "wordline/model/deployment.h"
#include "wordline/model/step.h"
#include "wordline/serve/engine.h"
#include "wordline/serve/host_link.h"
#include "wordline/serve/host_times.h"

namespace wordline::serve {

// Time and energy of a step of this shape.
using StepTime = std::function<model::StepCost(const model::StepShape&)>;

// What a simulation needs to know of the hardware and the model, and no more.
struct Server {
  std::function<StepTime()> step_time;  // a fresh one, for one thread
  std::int64_t kv_blocks = 0;           // the engine's null block included
  std::int32_t max_model_len = 0;       // 0: no bound
  core::Watts idle;                     // of the whole replica while no step runs
  HostTimes host = {};
  // Steps of at most so many tokens replay captured graphs, which compute graph_tokens(); 0: none are captured.
  std::int64_t largest_graph = 0;
  HostLink host_link = {};
};

// Tokens of the smallest graph that holds so many: vLLM captures 1, 2, 4, then every 8 up to 256, then every 16.
std::int64_t graph_tokens(std::int64_t tokens, std::int64_t largest_graph);

// The server that a deployment makes, or one of its data-parallel ranks, each of which is a server of its own: its
// steps are timed as if all ranks had the same to do, its energy is one rank's share; throws core::InputError, saying
// how many GB are short, where the model does not fit. `machine` is where it stands; there must be one where KV blocks
// are offloaded.
Server server_of(const model::Deployment& deployment, const Engine& resolved_engine,
                 const cluster::Machine* machine = nullptr);

}  // namespace wordline::serve
