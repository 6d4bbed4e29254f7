// wordline serve run: a workload through a serving engine, request by request.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "output.h"
#include "serve_commands.h"
#include "serve_options.h"
#include "serve_report.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/progress.h"
#include "wordline/core/result.h"
#include "wordline/serve/run.h"
#include "wordline/serve/series.h"
#include "wordline/serve/timeline.h"

namespace wordline::cli {

namespace {

struct Options {
  ServeOptions serve;
  std::vector<std::string> goodput;
  std::string keep_requests = "auto";
  std::optional<std::filesystem::path> requests, series, timeline, report;
  std::string series_interval = "1 s", timeline_window;
};

// Hands on what it is told.
class Watches final : public serve::ReplicaWatch {
 public:
  void add(serve::ReplicaWatch* watch) { watches_.push_back(watch); }
  serve::ReplicaWatch* any() { return watches_.empty() ? nullptr : this; }
  void on_steps(std::size_t replica, const serve::StepRun& run) override {
    for (auto* watch : watches_) watch->on_steps(replica, run);
  }
  void on_last_chunk(std::size_t replica, std::uint64_t id, serve::Ticks begin) override {
    for (auto* watch : watches_) watch->on_last_chunk(replica, id, begin);
  }
  void on_end(std::size_t replica, const serve::Ended& ended) override {
    for (auto* watch : watches_) watch->on_end(replica, ended);
  }

 private:
  std::vector<serve::ReplicaWatch*> watches_;
};

core::Seconds interval_of(const std::string& text) {
  const auto parsed = core::parse_quantity(text);
  if (!parsed || parsed->dimension != core::Seconds::dimension || !(parsed->base_units > 1e-9))
    throw core::UsageError(fmt::format("--series-interval: found \"{}\"; wanted a time such as \"1 s\"", text));
  return core::Seconds(parsed->base_units);
}

bool keeps(const Options& options, std::uint64_t requests) {
  const bool asked = options.requests.has_value() || options.keep_requests == "yes";
  if (options.keep_requests == "no" && options.requests)
    throw core::UsageError("--requests wants the requests that --keep-requests no drops");
  return asked || (options.keep_requests == "auto" && requests <= most_kept);
}

std::string latencies(const serve::Result& result) {
  const auto line = [](const char* name, const serve::Latency& l) {
    return fmt::format("{:<6}{:>12.1f}{:>12.1f}{:>12.1f}{:>12.1f}\n", name, l.mean.value() * 1e3,
                       l.median.value() * 1e3, l.p90.value() * 1e3, l.p99.value() * 1e3);
  };
  return fmt::format("{:<6}{:>12}{:>12}{:>12}{:>12}\n", "[ms]", "mean", "median", "p90", "p99") +
         line("TTFT", result.ttft) + line("TPOT", result.tpot) + line("ITL", result.itl) + line("E2E", result.e2el) +
         line("queue", result.queue);
}

std::string words(const serve::Result& result, double deviation) {
  std::string text = fmt::format(
      "{} requests served, {} refused, in {:.1f} s: {:.2f} requests/s, {:.1f} output tokens/s\n", result.completed,
      result.rejected, result.duration.value(), result.request_throughput, result.output_throughput);
  if (result.request_goodput)
    text += fmt::format("goodput {:.2f} requests/s within the promises\n", *result.request_goodput);
  text += latencies(result);
  text +=
      fmt::format("KV cache {:.1f} % full in the mean, {:.1f} % at most; {} preemptions; {:.2f} J an output token\n",
                  100 * result.kv_mean, 100 * result.kv_peak, result.preemptions, result.joules_per_output_token);
  if (result.prefix_hits > 0)
    text += fmt::format("prefix cache: {:.1f} % of {} prompt tokens found\n",
                        100 * static_cast<double>(result.prefix_hits) / static_cast<double>(result.prefix_queries),
                        result.prefix_queries);
  if (result.host_blocks_stored > 0)
    text += fmt::format("host memory: {:.1f} % of the prompt tokens found there alone; {} blocks fetched, {} stored\n",
                        100 * static_cast<double>(result.host_hits) / static_cast<double>(result.prefix_queries),
                        result.host_blocks_fetched, result.host_blocks_stored);
  if (result.kv_tokens_moved > 0)
    text += fmt::format("keys and values of {} tokens went from prefill to decode\n", result.kv_tokens_moved);
  if (const auto& drafts = result.speculation)
    text += fmt::format("speculation: {} of {} drafts accepted, {:.2f} tokens a sequence and step\n",
                        drafts->num_accepted_tokens, drafts->num_draft_tokens, drafts->acceptance_length());
  std::string bounds;
  for (const auto& [bound, share] : result.time_share_by_bound)
    if (share >= 0.0005) bounds += fmt::format("{}{} {:.1f} %", bounds.empty() ? "" : ", ", bound, 100 * share);
  text += fmt::format("{} steps of {:.1f} sequences in the mean, bound by {}", result.steps, result.mean_batch_size,
                      bounds.empty() ? "nothing" : bounds);
  return text + fmt::format("; decode steps within {:.3f} % of the model's\n", 100 * deviation);
}

Json document_of(const Options& options, const ServeSetup& setup, const serve::Result& result, double deviation,
                 const std::string& workload, std::uint64_t seed, bool kept, const core::Catalog& catalog) {
  Json document = core::result_document("serve", catalog);
  put_settings(document, options.serve, setup, seed);
  document["workload"] = workload;
  document.update(serve::to_json(result));
  document["percentiles"] = kept ? "exact" : "within 1/2048";
  document["step_table_deviation"] = deviation;
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");
  return document;
}

// What looks on during the run, and writes its files after it.
struct Looks {
  Looks(const Options& options, std::size_t replicas) {
    if (options.series) watches.add(&series.emplace(interval_of(options.series_interval)));
    if (options.timeline) {
      const auto window = options.timeline_window.empty()
                              ? serve::DrawnWindow{}
                              : serve::DrawnWindow::parse(options.timeline_window, "--timeline-window");
      watches.add(&timeline.emplace(*options.timeline, replicas, window));
    } else if (!options.timeline_window.empty()) {
      throw core::UsageError("--timeline-window: wanted --timeline FILE.pftrace beside it");
    }
    if (options.report) watches.add(&report.emplace());
  }
  std::optional<serve::Series> series;
  std::optional<serve::Timeline> timeline;
  std::optional<ReportWatch> report;
  Watches watches;
};

void write_files(const Options& options, Looks& looks, const ServeSetup& setup, const serve::Result& result,
                 double deviation, const Json& document, const Common& common, const core::Catalog& catalog) {
  const serve::SeriesScale scale{setup.replicas(), static_cast<double>(result.kv_blocks_of_all), setup.idle()};
  if (options.requests) core::write_text(*options.requests, serve::requests_csv(result));
  if (common.csv) core::write_text(*common.csv, serve::requests_csv(result));
  if (looks.series) core::write_text(*options.series, serve::series_csv(looks.series->rows(scale)));
  if (looks.timeline) {
    looks.timeline->close();
    if (looks.timeline->cut())
      tell({"the timeline shows the first part only; --timeline-window FROM:TO names another"}, common);
  }
  if (looks.report)
    write_serve_report(
        *options.report,
        {&setup, &result, &*looks.report, slo_of(options.goodput, "--goodput"), scale, deviation, &document}, catalog);
}

int run(const Options& options, const Common& common) {
  const auto catalog = open_catalog(common, options.serve.on.chip);
  const std::uint64_t seed = common.seed.value_or(1);
  const auto slo = slo_of(options.goodput, "--goodput");
  auto workload = source_of(options.serve.workload, catalog, seed);
  tell(workload.warnings, common);
  const std::uint64_t requests = workload.source->count();
  const bool kept = common.csv.has_value() || keeps(options, requests);
  if (!kept) tell({fmt::format("{} requests are not kept: percentiles are within 1/2048", requests)}, common);
  const auto setup = setup_of(options.serve, catalog);
  Looks looks(options, setup.replicas());

  serve::RunOptions how = run_options(options.serve, setup, slo, seed);
  how.threads = common.threads;
  how.keep_requests = kept;
  how.watch = looks.watches.any();
  serve::Result result;
  {
    core::Progress progress("requests", requests);
    if (requests > 0) how.progress = [&](std::uint64_t more) { progress.advance(more); };
    result = serve::run(setup.groups(), *workload.source, how);
  }
  const double deviation = setup.deviation();
  const Json document = document_of(options, setup, result, deviation, workload.name, seed, kept, catalog);
  write_files(options, looks, setup, result, deviation, document, common, catalog);
  write_result(common, document, words(result, deviation));
  return core::exit_done;
}

}  // namespace

void add_serve_run(Args& serve) {
  auto& args = serve.command("run", "a workload, served");
  auto o = std::make_shared<Options>();
  o->serve.add_server_to(args);
  o->serve.add_fleet_to(args);
  o->serve.workload.add_to(args);
  args.option("--goodput", o->goodput, "ttft:MS or tpot:MS: what request_goodput counts").called("NAME:MS");
  args.option("--keep-requests", o->keep_requests,
              "for exact percentiles; auto: up to 2 million, beyond that they are within 1/2048")
      .choices({"auto", "yes", "no"});
  args.option("--requests", o->requests, "one line a request: id, arrival, TTFT, TPOT, E2E, ...").called("OUT.csv");
  args.option("--series", o->series, "one line an interval: load, queue, batch, tokens, KV cache, power")
      .called("OUT.csv");
  args.option("--series-interval", o->series_interval, "how long those are");
  args.option("--timeline", o->timeline, "draws steps and requests for ui.perfetto.dev").called("FILE.pftrace");
  args.option("--timeline-window", o->timeline_window, "only what is under way between these seconds")
      .called("FROM:TO");
  args.option("--report", o->report, "writes a report to this HTML file; it works offline").called("FILE.html");
  args.footer(
      "Example: wordline serve run --model llama-3.1-70b --chip h200-sxm --tp 2 --lengths azure-conversation "
      "--request-rate 4 --report run.html\n"
      "With a draft model: ... --speculative-model llama-3.1-8b --num-speculative-tokens 4 "
      "--speculative-acceptance 0.8");
  args.action([o, &common = args.common()] { return run(*o, common); });
}

}  // namespace wordline::cli
