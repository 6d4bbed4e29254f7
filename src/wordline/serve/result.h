// What a simulated service delivered, by the names of vLLM's serving benchmark.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "wordline/core/units.h"
#include "wordline/serve/speculation.h"

namespace wordline::serve {

// How a request ended: answered in full, or refused at arrival since it can never fit.
enum class Status : std::uint8_t { completed, rejected };

// One request's end, in the order of ids. Latencies of a rejected one are zero.
struct Served {
  core::Seconds arrival;
  core::Seconds ttft;  // arrival to the first token
  core::Seconds e2el;  // arrival to the last token
  std::int32_t prompt_tokens = 0, output_tokens = 0;
  Status status = Status::completed;
  core::Seconds queue;             // arrival to the begin of the step with the last chunk of its prompt
  core::Seconds max_itl;           // the longest gap between two of its tokens; zero where there is one token
  std::uint32_t replica = 0;       // that answered it
  std::int32_t cached_tokens = 0;  // of its prompt, found in a cache when it was first admitted
  // Mean time per output token after the first, (e2el - ttft) / (output_tokens - 1); zero where there is one token.
  core::Seconds tpot() const;
};

// Mean, population deviation and percentiles (linear between order statistics, as numpy and so vLLM) of a latency.
struct Latency {
  core::Seconds mean, median, std, p75, p90, p95, p99, max;
};

// Both bounds hold at the 99th percentile; goodput counts the requests that meet both by themselves.
struct Slo {
  core::Seconds ttft, tpot;
};

// Totals over all replicas. Rates are over `duration`: first arrival to last token.
struct Result {
  std::uint64_t requests = 0, completed = 0, rejected = 0;
  std::int64_t total_input_tokens = 0, total_output_tokens = 0;  // of completed requests
  core::Seconds duration;
  double request_throughput = 0, output_throughput = 0, total_token_throughput = 0;  // per second
  std::optional<double> request_goodput;                                             // per second; only with an Slo
  Latency ttft, tpot, e2el;  // over requests (tpot: those with two tokens or more)
  Latency queue, max_itl;    // over requests, as Served has them (max_itl: those with two tokens or more)
  Latency itl;               // over all gaps between successive tokens of one request; percentiles within 1/2048
  std::uint64_t preemptions = 0, steps = 0;
  double mean_batch_size = 0;  // sequences a step
  double mean_tokens_per_step = 0;
  std::int64_t kv_blocks = 0;  // usable ones, of one replica
  std::int64_t kv_blocks_of_all = 0;
  double kv_peak = 0, kv_mean = 0;  // share of the blocks in use; the mean is over time
  std::int64_t prefix_queries = 0;  // prompt tokens that were looked for in the prefix caches
  std::int64_t prefix_hits = 0;     // and found there
  std::int64_t host_hits = 0;       // and those found in the host's memory, where blocks are offloaded
  std::int64_t host_blocks_fetched = 0, host_blocks_stored = 0;  // KV blocks from and to the host's memory
  std::int64_t kv_tokens_moved = 0;  // whose keys and values went from replicas that prefill to those that decode
  std::optional<SpeculationCounts> speculation;  // where there is any
  bool short_of_blocks = false;  // with more blocks a request would have been admitted or served earlier, or at all
  double mean_concurrency = 0;   // requests in the service, mean over `duration`: by Little's law, rate x mean e2el
  double utilization = 0;        // share of `duration` in which a step runs, mean over replicas
  core::Joules energy;           // steps and idling, all replicas
  double joules_per_output_token = 0;
  std::map<std::string, double> time_share_by_bound;  // of step time: what bound it
  std::vector<Served> served;                         // by id; empty where they were not kept
};

// Whether a completed request meets both bounds.
bool meets(const Served& served, const Slo& slo);

// Completed requests per second that meet both bounds by themselves; 0 where no time passed.
double goodput(const Result& result, const Slo& slo);

// The result's fields by vLLM's names (mean_ttft_ms, ...); without the single requests.
nlohmann::ordered_json to_json(const Result& result);

// id,arrival_s,ttft_ms,tpot_ms,e2el_ms,prompt_tokens,output_tokens,status,replica,queue_ms,max_itl_ms,cached_tokens:
// one line a request.
std::string requests_csv(const Result& result);

}  // namespace wordline::serve
