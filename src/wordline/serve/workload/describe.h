// What a workload is like: its rate, burstiness, lengths, reuse and sessions.
#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "wordline/serve/source.h"
#include "wordline/serve/workload/reuse.h"

namespace wordline::serve {

// Counts of tokens. Percentiles interpolate between order statistics, as NumPy's.
struct TokenStatistics {
  double mean = 0, p50 = 0, p90 = 0, p99 = 0;
  std::int64_t max = 0;
  struct Point {
    double tokens, share;  // of the requests have at most so many
  };
  std::vector<Point> distribution;
};

// Variance over mean of the arrivals in windows of this width: 1 for a Poisson process, more where arrivals cluster.
struct Dispersion {
  double window_s = 0, index = 0;
};

struct Description {
  std::uint64_t requests = 0;
  double first_s = 0, span_s = 0;  // from the first arrival to the last
  double rate = 0;                 // of arrivals: one over the mean gap; 0 where there are fewer than two
  double gap_cv = 0;               // coefficient of variation of the gaps
  struct Gap {
    double seconds, share;  // of the gaps are at most so long, within 0.5 %
  };
  std::vector<Gap> gaps;
  std::vector<Dispersion> dispersion;  // over all whole windows since the first arrival, where there are ten or more
  TokenStatistics prompt, output;
  std::int64_t prompt_tokens = 0, output_tokens = 0;
  // Spearman's, of prompt and output; of a sample where there are more than 262,144 requests.
  double rank_correlation = 0;
  Reuse reuse;
  std::uint64_t sessions = 0, in_sessions = 0;  // sessions, and requests in them
  double mean_turns = 0;                        // requests a session
  std::uint64_t most_turns = 0;
  bool waits = false;                   // some requests wait for answers: their arrivals are the earliest possible
  double window_s = 1;                  // of the arrivals over time
  std::vector<std::uint64_t> arrivals;  // in each window since the first arrival
};

// Reads the source to its end. Memory: what distinct lengths, blocks (ReuseMeter) and sessions need; no requests are
// kept. Throws core::InputError where there is no request.
Description describe(RequestSource& source, int block_size);

// The description in the fields of docs/reference/serve.md.
nlohmann::ordered_json to_json(const Description& description);

}  // namespace wordline::serve
