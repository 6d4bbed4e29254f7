// One replica, or a fleet, at many rates: each run is made once, for searches that ask for the same ones again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "wordline/serve/engine.h"
#include "wordline/serve/fleet.h"
#include "wordline/serve/request.h"
#include "wordline/serve/result.h"
#include "wordline/serve/run.h"
#include "wordline/serve/server.h"

namespace wordline::serve {

// `requests` requests at `rate` per second: the same ones at every rate, only faster or slower (a trace may give all it
// has).
using WorkloadAt = std::function<Workload(double rate, std::size_t requests)>;

// Runs of one server, or of groups of them behind a router. What its step times remember is kept from run to run. Not
// thread-safe.
class Runs {
 public:
  // The engine's settings must be resolved.
  Runs(Server server, Engine resolved_engine, WorkloadAt workload);
  // Groups that are run as `how` says.
  Runs(std::vector<Group> groups, WorkloadAt workload, RunOptions how);
  // The same one replica with `kv_blocks` blocks, at least as many as the one it is made from, which must outlive it: a
  // run there that was never short of blocks is the run here, but for its counts of blocks.
  Runs(Runs& fewer_blocks, std::int64_t kv_blocks);
  Runs(const Runs&) = delete;

  // As run() gives it, without goodput. Stays where it is.
  const Result& at(double rate, std::size_t requests);

 private:
  const Result* known(double rate, std::size_t requests) const;

  std::vector<std::shared_ptr<StepTime>> times_;  // by group
  std::vector<Group> groups_;
  RunOptions how_;
  WorkloadAt workload_;
  const Runs* fewer_blocks_ = nullptr;
  std::map<std::pair<double, std::size_t>, Result> made_;
};

}  // namespace wordline::serve
