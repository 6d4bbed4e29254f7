// What holds a replica back: tried, not guessed. Each resource in turn is given a quarter more, and the search is done
// again.
#pragma once

#include <string>
#include <vector>

#include "wordline/model/deployment.h"
#include "wordline/serve/capacity.h"

namespace wordline::plan {

// How much more a replica serves with a quarter more of one resource: 0.1 is a tenth more.
struct Gain {
  std::string resource;
  double gain = 0;
};

// For "compute", "memory bandwidth", "memory capacity", "link" (bandwidth and latency), "launch" (its rate) and "SLO"
// (both promises a quarter longer), in this order. `runs`: the deployment's own, with whose `max_rps` it compares; a
// change that leaves all times as they are searches among them.
std::vector<Gain> gains_of(const model::Deployment& deployment, const serve::Engine& resolved_engine,
                           const serve::WorkloadAt& workload, serve::Runs& runs, const serve::Slo& slo,
                           const serve::CapacityOptions& search, double max_rps);

// The resource that gains most. The SLO is named where no piece of hardware gains even half of what patience does.
std::string what_binds(const std::vector<Gain>& gains);

// The gain of a resource by its name; 0 where it was not tried.
double gain_from(const std::vector<Gain>& gains, const std::string& resource);

}  // namespace wordline::plan
