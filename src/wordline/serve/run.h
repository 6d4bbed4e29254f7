// A service in simulated time: replicas of one deployment behind a round robin.
#pragma once

#include <cstdint>
#include <optional>

#include "wordline/serve/engine.h"
#include "wordline/serve/request.h"
#include "wordline/serve/result.h"

namespace wordline::serve {

struct Server;

// How a run is done. Threads never change the result.
struct RunOptions {
  std::int32_t replicas = 1;
  unsigned threads = 1;    // 0: all cores
  std::optional<Slo> slo;  // for request_goodput
};

// Serves the workload to its end, request i on replica i mod replicas. Throws core::InputError where the model does not
// fit (saying by how many GB), std::logic_error should a conservation law ever be broken.
Result run(const model::Deployment& deployment, const Engine& engine, const Workload& workload,
           const RunOptions& options = {});

// The same on servers of any kind; the engine's settings must be resolved.
Result run(const Server& server, const Engine& resolved_engine, const Workload& workload,
           const RunOptions& options = {});

}  // namespace wordline::serve
