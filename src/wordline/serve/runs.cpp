#include "wordline/serve/runs.h"

#include "wordline/serve/run.h"

namespace wordline::serve {

Runs::Runs(Server server, Engine resolved_engine, WorkloadAt workload)
    : time_(server.step_time()),
      server_(std::move(server)),
      engine_(std::move(resolved_engine)),
      workload_(std::move(workload)) {
  server_.step_time = [this] { return StepTime(std::ref(time_)); };
}

Runs::Runs(Runs& fewer_blocks, std::int64_t kv_blocks)
    : server_(fewer_blocks.server_),
      engine_(fewer_blocks.engine_),
      workload_(fewer_blocks.workload_),
      fewer_blocks_(&fewer_blocks) {
  server_.kv_blocks = kv_blocks;
}

const Result* Runs::known(double rate, std::size_t requests) const {
  if (const auto it = made_.find({rate, requests}); it != made_.end()) return &it->second;
  const Result* fewer = fewer_blocks_ ? fewer_blocks_->known(rate, requests) : nullptr;
  return fewer && !fewer->short_of_blocks ? fewer : nullptr;
}

const Result& Runs::at(double rate, std::size_t requests) {
  if (const Result* known = this->known(rate, requests)) return *known;
  return made_.emplace(std::pair{rate, requests}, run(server_, engine_, workload_(rate, requests))).first->second;
}

}  // namespace wordline::serve
