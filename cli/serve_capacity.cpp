// wordline serve capacity: the highest rate of requests that a replica holds within its promises, and how sure that is.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "output.h"
#include "serve_commands.h"
#include "serve_options.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/parallel.h"
#include "wordline/core/progress.h"
#include "wordline/core/result.h"
#include "wordline/serve/capacity.h"
#include "wordline/serve/confidence.h"

namespace wordline::cli {

namespace {

constexpr int seeds_by_default = 5;
constexpr std::uint64_t usual_runs = 12;  // of one search: what the progress bar begins with

struct Options {
  ServeOptions serve;
  std::vector<std::string> slo;
  std::optional<int> seeds;
  double precision = 0.02;
  std::uint64_t min_requests = 2000, max_requests = 10000;
};

// One seed's search.
struct Found {
  std::uint64_t seed = 0;
  serve::Capacity capacity;
};

// The requests of the options at any rate. The catalogue is read by one thread at a time.
serve::WorkloadAt workload_of(const WorkloadOptions& options, const core::Catalog& catalog, std::uint64_t seed,
                              std::mutex& mutex, std::function<void()> begun) {
  return [&options, &catalog, &mutex, seed, begun = std::move(begun)](double rate, std::size_t requests) {
    begun();
    WorkloadOptions at = options;
    at.request_rate = rate;
    at.num_prompts = std::min<std::uint64_t>(requests, options.num_prompts.value_or(requests));
    const std::lock_guard lock(mutex);
    const NamedSource named = source_of(at, catalog, seed);
    serve::Workload out{named.name, {}};
    while (auto request = named.source->next()) out.requests.push_back(std::move(*request));
    return out;
  };
}

// Where all replicas are alike, one of them is searched for, and stands for all.
bool one_for_all(const ServeSetup& setup) { return setup.parts.size() == 1; }

std::vector<serve::Group> searched(const ServeSetup& setup) {
  auto groups = setup.groups();
  if (one_for_all(setup)) groups.front().replicas = 1;
  return groups;
}

std::vector<Found> search(const Options& options, const ServeSetup& setup, const serve::Slo& slo, const Common& common,
                          const core::Catalog& catalog) {
  const int seeds = options.seeds.value_or(options.serve.workload.traces.empty() ? seeds_by_default : 1);
  if (seeds < 1) throw core::UsageError("--seeds must be 1 or more");
  std::vector<Found> out(static_cast<std::size_t>(seeds));
  core::Progress progress("runs", usual_runs * out.size());
  std::mutex mutex;
  const auto groups = searched(setup);
  core::parallel_for(out.size(), common.threads, [&](std::size_t i) {
    std::uint64_t runs = 0;
    const auto begun = [&] { progress.advance(++runs <= usual_runs ? 1 : 0); };
    out[i].seed = common.seed.value_or(1) + i;
    serve::CapacityOptions how;
    how.precision = options.precision;
    how.min_requests = options.min_requests;
    how.max_requests = options.max_requests;
    serve::Runs all(groups, workload_of(options.serve.workload, catalog, out[i].seed, mutex, begun),
                    run_options(options.serve, setup, {}, out[i].seed));
    out[i].capacity = serve::capacity(all, slo, how);
    if (runs < usual_runs) progress.advance(usual_runs - runs);
  });
  return out;
}

Json confidence_json(const serve::Confidence& of) {
  const bool known = std::isfinite(of.half_width);
  return {{"mean", of.mean},
          {"low", known ? Json(of.mean - of.half_width) : Json()},
          {"high", known ? Json(of.mean + of.half_width) : Json()}};
}

template <class Value>
serve::Confidence over_seeds(const std::vector<Found>& found, Value&& value) {
  std::vector<double> samples;
  for (const Found& each : found) samples.push_back(value(each.capacity));
  return serve::confidence95(samples);
}

Json seed_json(const Found& found, int ranks) {
  const serve::Capacity& c = found.capacity;
  return {{"seed", found.seed},
          {"met", c.met},
          {"max_request_rate", ranks * c.max_rps},
          {"limit", c.limit},
          {"runs", c.runs},
          {"p99_ttft_ms", c.at.ttft.p99.value() * 1e3},
          {"p99_tpot_ms", c.at.tpot.p99.value() * 1e3},
          {"output_throughput", ranks * c.at.output_throughput},
          {"mean_batch_size", c.at.mean_batch_size},
          {"kv_peak", c.at.kv_peak},
          {"preemptions", c.at.preemptions},
          {"joules_per_output_token", c.at.joules_per_output_token}};
}

std::string csv_of(const Json& seeds) {
  std::string out;
  for (const auto& [key, value] : seeds.front().items()) out += (out.empty() ? "" : ",") + key;
  for (const Json& seed : seeds) {
    std::string line;
    for (const auto& [key, value] : seed.items())
      line += (line.empty() ? "" : ",") + (value.is_string() ? value.get<std::string>() : value.dump());
    out += "\n" + line;
  }
  return out + "\n";
}

std::string with_half_width(const serve::Confidence& of, const char* unit) {
  if (!std::isfinite(of.half_width)) return fmt::format("{} {}", three_digits(of.mean), unit);
  return fmt::format("{} ± {} {}", three_digits(of.mean), three_digits(of.half_width), unit);
}

std::string words(const std::vector<Found>& found, const Json& document, int ranks) {
  std::string text = fmt::format("{:>6}{:>12}{:>14}{:>14}{:>16}{:>8}  {}\n", "seed", "requests/s", "p99 TTFT ms",
                                 "p99 TPOT ms", "output tokens/s", "runs", "fails just above in");
  for (const Json& seed : document["seeds"])
    text += fmt::format("{:>6}{:>12.4g}{:>14.1f}{:>14.1f}{:>16.1f}{:>8}  {}\n", seed["seed"].get<std::uint64_t>(),
                        seed["max_request_rate"].get<double>(), seed["p99_ttft_ms"].get<double>(),
                        seed["p99_tpot_ms"].get<double>(), seed["output_throughput"].get<double>(),
                        seed["runs"].get<int>(), seed["limit"].get<std::string>());
  if (!document["met"].get<bool>()) return text + "even requests that come one at a time miss the promise\n";
  text += "highest rate within the promise: " +
          with_half_width(over_seeds(found, [&](const auto& c) { return ranks * c.max_rps; }), "requests/s") + ", " +
          with_half_width(over_seeds(found, [&](const auto& c) { return ranks * c.at.output_throughput; }),
                          "output tokens/s");
  return text + (found.size() > 1 ? fmt::format(" (mean of {} seeds, 95 % confidence)\n", found.size()) : "\n");
}

int run(const Options& options, const Common& common) {
  const auto slo = slo_of(options.slo, "--slo");
  if (!slo) throw core::UsageError("wordline serve capacity: wanted --slo ttft:MS, --slo tpot:MS or both");
  if (!(options.precision > 0 && options.precision <= 1))
    throw core::UsageError("--precision must be above 0, up to 1");
  if (options.min_requests < 100 || options.max_requests < options.min_requests)
    throw core::UsageError("--min-requests must be 100 or more, and not above --max-requests");
  const auto catalog = open_catalog(common, options.serve.on.chip);
  tell(source_of(options.serve.workload, catalog, common.seed.value_or(1)).warnings, common);
  const auto setup = setup_of(options.serve, catalog);
  const auto found = search(options, setup, *slo, common, catalog);

  Json document = core::result_document("serve.capacity", catalog);
  put_settings(document, options.serve, setup, common.seed.value_or(1));
  document["slo"] = {{"p99_ttft_ms", std::isfinite(slo->ttft.value()) ? Json(slo->ttft.value() * 1e3) : Json()},
                     {"p99_tpot_ms", std::isfinite(slo->tpot.value()) ? Json(slo->tpot.value() * 1e3) : Json()}};
  document["precision"] = options.precision;
  const int ranks = one_for_all(setup) ? setup.first().deployment.dp : 1;
  const bool met = std::all_of(found.begin(), found.end(), [](const Found& f) { return f.capacity.met; });
  document["met"] = met;
  document["max_request_rate"] = confidence_json(over_seeds(found, [&](const auto& c) { return ranks * c.max_rps; }));
  document["output_throughput"] =
      confidence_json(over_seeds(found, [&](const auto& c) { return met ? ranks * c.at.output_throughput : 0; }));
  document["joules_per_output_token"] =
      confidence_json(over_seeds(found, [](const auto& c) { return c.at.joules_per_output_token; }));
  document["seeds"] = Json::array();
  for (const Found& each : found) document["seeds"].push_back(seed_json(each, ranks));
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");
  if (common.csv) core::write_text(*common.csv, csv_of(document["seeds"]));
  write_result(common, document, words(found, document, ranks));
  return met ? core::exit_done : core::exit_answer_is_no;
}

}  // namespace

void add_serve_capacity(Args& serve) {
  auto& args =
      serve.command("capacity", "the highest rate of requests that one replica, or a fleet, holds within a promise");
  auto o = std::make_shared<Options>();
  args.option("--slo", o->slo, "ttft:MS or tpot:MS: bounds of the 99th percentiles (repeatable)").called("NAME:MS");
  o->serve.add_server_to(args);
  o->serve.add_kinds_to(args);
  o->serve.workload.add_to(args);
  args.option("--seeds", o->seeds, "searches, each with requests of its own; 5 where they are drawn, 1 for a trace")
      .called("N");
  args.option("--precision", o->precision, "width of the bracket at the end, as a share");
  args.option("--min-requests", o->min_requests, "of a run");
  args.option("--max-requests", o->max_requests, "of a run");
  args.footer(
      "Example: wordline serve capacity --model llama-3.1-8b --chip h100-sxm --lengths azure-conversation "
      "--slo ttft:1000 --slo tpot:50");
  args.action([o, &common = args.common()] { return run(*o, common); });
}

}  // namespace wordline::cli
