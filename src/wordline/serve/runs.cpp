#include "wordline/serve/runs.h"

#include "wordline/serve/run.h"

namespace wordline::serve {

Runs::Runs(Server server, Engine resolved_engine, WorkloadAt workload)
    : group_{std::move(server), std::move(resolved_engine), 1, nullptr}, workload_(std::move(workload)) {
  group_.table = std::make_shared<StepTable>(group_.server, group_.engine.async_scheduling);
  time_ = std::make_shared<StepTime>(group_.server.step_time());
  group_.server.step_time = [time = time_] { return StepTime(std::ref(*time)); };
}

Runs::Runs(Runs& fewer_blocks, std::int64_t kv_blocks)
    : time_(fewer_blocks.time_),
      group_(fewer_blocks.group_),
      workload_(fewer_blocks.workload_),
      fewer_blocks_(&fewer_blocks) {
  group_.server.kv_blocks = kv_blocks;
}

const Result* Runs::known(double rate, std::size_t requests) const {
  if (const auto it = made_.find({rate, requests}); it != made_.end()) return &it->second;
  const Result* fewer = fewer_blocks_ ? fewer_blocks_->known(rate, requests) : nullptr;
  return fewer && !fewer->short_of_blocks ? fewer : nullptr;
}

const Result& Runs::at(double rate, std::size_t requests) {
  if (const Result* known = this->known(rate, requests)) return *known;
  const Workload workload = workload_(rate, requests);
  return made_.emplace(std::pair{rate, requests}, run({group_}, *source_of(workload))).first->second;
}

}  // namespace wordline::serve
