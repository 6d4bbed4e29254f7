#include "wordline/plan/binding.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "wordline/chip/kernel_timer.h"
#include "wordline/model/step_timer.h"
#include "wordline/serve/server.h"

namespace wordline::plan {

namespace {

constexpr double more = 1.25;
constexpr double half_of_patience = 0.5;

enum class Times { stay, transfers_change, change };

// One search on a changed replica.
struct Attempt {
  std::string resource;
  Times times;  // of its steps
  std::function<void(chip::Chip&)> change;
  double memory_speed = 1;
  double patience = 1;

  bool keeps_times_of(const model::Deployment& d) const {
    return times == Times::stay || (times == Times::transfers_change && model::chips_of(d) == 1);
  }
};

const std::vector<Attempt>& attempts() {
  static const std::vector<Attempt> list = {
      {"compute", Times::change,
       [](chip::Chip& c) {
         for (auto& [dtype, rate] : c.engines) rate.peak *= more;
         c.vector *= more, c.exponentials *= more;
       },
       1, 1},
      {"memory bandwidth", Times::change, [](chip::Chip&) {}, more, 1},
      {"memory capacity", Times::stay, [](chip::Chip& c) { c.memory.capacity *= more; }, 1, 1},
      {"link", Times::transfers_change, [](chip::Chip& c) { c.port.bandwidth *= more, c.port.latency *= 1 / more; }, 1,
       1},
      {"launch", Times::change,
       [](chip::Chip& c) {
         c.launch *= 1 / more;
         if (const auto own = c.constants.find("launch_us"); own != c.constants.end()) own->second /= more;
       },
       1, 1},
      {"SLO", Times::stay, [](chip::Chip&) {}, 1, more}};
  return list;
}

// A replica whose memory gives each access pattern `speed` times what was simulated, at the same energy a byte.
serve::Server server_with(const model::Deployment& deployment, const serve::Engine& engine, double speed) {
  serve::Server server = serve::server_of(deployment, engine);
  const chip::Streams streams = [speed, plain = chip::simulated()](const chip::Memory& memory, double reads,
                                                                   core::Bytes piece, double load) {
    chip::Streamed out = plain(memory, reads, piece, load);
    out.bandwidth *= speed;
    return out;
  };
  auto timer = std::make_shared<model::StepTimer>(deployment, streams);
  server.step_time = [timer] { return serve::StepTime(model::StepTimer(*timer)); };
  return server;
}

}  // namespace

std::vector<Gain> gains_of(const model::Deployment& deployment, const serve::Engine& settings,
                           const serve::WorkloadAt& workload, serve::Runs& runs, const serve::Slo& slo,
                           const serve::CapacityOptions& search, double max_rps) {
  serve::CapacityOptions near = search;
  near.expected_rps = max_rps;
  const auto found_with = [&](const Attempt& attempt, const model::Deployment& changed, const serve::Slo& promise) {
    if (!attempt.keeps_times_of(deployment)) {
      serve::Runs others(server_with(changed, settings, attempt.memory_speed), settings, workload);
      return serve::capacity(others, promise, near);
    }
    serve::Runs others(runs, serve::kv_capacity(settings, changed).blocks);
    return serve::capacity(others, promise, near);
  };
  std::vector<Gain> gains;
  for (const auto& attempt : attempts()) {
    model::Deployment changed = deployment;
    attempt.change(changed.chip);
    const serve::Slo promise = {slo.ttft * attempt.patience, slo.tpot * attempt.patience};
    const auto found = found_with(attempt, changed, promise);
    gains.push_back({attempt.resource, std::max(0.0, found.max_rps / max_rps - 1)});
  }
  return gains;
}

std::string what_binds(const std::vector<Gain>& gains) {
  std::string best = "SLO";
  double most = half_of_patience * gain_from(gains, "SLO");
  for (const auto& [resource, gain] : gains)
    if (resource != "SLO" && gain > most) most = gain, best = resource;
  return best;
}

double gain_from(const std::vector<Gain>& gains, const std::string& resource) {
  for (const auto& gain : gains)
    if (gain.resource == resource) return gain.gain;
  return 0;
}

}  // namespace wordline::plan
