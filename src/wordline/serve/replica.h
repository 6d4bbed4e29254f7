// One replica served to the end of its requests, step by step.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "wordline/core/statistics.h"
#include "wordline/core/wide.h"
#include "wordline/serve/request.h"
#include "wordline/serve/result.h"
#include "wordline/serve/server.h"
#include "wordline/serve/ticks.h"

namespace wordline::serve {

// Gaps between tokens, counted with their multiplicity: exact sums, and a histogram in units of 2^-30 s.
class Gaps {
 public:
  void add(Ticks gap, std::uint64_t times);
  void merge(const Gaps& other);
  std::uint64_t count() const { return histogram_.count(); }
  Latency latency() const;

 private:
  core::Histogram histogram_;
  core::Uint128 squares_ = 0;  // in units of 2^-60 s^2
};

// When a request's first and last token left; both zero where it was refused.
struct Times {
  Ticks first = 0, last = 0;
  Status status = Status::completed;
};

// What happened on one replica.
struct ReplicaLog {
  std::vector<Times> times;  // by place in the replica's requests
  Gaps gaps;
  Ticks busy = 0, last_token = 0;
  std::uint64_t steps = 0, sequences = 0, tokens = 0, preemptions = 0;
  std::int64_t blocks_total = 0, blocks_peak = 0;
  bool short_of_blocks = false;   // a step was
  core::Uint128 block_ticks = 0;  // blocks in use x time
  core::Joules energy;            // of the steps
  std::array<core::Seconds, chip::bounds> by_bound{};
};

// Simulates the replica until every request has ended. Conservation (every request ends exactly once, every token that
// was asked for is given, every block comes back, time never runs backwards) is checked always: std::logic_error.
ReplicaLog serve_replica(const Server& server, const Engine& resolved_engine, std::span<const Request> requests);

}  // namespace wordline::serve
