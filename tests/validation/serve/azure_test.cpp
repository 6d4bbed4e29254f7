// The public Azure conversation trace: served whole on two deployments, and against the lengths that the catalogue
// ships.
#include <gmock/gmock.h>

#include "azure.h"
#include "wordline/core/statistics.h"
#include "wordline/serve/generate.h"

namespace wordline::serve {
namespace {

TEST_F(Azure, TraceHasItsPublishedTotals) {
  EXPECT_EQ(trace_.requests.size(), 19366u);
  EXPECT_EQ(trace_.output_tokens(), 4088665);
  EXPECT_EQ(trace_.prompt_tokens(), 22361870);
  EXPECT_NEAR(trace_.span().value(), 3502, 1);
}

core::Samples lengths(const Workload& workload, std::int32_t Request::*which) {
  core::Samples out;
  for (const auto& request : workload.requests) out.add(request.*which);
  return out;
}

// Mean of what a request holds of the KV cache over its life, times its life: what loads a server.
double mean_token_steps(const Workload& workload) {
  double sum = 0;
  for (const auto& r : workload.requests) sum += (r.prompt_tokens + 0.5 * r.output_tokens) * r.output_tokens;
  return sum / static_cast<double>(workload.requests.size());
}

TEST_F(Azure, GeneratedLengthsFollowTheTrace) {
  const auto model = LengthModel::from_catalog(core::Catalog::open(), "azure-conversation");
  const auto drawn = generate(model, {5.53, 1}, 200000, 1);
  for (const auto which : {&Request::prompt_tokens, &Request::output_tokens}) {
    const auto here = lengths(drawn, which), there = lengths(trace_, which);
    EXPECT_NEAR(here.mean(), there.mean(), 0.01 * there.mean());
    EXPECT_NEAR(here.deviation(), there.deviation(), 0.03 * there.deviation());
    for (const double p : {10, 25, 50, 75, 90, 95, 99})
      EXPECT_NEAR(here.percentile(p), there.percentile(p), 0.05 * there.percentile(p)) << p;
  }
  // Prompts and answers drawn apart would be 8 % off here.
  EXPECT_NEAR(mean_token_steps(drawn), mean_token_steps(trace_), 0.02 * mean_token_steps(trace_));
}

}  // namespace
}  // namespace wordline::serve
