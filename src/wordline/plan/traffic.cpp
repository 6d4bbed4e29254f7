#include "wordline/plan/traffic.h"

#include <algorithm>

#include "wordline/serve/generate.h"

namespace wordline::plan {

namespace {

constexpr auto longest = core::days(1);

}  // namespace

double Traffic::mean_prompt_tokens() const {
  if (!trace) return lengths.mean_prompt_tokens();
  return static_cast<double>(trace->prompt_tokens()) / static_cast<double>(trace->requests.size());
}

double Traffic::mean_output_tokens() const {
  if (!trace) return lengths.mean_output_tokens();
  return static_cast<double>(trace->output_tokens()) / static_cast<double>(trace->requests.size());
}

serve::Workload Traffic::at(double rate, std::size_t count) const {
  if (!trace) return serve::generate(lengths, {rate, arrival_cv}, count, seed);
  serve::Workload out = *trace;
  const double all = static_cast<double>(out.requests.size());
  if (all / rate > longest.value()) out.requests.resize(std::min(count, out.requests.size()));
  const double own = all / std::max(trace->span().value(), 1e-9);
  for (auto& request : out.requests) request.arrival *= own / rate;
  return out;
}

}  // namespace wordline::plan
