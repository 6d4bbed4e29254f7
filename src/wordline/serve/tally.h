// Requests that have ended, summed up.
#pragma once

#include <cstdint>
#include <optional>

#include "wordline/core/wide.h"
#include "wordline/serve/latency_tally.h"
#include "wordline/serve/replica.h"
#include "wordline/serve/result.h"

namespace wordline::serve {

// What ended on one replica; tallies of several merge in any order.
struct Tally {
  std::uint64_t completed = 0, rejected = 0, good = 0;  // good: within both of the promises
  std::int64_t input_tokens = 0, output_tokens = 0;     // of completed requests
  LatencyTally ttft, tpot, e2el, queue, max_itl;

  void add(const Ended& ended, const std::optional<Slo>& slo);
  void merge(const Tally& other);
};

// The same request as results list it.
Served served_of(const Ended& ended);

}  // namespace wordline::serve
