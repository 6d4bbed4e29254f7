#include "workload_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "wordline/core/error.h"
#include "wordline/serve/generate.h"
#include "wordline/serve/trace.h"

namespace wordline::cli {

namespace {

constexpr std::uint64_t drawn_by_default = 1000;

// The requests of a workload that it holds itself.
class Held final : public serve::RequestSource {
 public:
  explicit Held(serve::Workload workload) : workload_(std::move(workload)), source_(serve::source_of(workload_)) {}
  std::optional<serve::Request> next() override { return source_->next(); }
  std::uint64_t count() const override { return source_->count(); }
  bool waits() const override { return source_->waits(); }

 private:
  serve::Workload workload_;
  std::unique_ptr<serve::RequestSource> source_;
};

serve::Workload drawn(const WorkloadOptions& options, const core::Catalog& catalog, std::uint64_t seed) {
  if (!(options.burstiness > 0)) throw core::UsageError("--burstiness must be above 0");
  const auto model = serve::LengthModel::from_catalog(catalog, options.lengths);
  const auto count = static_cast<std::size_t>(options.num_prompts.value_or(drawn_by_default));
  auto out = serve::generate(model, {options.request_rate.value_or(1), 1 / std::sqrt(options.burstiness)}, count, seed);
  out.name = options.lengths;
  return out;
}

serve::Workload recorded(const WorkloadOptions& options) {
  if (options.traces.size() > 1) throw core::UsageError("--trace: one file is read");
  auto out = serve::read_trace(options.traces.front());
  if (options.num_prompts && *options.num_prompts < out.requests.size()) out.requests.resize(*options.num_prompts);
  if (!options.request_rate) return out;
  const double span = out.span().value();
  if (!(span > 0)) throw core::UsageError("--request-rate: all requests of this trace arrive at once");
  const double speed = *options.request_rate * span / static_cast<double>(out.requests.size() - 1);
  for (auto& request : out.requests) request.arrival = request.arrival / speed;
  return out;
}

}  // namespace

void WorkloadOptions::add_to(Args& args) {
  args.option("--trace", traces, "CSV: Azure's columns, or arrival_s,prompt_tokens,output_tokens").called("FILE");
  args.option("--lengths", lengths, "instead: lengths drawn from catalog/services").called("NAME");
  args.option("--request-rate", request_rate, "per second; 1 where drawn, as recorded in a trace").called("RATE");
  args.option("--burstiness", burstiness, "shape of the Gamma distributed gaps; 1 is Poisson");
  args.option("--num-prompts", num_prompts, "how many requests; 1000 where drawn").called("N");
}

NamedSource source_of(const WorkloadOptions& options, const core::Catalog& catalog, std::uint64_t seed) {
  if (options.traces.empty() == options.lengths.empty())
    throw core::UsageError("give either --trace FILE or --lengths NAME");
  if (options.request_rate && !(*options.request_rate > 0)) throw core::UsageError("--request-rate must be above 0");
  if (options.num_prompts && *options.num_prompts < 1) throw core::UsageError("--num-prompts must be 1 or more");
  serve::Workload workload = options.traces.empty() ? drawn(options, catalog, seed) : recorded(options);
  std::string name = workload.name;
  return {std::make_unique<Held>(std::move(workload)), std::move(name), {}};
}

void tell(const std::vector<std::string>& warnings, const Common& common) {
  if (common.quiet) return;
  for (const auto& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
}

}  // namespace wordline::cli
