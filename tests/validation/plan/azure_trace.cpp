// A plan tried with the real Azure conversations instead of the distributions fitted to them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "wordline/plan/plan.h"
#include "wordline/serve/generate.h"
#include "wordline/serve/trace.h"

namespace {

using namespace wordline;

std::filesystem::path reference() {
  if (const char* set = std::getenv("WORDLINE_REFERENCE")) return set;
  return std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference";
}

constexpr auto question = R"(
title = "Azure"
source = "this test"
kind = "assumed"
[service]
name = "test"
subscribers = 4_000_000
active_share = 1.0
requests_per_active_subscriber_and_day = 3.7
peak_hour_factor = 1.46
burst_factor = 3.3
lengths = "azure-conversation"
[slo]
p99_ttft = "2 s"
p99_tpot = "100 ms"
[fleet]
replicas_per_spare = 10
[cost]
choice = "rent"
prices = "korea-2026"
[simulation]
precision = 0.05
[[models]]
name = "llama-3.1-70b"
[[models.candidates]]
chips = ["h100-sxm"]
tp = [4]
weights = ["bf16"]
)";

// The trace's lengths, coming as a Poisson process.
std::shared_ptr<const serve::Workload> without_bursts(const serve::Workload& trace, const serve::LengthModel& lengths) {
  auto out = std::make_shared<serve::Workload>(serve::generate(lengths, {5.5, 1}, trace.requests.size(), 1));
  for (std::size_t i = 0; i < trace.requests.size(); ++i) {
    out->requests[i].prompt_tokens = trace.requests[i].prompt_tokens;
    out->requests[i].output_tokens = trace.requests[i].output_tokens;
  }
  return out;
}

// The fitted lengths stand for the real ones: the same rate within a fifth (they lack their order). Real arrivals come
// in bursts that a Poisson process lacks: they cost a replica more, but not half of its rate.
TEST(SlowAzureTrace, FittedLengthsPlanAsRealOnesAndBurstsCostMore) {
  const auto file = reference() / "traces/azure2023_conv.csv.gz";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no reference data at " << file;
  const auto trace = std::make_shared<const serve::Workload>(serve::read_trace(file));
  ASSERT_EQ(trace->requests.size(), 19366u);
  ASSERT_EQ(trace->output_tokens(), 4088665);

  const auto catalog = core::Catalog::open();
  const auto scenario = plan::read_scenario(core::parse_toml(question, "azure.toml"), catalog);
  const auto drawn = plan::make_plan(scenario, catalog);
  const auto lengths = plan::make_plan(scenario, catalog, {0, without_bursts(*trace, scenario.lengths)});
  const auto real = plan::make_plan(scenario, catalog, {0, trace});
  EXPECT_NEAR(real.mean_output_tokens, 4088665 / 19366.0, 1e-9);
  const auto rate = [](const plan::Plan& plan) { return plan.outcomes.at(0).replica.max_rps; };
  RecordProperty("drawn_rps", std::to_string(rate(drawn)));
  RecordProperty("real_lengths_rps", std::to_string(rate(lengths)));
  RecordProperty("real_rps", std::to_string(rate(real)));
  EXPECT_EQ(real.outcomes[0].replica.at.completed, 19366u);
  EXPECT_NEAR(rate(lengths) / rate(drawn), 1, 0.2);
  EXPECT_LT(rate(real), rate(lengths));
  EXPECT_GT(rate(real), 0.5 * rate(lengths));
}

}  // namespace
