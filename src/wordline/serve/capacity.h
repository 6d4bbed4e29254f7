// The highest request rate that one replica holds within its latency promises.
#pragma once

#include <cstdint>
#include <string>

#include "wordline/serve/engine.h"
#include "wordline/serve/lengths.h"
#include "wordline/serve/result.h"
#include "wordline/serve/runs.h"

namespace wordline::serve {

// How the search is done.
struct CapacityOptions {
  std::uint64_t seed = 1;
  double arrival_cv = 1;             // 1: Poisson
  double precision = 0.02;           // stops when the bracket's width is at most this share of its lower end
  std::size_t min_requests = 2000;   // a run has at least this many requests,
  core::Seconds min_span{600};       // and enough for this much simulated time of arrivals,
  std::size_t max_requests = 10000;  // but no more than this many
  double expected_rps = 0;           // near the answer, so that the search begins there; 0: not known
};

// The answer. `met` is false where even single requests, one at a time, miss the promise: then max_rps is 0 and `at`
// is the run at the lightest load: the best p99 that can be had.
struct Capacity {
  bool met = false;
  double max_rps = 0;
  std::string limit;  // what fails just above max_rps: "ttft", "tpot", "rejected" or "queue" (it grows)
  Result at;          // the run at max_rps
  std::uint32_t runs = 0;
};

// Bisection on the arrival rate of generated requests (common random numbers: one seed, arrivals stretched), on one
// replica, after doubling or halving from a power of two times the rate of single requests (8, or the highest below
// what is expected: where all rates below one that holds hold too, this does not change the answer). A rate holds when
// p99 TTFT and p99 TPOT are within `slo`, nothing is refused, and the queue does not grow: from the second quarter of
// the requests to the last, the mean TTFT rises by no more than `precision` of the time between them. Throws
// core::InputError where the model does not fit.
Capacity capacity(const model::Deployment& deployment, const Engine& engine, const LengthModel& lengths, const Slo& slo,
                  const CapacityOptions& options = {});

// The same search with any source of requests, a recorded trace say.
Capacity capacity(const model::Deployment& deployment, const Engine& engine, const WorkloadAt& workload, const Slo& slo,
                  const CapacityOptions& options = {});

// The same on a server of any kind; the engine's settings must be resolved.
Capacity capacity(const Server& server, const Engine& resolved_engine, const WorkloadAt& workload, const Slo& slo,
                  const CapacityOptions& options = {});

// The same among runs that may have been made before, for other promises.
Capacity capacity(Runs& runs, const Slo& slo, const CapacityOptions& options = {});

}  // namespace wordline::serve
