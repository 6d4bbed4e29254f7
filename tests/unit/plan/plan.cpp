#include "wordline/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "wordline/core/result.h"
#include "wordline/plan/output.h"
#include "wordline/plan/words.h"

namespace {

using namespace wordline;
using testing::HasSubstr;

constexpr auto small = R"(
title = "Small"
source = "this test"
kind = "assumed"
[service]
name = "test"
subscribers = 400_000
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
min_requests = 100
max_requests = 100
precision = 0.1
[[models]]
name = "llama-3.1-8b"
[[models.candidates]]
chips = ["h100-sxm", "xeon-6980p-rdimm-6400"]
tp = [1]
weights = ["bf16"]
[[memory_steps]]
chip = "xeon-6980p-rdimm-6400"
memory_of = "xeon-6980p-mcr-8800"
model = "llama-3.1-8b"
tp = 1
weights = "bf16"
)";

struct Made {
  plan::Plan plan;
  std::string json, report;
};

Made make(const std::string& setting, unsigned threads) {
  const auto catalog = core::Catalog::open();
  core::Value document = core::parse_toml(small, "small.toml");
  if (!setting.empty()) core::set_value(document, setting);
  Made made;
  made.plan = plan::make_plan(plan::read_scenario(document, catalog), catalog, {threads, nullptr});
  made.json = core::to_text(plan::to_json(made.plan, catalog));
  made.report = core::to_text(plan::report_of(made.plan, catalog));
  return made;
}

// The plan without changes, made once.
const Made& plain() {
  static const Made made = make("", 0);
  return made;
}

TEST(Plan, SameBytesOnAnyNumberOfThreads) {
  const auto one = make("", 1);
  const auto three = make("", 3);
  EXPECT_EQ(one.json, three.json);
  EXPECT_EQ(one.report, three.report);
  EXPECT_EQ(plan::to_csv(one.plan), plan::to_csv(three.plan));
}

TEST(Plan, HasTheKeysThatOthersScript) {
  const auto json = nlohmann::json::parse(plain().json);
  ASSERT_EQ(json["candidates"].size(), 2u);
  for (const char* key : {"chip", "tp", "dtype", "fits", "max_rps", "replicas", "chips", "kw", "usd_month",
                          "usd_per_mtok", "krw_per_mtok", "binds", "p99_ttft_ms", "p99_tpot_ms"})
    EXPECT_TRUE(json["candidates"][0].contains(key)) << key;
  const auto& best = json["candidates"][0];
  EXPECT_LE(best["usd_per_mtok"]["low"], best["usd_per_mtok"]["mid"]);
  EXPECT_LE(best["usd_per_mtok"]["mid"], best["usd_per_mtok"]["high"]);
  EXPECT_LE(best["p99_ttft_ms"], 2000);
  EXPECT_LE(best["p99_tpot_ms"], 100);
  EXPECT_EQ(best["chips"].get<int>(), best["replicas"].get<int>() * best["tp"].get<int>());
  EXPECT_EQ(json["memory_steps"].size(), 1u);
}

TEST(Plan, BetterMemoryIsNeverWorse) {
  const Made& made = plain();
  const auto& variants = made.plan.steps.at(0).variants;
  ASSERT_EQ(variants.size(), 4u);
  const double base = variants[0].outcome.replica.max_rps;
  ASSERT_GT(base, 0);
  for (const auto& variant : variants) EXPECT_GE(variant.outcome.replica.max_rps, 0.95 * base) << variant.name;
  EXPECT_GT(variants[1].peak, variants[0].peak);
  EXPECT_EQ(variants[1].capacity, variants[0].capacity);
  EXPECT_EQ(variants[2].peak, variants[0].peak);
}

TEST(Plan, ImpossiblePromisesAreToldWithTheBestThatCanBeReached) {
  const auto made = make("slo.p99_tpot=\"1 us\"", 0);
  EXPECT_FALSE(made.plan.possible());
  for (const auto& outcome : made.plan.outcomes) {
    EXPECT_EQ(outcome.replica.binds, "SLO");
    EXPECT_GT(outcome.replica.at.tpot.p99, core::microseconds(1));
  }
  EXPECT_THAT(plan::headline(made.plan), HasSubstr("No candidate"));
}

TEST(Plan, TheKernelsOfATokenAddUpToItsTime) {
  const Made& made = plain();
  const auto& best = made.plan.outcomes.at(0);
  core::Seconds sum = best.account.waiting;
  for (const auto& line : best.account.lines) sum += line.time;
  const auto& at = best.replica.at;
  EXPECT_NEAR(sum.value(), at.duration.value() / static_cast<double>(at.total_output_tokens), 1e-9);
}

TEST(Plan, LessLoadedReplicasAnswerSoonerAndCostMore) {
  const Made& made = plain();
  const auto& curve = made.plan.outcomes.at(0).curve;
  ASSERT_GE(curve.size(), 3u);
  EXPECT_LT(curve.front().p99_tpot, curve.back().p99_tpot);
  EXPECT_GT(curve.front().usd_per_mtok.mid, curve.back().usd_per_mtok.mid);
}

}  // namespace
