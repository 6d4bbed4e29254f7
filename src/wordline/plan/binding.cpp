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

// One search on a changed replica.
struct Attempt {
  std::string resource;
  std::function<void(chip::Chip&)> change;
  double memory_speed = 1;
  double patience = 1;
};

const std::vector<Attempt>& attempts() {
  static const std::vector<Attempt> list = {
      {"compute",
       [](chip::Chip& c) {
         for (auto& [dtype, rate] : c.engines) rate.peak *= more;
         c.vector *= more, c.exponentials *= more;
       },
       1, 1},
      {"memory bandwidth", [](chip::Chip&) {}, more, 1},
      {"memory capacity", [](chip::Chip& c) { c.memory.capacity *= more; }, 1, 1},
      {"link", [](chip::Chip& c) { c.port.bandwidth *= more, c.port.latency *= 1 / more; }, 1, 1},
      {"launch",
       [](chip::Chip& c) {
         c.launch *= 1 / more;
         if (const auto own = c.constants.find("launch_us"); own != c.constants.end()) own->second /= more;
       },
       1, 1},
      {"SLO", [](chip::Chip&) {}, 1, more}};
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

std::vector<Gain> gains_of(const model::Deployment& deployment, const serve::Engine& engine, const Traffic& traffic,
                           const serve::Slo& slo, const serve::CapacityOptions& search, double max_rps) {
  const serve::Engine settings = serve::resolved(engine, deployment);
  const auto workload = [&](double rate, std::size_t count) { return traffic.at(rate, count); };
  std::vector<Gain> gains;
  for (const auto& attempt : attempts()) {
    model::Deployment changed = deployment;
    attempt.change(changed.chip);
    const serve::Slo promise = {slo.ttft * attempt.patience, slo.tpot * attempt.patience};
    const auto found =
        serve::capacity(server_with(changed, settings, attempt.memory_speed), settings, workload, promise, search);
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
