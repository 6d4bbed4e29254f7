#include "wordline/serve/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace wordline::serve {
namespace {

double ms(core::Seconds time) { return time.value() * 1e3; }

// mean_ttft_ms, median_ttft_ms, ...
void put(nlohmann::ordered_json& json, const std::string& name, const Latency& latency) {
  const auto key = [&](const char* what) { return fmt::format("{}_{}_ms", what, name); };
  json[key("mean")] = ms(latency.mean);
  json[key("median")] = ms(latency.median);
  json[key("std")] = ms(latency.std);
  json[key("p50")] = ms(latency.median);
  json[key("p75")] = ms(latency.p75);
  json[key("p90")] = ms(latency.p90);
  json[key("p95")] = ms(latency.p95);
  json[key("p99")] = ms(latency.p99);
  json[key("max")] = ms(latency.max);
}

}  // namespace

core::Seconds Served::tpot() const { return output_tokens > 1 ? (e2el - ttft) / (output_tokens - 1) : core::Seconds(); }

bool meets(const Served& served, const Slo& slo) { return served.ttft <= slo.ttft && served.tpot() <= slo.tpot; }

double goodput(const Result& result, const Slo& slo) {
  const double seconds = result.duration.value();
  const auto good = std::count_if(result.served.begin(), result.served.end(), [&](const Served& served) {
    return served.status == Status::completed && meets(served, slo);
  });
  return seconds > 0 ? static_cast<double>(good) / seconds : 0;
}

nlohmann::ordered_json to_json(const Result& result) {
  nlohmann::ordered_json json;
  json["num_prompts"] = result.requests;
  json["completed"] = result.completed;
  json["rejected"] = result.rejected;
  json["duration"] = result.duration.value();
  json["total_input_tokens"] = result.total_input_tokens;
  json["total_output_tokens"] = result.total_output_tokens;
  json["request_throughput"] = result.request_throughput;
  json["request_goodput"] = result.request_goodput ? nlohmann::ordered_json(*result.request_goodput) : nullptr;
  json["output_throughput"] = result.output_throughput;
  json["total_token_throughput"] = result.total_token_throughput;
  put(json, "ttft", result.ttft);
  put(json, "tpot", result.tpot);
  put(json, "itl", result.itl);
  put(json, "e2el", result.e2el);
  put(json, "queue", result.queue);
  put(json, "max_itl", result.max_itl);
  json["preemptions"] = result.preemptions;
  json["steps"] = result.steps;
  json["mean_batch_size"] = result.mean_batch_size;
  json["mean_tokens_per_step"] = result.mean_tokens_per_step;
  json["kv_blocks"] = result.kv_blocks;
  json["kv_peak"] = result.kv_peak;
  json["kv_mean"] = result.kv_mean;
  json["prefix_cache_queries"] = result.prefix_queries;
  json["prefix_cache_hits"] = result.prefix_hits;
  json["host_cache_hits"] = result.host_hits;
  json["host_blocks_fetched"] = result.host_blocks_fetched;
  json["host_blocks_stored"] = result.host_blocks_stored;
  json["kv_tokens_moved"] = result.kv_tokens_moved;
  json["mean_concurrency"] = result.mean_concurrency;
  json["utilization"] = result.utilization;
  json["energy_j"] = result.energy.value();
  json["joules_per_output_token"] = result.joules_per_output_token;
  json["time_share_by_bound"] = result.time_share_by_bound;
  return json;
}

std::string requests_csv(const Result& result) {
  std::string text =
      "id,arrival_s,ttft_ms,tpot_ms,e2el_ms,prompt_tokens,output_tokens,status,replica,queue_ms,max_itl_ms,"
      "cached_tokens\n";
  auto out = std::back_inserter(text);
  std::size_t id = 0;
  for (const Served& served : result.served) {
    fmt::format_to(out, "{},{},", id++, served.arrival.value());
    if (served.status == Status::rejected) {
      fmt::format_to(out, ",,,{},{},rejected,{},,,\n", served.prompt_tokens, served.output_tokens, served.replica);
      continue;
    }
    fmt::format_to(out, "{},", ms(served.ttft));
    if (served.output_tokens > 1) fmt::format_to(out, "{}", ms(served.tpot()));
    fmt::format_to(out, ",{},{},{},completed,{},{},", ms(served.e2el), served.prompt_tokens, served.output_tokens,
                   served.replica, ms(served.queue));
    if (served.output_tokens > 1) fmt::format_to(out, "{}", ms(served.max_itl));
    fmt::format_to(out, ",{}\n", served.cached_tokens);
  }
  return text;
}

}  // namespace wordline::serve
