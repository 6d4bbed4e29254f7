// wordline serve workload: what a trace or a generator asks of a server, before any server is there.
#include "serve_workload.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "output.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "workload_options.h"

namespace wordline::cli {

namespace {

struct Options {
  WorkloadOptions workload;
  int block_size = 16;
  std::optional<std::filesystem::path> report;
};

// Hands on what another source gives, and writes it down as the plain CSV form.
class Copied final : public serve::RequestSource {
 public:
  Copied(std::unique_ptr<serve::RequestSource> source, bool write) : source_(std::move(source)), write_(write) {}
  std::uint64_t count() const override { return source_->count(); }
  std::optional<serve::Request> next() override {
    auto request = source_->next();
    if (!request || !write_) return request;
    text += fmt::format("{},{},{},", request->arrival.value(), request->prompt_tokens, request->output_tokens);
    if (request->session != 0) text += fmt::format("{}", request->session);
    text += request->think.value() >= 0 ? fmt::format(",{}\n", request->think.value()) : ",\n";
    return request;
  }
  std::string text = "arrival_s,prompt_tokens,output_tokens,session,think_s\n";

 private:
  std::unique_ptr<serve::RequestSource> source_;
  bool write_;
};

std::string words(const serve::Description& d, const std::string& name) {
  std::string text = fmt::format("{}: {} requests in {:.1f} s, {:.3f} requests/s, CV of gaps {:.2f}\n", name,
                                 d.requests, d.span_s, d.rate, d.gap_cv);
  if (!d.dispersion.empty()) {
    text += "index of dispersion";
    for (const auto& each : d.dispersion) text += fmt::format("  {:.2f} over {:.0f} s", each.index, each.window_s);
    text += "\n";
  }
  const auto line = [](const char* what, const serve::TokenStatistics& tokens) {
    return fmt::format("{:<9}{:>10.1f}{:>10.0f}{:>10.0f}{:>10.0f}{:>10}\n", what, tokens.mean, tokens.p50, tokens.p90,
                       tokens.p99, tokens.max);
  };
  text += fmt::format("{:<9}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "[tokens]", "mean", "p50", "p90", "p99", "max");
  text += line("prompt", d.prompt) + line("output", d.output);
  text += fmt::format("rank correlation of prompt and output {:.2f}\n", d.rank_correlation);
  text += fmt::format("reuse {:.2f} % of {} prompt blocks of {} tokens, {:.2f} % of the prompt tokens as full blocks\n",
                      100 * d.reuse.found / static_cast<double>(d.reuse.blocks), d.reuse.blocks, d.reuse.block_size,
                      100 * d.reuse.found_tokens / static_cast<double>(d.reuse.tokens));
  if (d.sessions > 0)
    text +=
        fmt::format("{} sessions, {:.2f} turns each in the mean, {} at most{}\n", d.sessions, d.mean_turns,
                    d.most_turns, d.waits ? "; later turns wait for answers, and are taken as early as can be" : "");
  return text;
}

int run(const Options& options, const Common& common) {
  if (!common.settings.empty()) throw core::UsageError("wordline serve workload: --set has nothing to change here");
  const auto catalog = core::Catalog::open(common.catalogs);
  auto workload = source_of(options.workload, catalog, common.seed.value_or(1));
  tell(workload.warnings, common);
  Copied source(std::move(workload.source), common.csv.has_value());
  const auto description = serve::describe(source, options.block_size);
  auto document = core::result_document("serve.workload", catalog);
  document["workload"] = workload.name;
  document["warnings"] = workload.warnings;
  document.update(serve::to_json(description));
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");
  if (common.csv) core::write_text(*common.csv, source.text);
  if (options.report) write_workload_report(*options.report, description, workload.name, catalog);
  write_result(common, document, words(description, workload.name));
  return core::exit_done;
}

}  // namespace

void add_serve_workload(Args& serve) {
  auto& args = serve.command("workload", "what a trace or a generator asks for: rate, burstiness, lengths, reuse");
  auto options = std::make_shared<Options>();
  args.positional("file", options->workload.traces, "as --trace");
  options->workload.add_to(args);
  args.option("--block-size", options->block_size, "tokens of a block whose reuse is counted");
  args.option("--report", options->report, "writes charts to this HTML file; it works offline").called("FILE.html");
  args.footer(
      "Examples: wordline serve workload azure2023_conv.csv.gz --report azure.html\n"
      "          wordline serve workload --lengths azure-conversation --turns geometric:5 --think 20 --request-rate 2");
  args.action([options, &common = args.common()] { return run(*options, common); });
}

}  // namespace wordline::cli
