#include "wordline/serve/runs.h"

namespace wordline::serve {

Runs::Runs(Server server, Engine resolved_engine, WorkloadAt workload)
    : Runs({{std::move(server), std::move(resolved_engine), 1, nullptr}}, std::move(workload), {}) {}

Runs::Runs(std::vector<Group> groups, WorkloadAt workload, RunOptions how)
    : groups_(std::move(groups)), how_(std::move(how)), workload_(std::move(workload)) {
  for (Group& group : groups_) {
    if (!group.table) group.table = std::make_shared<StepTable>(group.server, group.engine.async_scheduling);
    times_.push_back(std::make_shared<StepTime>(group.server.step_time()));
    group.server.step_time = [time = times_.back()] { return StepTime(std::ref(*time)); };
  }
}

Runs::Runs(Runs& fewer_blocks, std::int64_t kv_blocks)
    : times_(fewer_blocks.times_),
      groups_(fewer_blocks.groups_),
      how_(fewer_blocks.how_),
      workload_(fewer_blocks.workload_),
      fewer_blocks_(&fewer_blocks) {
  groups_.front().server.kv_blocks = kv_blocks;
}

const Result* Runs::known(double rate, std::size_t requests) const {
  if (const auto it = made_.find({rate, requests}); it != made_.end()) return &it->second;
  const Result* fewer = fewer_blocks_ ? fewer_blocks_->known(rate, requests) : nullptr;
  return fewer && !fewer->short_of_blocks ? fewer : nullptr;
}

const Result& Runs::at(double rate, std::size_t requests) {
  if (const Result* known = this->known(rate, requests)) return *known;
  const Workload workload = workload_(rate, requests);
  return made_.emplace(std::pair{rate, requests}, run(groups_, *source_of(workload), how_)).first->second;
}

}  // namespace wordline::serve
