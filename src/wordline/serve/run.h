// A service in simulated time: replicas of one deployment behind a router.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "wordline/serve/engine.h"
#include "wordline/serve/fleet.h"
#include "wordline/serve/request.h"
#include "wordline/serve/result.h"

namespace wordline::serve {

// How a run is done. Threads never change the result.
struct RunOptions {
  std::int32_t replicas = 1;
  unsigned threads = 1;         // 0: all cores
  std::optional<Slo> slo = {};  // for request_goodput
  std::string router = "round-robin";
  std::uint64_t seed = 1;            // of routers that draw
  std::int64_t max_concurrency = 0;  // requests under way at once at most; 0: any number
  // Result::served, and percentiles that are exact; otherwise they are within 1/2048, and memory does not grow with the
  // requests.
  bool keep_requests = true;
  bool skip = true;                                  // runs of decode steps in closed form: the same result, sooner
  ReplicaWatch* watch = nullptr;                     // of all replicas; then there is one thread
  std::function<void(std::uint64_t)> progress = {};  // is told how many more requests have been sent
  KvLink kv_link = {};                               // between replicas that prefill and replicas that decode
};

// Serves the workload to its end. Throws core::InputError where the model does not
// fit (saying by how many GB), std::logic_error should a conservation law ever be broken.
Result run(const model::Deployment& deployment, const Engine& engine, const Workload& workload,
           const RunOptions& options = {});

// The same on servers of any kind; the engine's settings must be resolved.
Result run(const Server& server, const Engine& resolved_engine, const Workload& workload,
           const RunOptions& options = {});

// Any number of requests on replicas of several kinds (`replicas` of the options is not looked at).
Result run(std::vector<Group> groups, RequestSource& source, const RunOptions& options = {});

}  // namespace wordline::serve
