#include "wordline/serve/run.h"

#include <algorithm>

#include "wordline/core/error.h"
#include "wordline/serve/tally.h"

namespace wordline::serve {
namespace {

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

// What ended, replica by replica.
class Collector {
 public:
  Collector(std::size_t replicas, const RunOptions& options)
      : slo_(options.slo), keep_(options.keep_requests), tallies_(replicas), kept_(replicas) {}

  void add(std::size_t replica, const Ended& ended) {
    tallies_[replica].add(ended, slo_);
    if (keep_) kept_[replica].push_back(ended);
  }

  void put_into(Result& out) {
    Tally all;
    for (const Tally& tally : tallies_) all.merge(tally);
    out.completed = all.completed;
    out.rejected = all.rejected;
    out.total_input_tokens = all.input_tokens;
    out.total_output_tokens = all.output_tokens;
    out.ttft = all.ttft.latency();
    out.tpot = all.tpot.latency();
    out.e2el = all.e2el.latency();
    out.queue = all.queue.latency();
    out.max_itl = all.max_itl.latency();
    if (keep_) put_kept(out);
    const double seconds = out.duration.value();
    if (slo_) out.request_goodput = share(static_cast<double>(all.good), seconds);
    out.request_throughput = share(static_cast<double>(out.completed), seconds);
    out.output_throughput = share(static_cast<double>(out.total_output_tokens), seconds);
    out.total_token_throughput = out.output_throughput + share(static_cast<double>(out.total_input_tokens), seconds);
  }

 private:
  // The single requests, and percentiles from them.
  void put_kept(Result& out) {
    out.served.resize(out.requests);
    core::Samples ttft, tpot, e2el, queue, max_itl;
    for (std::size_t replica = 0; replica < kept_.size(); ++replica)
      for (const Ended& ended : kept_[replica]) {
        out.served[ended.id] = served_of(ended);
        out.served[ended.id].replica = static_cast<std::uint32_t>(replica);
      }
    for (const Served& served : out.served) {
      if (served.status == Status::rejected) continue;
      ttft.add(served.ttft.value());
      e2el.add(served.e2el.value());
      queue.add(served.queue.value());
      if (served.output_tokens < 2) continue;
      tpot.add(served.tpot().value());
      max_itl.add(served.max_itl.value());
    }
    out.ttft = summary(ttft);
    out.tpot = summary(tpot);
    out.e2el = summary(e2el);
    out.queue = summary(queue);
    out.max_itl = summary(max_itl);
  }

  static Latency summary(const core::Samples& seconds) {
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

  const std::optional<Slo> slo_;
  const bool keep_;
  std::vector<Tally> tallies_;
  std::vector<std::vector<Ended>> kept_;
};

// Sums over the replicas' logs.
void summarize_steps(Result& out, const Fleet& fleet) {
  LatencyTally gaps;
  std::uint64_t sequences = 0, tokens = 0;
  core::Uint128 block_ticks = 0, request_ticks = 0, capacity = 0;
  double busy = 0;
  std::array<double, chip::bounds> by_bound{};
  out.short_of_blocks = out.rejected > 0;  // too long for the model, or for all blocks together
  for (std::size_t i = 0; i < fleet.logs().size(); ++i) {
    const ReplicaLog& log = fleet.logs()[i];
    gaps.merge(log.gaps);
    out.steps += log.steps;
    out.preemptions += log.preemptions;
    out.short_of_blocks |= log.short_of_blocks;
    if (fleet.group(fleet.group_of(i)).role != Role::decode) {  // there prompts come computed
      out.prefix_queries += log.prefix.asked;
      out.prefix_hits += log.prefix.found;
      out.host_hits += log.prefix.found_in_host;
    }
    out.host_blocks_fetched += log.blocks_fetched;
    out.host_blocks_stored += log.blocks_stored;
    out.kv_tokens_moved += log.remote_tokens;
    if (fleet.group(fleet.group_of(i)).engine.speculation.on()) {
      if (!out.speculation) out.speculation.emplace();
      out.speculation->merge(log.speculation);
    }
    sequences += log.sequences;
    tokens += log.tokens;
    block_ticks += log.block_ticks;
    request_ticks += log.request_ticks;
    capacity += static_cast<core::Uint128>(log.blocks_total);
    busy += static_cast<double>(log.busy);
    out.kv_peak =
        std::max(out.kv_peak, share(static_cast<double>(log.blocks_peak), static_cast<double>(log.blocks_total)));
    const core::Watts idle = fleet.group(fleet.group_of(i)).server.idle;
    out.energy += to_joules(static_cast<double>(log.energy)) + idle * (out.duration - to_seconds(log.busy));
    for (std::size_t b = 0; b < chip::bounds; ++b) by_bound[b] += static_cast<double>(log.by_bound[b]);
  }
  out.itl = gaps.latency();
  out.mean_batch_size = share(static_cast<double>(sequences), static_cast<double>(out.steps));
  out.mean_tokens_per_step = share(static_cast<double>(tokens), static_cast<double>(out.steps));
  out.kv_blocks = fleet.logs().front().blocks_total;
  out.kv_blocks_of_all = static_cast<std::int64_t>(capacity);
  const double whole = out.duration.value() * ticks_per_second;
  out.kv_mean = share(static_cast<double>(block_ticks), whole * static_cast<double>(capacity));
  out.mean_concurrency = share(static_cast<double>(request_ticks), whole);
  out.utilization = share(busy, whole * static_cast<double>(fleet.logs().size()));
  out.joules_per_output_token = share(out.energy.value(), static_cast<double>(out.total_output_tokens));
  double by_host = busy;
  for (std::size_t b = 0; b < chip::bounds; ++b) {
    out.time_share_by_bound[chip::name_of(static_cast<chip::Bound>(b))] = share(by_bound[b], busy);
    by_host -= by_bound[b];
  }
  out.time_share_by_bound["host"] = share(by_host, busy);
}

}  // namespace

Result run(std::vector<Group> groups, RequestSource& source, const RunOptions& options) {
  Collector collector(replicas_of(groups), options);
  Fleet fleet(std::move(groups), {options.threads, options.router, options.seed, options.max_concurrency, options.skip,
                                  options.watch, options.progress, options.kv_link});
  fleet.run(source, [&](std::size_t replica, const Ended& ended) { collector.add(replica, ended); });
  Result out;
  out.requests = fleet.requests();
  Ticks last = 0;
  for (const ReplicaLog& log : fleet.logs()) last = std::max(last, log.last_token);
  if (last > 0) out.duration = to_seconds(last - fleet.first_arrival());
  collector.put_into(out);
  summarize_steps(out, fleet);
  return out;
}

Result run(const Server& server, const Engine& engine, const Workload& workload, const RunOptions& options) {
  return run({{server, engine, options.replicas, nullptr}}, *source_of(workload), options);
}

Result run(const model::Deployment& deployment, const Engine& engine, const Workload& workload,
           const RunOptions& options) {
  const Engine settings = resolved(engine, deployment);
  return run(server_of(deployment, settings), settings, workload, options);
}

}  // namespace wordline::serve
