#include "wordline/serve/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/core/error.h"
#include "wordline/core/parallel.h"
#include "wordline/serve/replica.h"
#include "wordline/serve/server.h"

namespace wordline::serve {
namespace {

// Every replica's requests: i, i + replicas, i + 2 replicas, ...
std::vector<std::vector<Request>> dealt(const Workload& workload, std::size_t replicas) {
  std::vector<std::vector<Request>> hands(replicas);
  for (std::size_t i = 0; i < workload.requests.size(); ++i) hands[i % replicas].push_back(workload.requests[i]);
  return hands;
}

Latency summary(const core::Samples& seconds) {
  const auto at = [&](double p) { return core::Seconds(seconds.percentile(p)); };
  return {core::Seconds(seconds.mean()),
          at(50),
          core::Seconds(seconds.deviation()),
          at(75),
          at(90),
          at(95),
          at(99),
          at(100)};
}

void collect_served(Result& out, const std::vector<std::vector<Request>>& hands, const std::vector<ReplicaLog>& logs) {
  for (std::size_t i = 0; i < out.requests; ++i) {
    const std::size_t replica = i % hands.size(), place = i / hands.size();
    const Request& request = hands[replica][place];
    const Times& times = logs[replica].times[place];
    Served served{request.arrival, {}, {}, request.prompt_tokens, request.output_tokens, times.status};
    if (times.status == Status::completed) {
      const Ticks arrival = to_ticks(request.arrival);
      served.ttft = to_seconds(times.first - arrival);
      served.e2el = to_seconds(times.last - arrival);
    }
    out.served.push_back(served);
  }
}

void summarize_requests(Result& out, const std::optional<Slo>& slo) {
  core::Samples ttft, tpot, e2el;
  for (const Served& served : out.served) {
    if (served.status == Status::rejected) {
      ++out.rejected;
      continue;
    }
    ++out.completed;
    out.total_input_tokens += served.prompt_tokens;
    out.total_output_tokens += served.output_tokens;
    ttft.add(served.ttft.value());
    e2el.add(served.e2el.value());
    if (served.output_tokens > 1) tpot.add(served.tpot().value());
  }
  out.ttft = summary(ttft);
  out.tpot = summary(tpot);
  out.e2el = summary(e2el);
  if (slo) out.request_goodput = goodput(out, *slo);
  const double seconds = out.duration.value();
  if (seconds <= 0) return;
  out.request_throughput = static_cast<double>(out.completed) / seconds;
  out.output_throughput = static_cast<double>(out.total_output_tokens) / seconds;
  out.total_token_throughput = out.output_throughput + static_cast<double>(out.total_input_tokens) / seconds;
}

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

void summarize_steps(Result& out, const std::vector<ReplicaLog>& logs, core::Watts idle) {
  Gaps gaps;
  std::uint64_t sequences = 0, tokens = 0;
  core::Uint128 block_ticks = 0;
  Ticks busy = 0;
  std::array<core::Seconds, chip::bounds> by_bound{};
  std::int64_t peak = 0;
  out.short_of_blocks = out.rejected > 0;  // too long for the model, or for all blocks together
  for (const ReplicaLog& log : logs) {
    gaps.merge(log.gaps);
    out.steps += log.steps;
    out.preemptions += log.preemptions;
    out.short_of_blocks |= log.short_of_blocks;
    sequences += log.sequences;
    tokens += log.tokens;
    block_ticks += log.block_ticks;
    busy += log.busy;
    peak = std::max(peak, log.blocks_peak);
    out.energy += log.energy + idle * (out.duration - to_seconds(log.busy));
    for (std::size_t i = 0; i < chip::bounds; ++i) by_bound[i] += log.by_bound[i];
  }
  out.itl = gaps.latency();
  out.mean_batch_size = share(static_cast<double>(sequences), static_cast<double>(out.steps));
  out.mean_tokens_per_step = share(static_cast<double>(tokens), static_cast<double>(out.steps));
  out.kv_blocks = logs.front().blocks_total;
  out.kv_peak = share(static_cast<double>(peak), static_cast<double>(out.kv_blocks));
  const double whole = out.duration.value() * ticks_per_second * static_cast<double>(logs.size());
  out.kv_mean = share(static_cast<double>(block_ticks), whole * static_cast<double>(out.kv_blocks));
  out.utilization = share(static_cast<double>(busy), whole);
  out.joules_per_output_token = share(out.energy.value(), static_cast<double>(out.total_output_tokens));
  for (std::size_t i = 0; i < chip::bounds; ++i)
    out.time_share_by_bound[chip::name_of(static_cast<chip::Bound>(i))] =
        share(by_bound[i].value(), to_seconds(busy).value());
}

}  // namespace

Result run(const Server& server, const Engine& engine, const Workload& workload, const RunOptions& options) {
  check(engine);
  if (options.replicas < 1) throw core::InputError("replicas must be 1 or more");
  if (!workload.requests.empty() && workload.requests.back().arrival.value() > latest_arrival_s)
    throw core::InputError(fmt::format("{}: found an arrival at {:.0f} s; wanted none after {:.0f} s", workload.name,
                                       workload.requests.back().arrival.value(), latest_arrival_s));
  const auto hands = dealt(workload, static_cast<std::size_t>(options.replicas));
  std::vector<ReplicaLog> logs(hands.size());
  core::parallel_for(hands.size(), options.threads,
                     [&](std::size_t i) { logs[i] = serve_replica(server, engine, hands[i]); });
  Result out;
  out.requests = workload.requests.size();
  Ticks last = 0;
  for (const ReplicaLog& log : logs) last = std::max(last, log.last_token);
  if (last > 0) out.duration = to_seconds(last - to_ticks(workload.requests.front().arrival));
  collect_served(out, hands, logs);
  summarize_requests(out, options.slo);
  summarize_steps(out, logs, server.idle);
  return out;
}

Result run(const model::Deployment& deployment, const Engine& engine, const Workload& workload,
           const RunOptions& options) {
  const Engine settings = resolved(engine, deployment);
  return run(server_of(deployment, settings), settings, workload, options);
}

}  // namespace wordline::serve
