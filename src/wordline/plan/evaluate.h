// One replica of one deployment, pushed to the highest rate at which it keeps its promises.
#pragma once

#include <string>
#include <vector>

#include "wordline/model/deployment.h"
#include "wordline/plan/binding.h"
#include "wordline/plan/traffic.h"
#include "wordline/serve/capacity.h"

namespace wordline::plan {

// A replica's answer. `at` is the run at max_rps, or at the lightest load where the promises can't be kept.
struct Evaluation {
  bool fits = false;
  double short_gb = 0;  // what each rank lacks where it does not fit
  bool meets = false;
  double max_rps = 0;
  std::string limit;  // what breaks above max_rps: "ttft", "tpot" or "queue"
  serve::Result at;
  std::string binds;        // "compute", "memory bandwidth", "memory capacity", "link", "launch" or "SLO"
  std::vector<Gain> gains;  // what a quarter more of each would bring, where that was tried
  core::Watts idle, busy;   // all chips of the replica: without work, and at max_rps
};

// Searches the highest rate for this traffic, and what binds there where `with_gains`. Deterministic; touches nothing
// but its arguments and the cache.
Evaluation evaluate(const model::Deployment& deployment, const serve::Engine& engine, const Traffic& traffic,
                    const serve::Slo& slo, const serve::CapacityOptions& search, bool with_gains);

}  // namespace wordline::plan
