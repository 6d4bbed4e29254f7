#include "wordline/plan/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "wordline/core/files.h"

namespace {

using namespace wordline;
using testing::HasSubstr;

const std::string example = std::string(WORDLINE_SOURCE_DIR) + "/examples/01_four_million_subscribers/scenario.toml";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

plan::Scenario read(const std::string& text) {
  return plan::read_scenario(core::parse_toml(text, "scenario.toml"), core::Catalog::open());
}

// What the example says when one piece of it is replaced by a broken one.
std::string complaint(const std::string& from, const std::string& to) {
  try {
    read(replaced(core::read_text(example), from, to));
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "no complaint";
}

TEST(Scenario, TheExampleReads) {
  const auto scenario = read(core::read_text(example));
  EXPECT_EQ(scenario.models.size(), 2u);
  EXPECT_GE(scenario.candidates.size(), 20u);
  EXPECT_EQ(scenario.memory_steps.size(), 3u);
  EXPECT_EQ(scenario.cost_choice, "rent");
  EXPECT_NEAR(plan::demand_of(scenario.service).burst.value(), 565, 0.5);
  for (const auto& fact : scenario.facts) {
    EXPECT_FALSE(fact.source.empty()) << fact.path;
    EXPECT_FALSE(fact.path.starts_with("models")) << fact.path;
  }
}

TEST(Scenario, OverridesTakeThePlaceOfPrices) {
  core::Value document = core::read_document(example);
  core::set_value(document, "cost.override.pue=1.2");
  const auto scenario = plan::read_scenario(document, core::Catalog::open());
  EXPECT_EQ(scenario.prices.pue, core::exactly(1.2));
  const auto pue =
      std::find_if(scenario.facts.begin(), scenario.facts.end(), [](const auto& f) { return f.path == "pue"; });
  ASSERT_NE(pue, scenario.facts.end());
  EXPECT_EQ(pue->kind, "assumed");
  EXPECT_EQ(pue->source, "the scenario");
}

TEST(Scenario, ComplaintsNameThePlaceAndTheNearestName) {
  EXPECT_THAT(complaint("subscribers = 4_000_000", "subscriber = 4_000_000"),
              AllOf(HasSubstr("scenario.toml:"), HasSubstr("subscribers")));
  EXPECT_THAT(complaint("\"h200-sxm\"", "\"h20-sxm\""), AllOf(HasSubstr("scenario.toml:"), HasSubstr("h200-sxm")));
  EXPECT_THAT(complaint("choice = \"rent\"", "choice = \"rnt\""),
              AllOf(HasSubstr("scenario.toml:"), HasSubstr("rent")));
  EXPECT_THAT(complaint("prices = \"korea-2026\"", "prices = \"korea-2025\""),
              AllOf(HasSubstr("scenario.toml:"), HasSubstr("korea-2026")));
  EXPECT_THAT(complaint("\"azure-conversation\"", "\"azure-conversations\""),
              AllOf(HasSubstr("scenario.toml:"), HasSubstr("azure-conversation")));
  EXPECT_THAT(complaint("[\"bf16\", \"fp8\"]", "[\"bf16\", \"fp9\"]"),
              AllOf(HasSubstr("scenario.toml:"), HasSubstr("fp8")));
  EXPECT_THAT(complaint("name = \"llama-3.1-8b\"", "name = \"llama-3.1-9b\""),
              AllOf(HasSubstr("scenario.toml:"), HasSubstr("llama-3.1-8b")));
  EXPECT_THAT(complaint("p99_tpot = \"100 ms\"", "p99_tpot = \"100 msec\""),
              AllOf(HasSubstr("scenario.toml:"), HasSubstr("ms")));
}

TEST(Scenario, ImpossibleMachinesAreRefused) {
  EXPECT_THAT(complaint("tp = [2, 4, 8]", "tp = [2, 4, 16]"), AllOf(HasSubstr("tp = 16"), HasSubstr("at most 8")));
  EXPECT_THAT(complaint("tp = [2, 4, 8]", "tp = [0]"), HasSubstr("from 1"));
  EXPECT_THAT(complaint("tp = [2, 4, 8]", "tp = [2, 2]"), HasSubstr("a second time"));
  EXPECT_THAT(complaint("tp = [2, 4, 8]", "tp = []"), HasSubstr("at least one"));
  EXPECT_THAT(complaint("memory_of = \"h200-sxm\"", "memory_of = \"h2000-sxm\""), HasSubstr("h200-sxm"));
  EXPECT_THAT(complaint("model = \"llama-3.1-70b\"\ntp = 4", "model = \"llama-70b\"\ntp = 4"),
              HasSubstr("one of the models above"));
}

TEST(Scenario, TheHostIsOneOfTheCatalogues) {
  const auto at = [](const std::string& host) { return "[engine]\nhost = \"" + host + "\"\n[simulation]\n"; };
  EXPECT_THAT(complaint("[simulation]\n", at("vlm-0.19")),
              AllOf(HasSubstr("scenario.toml:"), HasSubstr("\"vllm-0.19\"")));
  const auto scenario = read(replaced(core::read_text(example), "[simulation]\n", at("vllm-0.19")));
  EXPECT_GT(scenario.engine.host.step, 0);
}

TEST(Scenario, UnknownKeysAreRefusedEverywhere) {
  for (const char* table :
       {"[service]\n", "[slo]\n", "[fleet]", "[cost]\n", "[simulation]\n", "[[models]]\n", "[[models.candidates]]\n"})
    EXPECT_THAT(complaint(table, std::string(table) + "\nsurprise = 1\n"),
                AllOf(HasSubstr("surprise"), HasSubstr("scenario.toml:")))
        << table;
}

TEST(Scenario, NumbersNeedASource) {
  EXPECT_THAT(complaint("source = \"chosen for this example\"\n", ""), HasSubstr("without a source"));
}

}  // namespace
