// Published traces against what is known of them, where the reference data is at hand.
#include <gmock/gmock.h>

#include "azure.h"
#include "wordline/serve/workload/describe.h"
#include "wordline/serve/workload/servegen.h"

namespace wordline::serve {
namespace {

struct Known {
  const char* file;
  std::uint64_t requests;
  double span_s, rate, cv, prompt[3], output[3];  // mean, p50, p99
};

class Traces : public testing::TestWithParam<Known> {};

TEST_P(Traces, AreAsTheirTableSays) {
  const auto& known = GetParam();
  const auto file = reference() / "traces" / known.file;
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  const auto read = read_recorded(file);
  EXPECT_THAT(read.warnings, testing::IsEmpty());
  const auto source = source_of(read.workload);
  const auto d = describe(*source, 512);
  EXPECT_EQ(d.requests, known.requests);
  EXPECT_NEAR(d.span_s, known.span_s, 1);
  EXPECT_NEAR(d.rate, known.rate, 0.006);
  EXPECT_NEAR(d.gap_cv, known.cv, 0.006);
  const auto expect = [](const TokenStatistics& tokens, const double(&row)[3]) {
    EXPECT_NEAR(tokens.mean, row[0], 0.51);
    EXPECT_NEAR(tokens.p50, row[1], 0.51);
    EXPECT_NEAR(tokens.p99, row[2], 0.0005 * row[2] + 1);
  };
  expect(d.prompt, known.prompt);
  expect(d.output, known.output);
}

INSTANTIATE_TEST_SUITE_P(
    Reference, Traces,
    testing::Values(
        Known{"azure2023_conv.csv.gz", 19366, 3502, 5.53, 1.09, {1155, 1020, 4142}, {211, 129, 601}},
        Known{"azure2023_code.csv.gz", 8819, 3436, 2.57, 13.15, {2048, 1469, 7436}, {28, 13, 251}},
        Known{
            "mooncake_conversation_trace.jsonl.gz", 12031, 3537, 3.40, 3.03, {12035, 6909, 85400}, {343, 350, 1119}}));

TEST(MooncakeTrace, ThirtySevenPercentOfItsBlocksAreThereAlready) {
  const auto file = reference() / "traces/mooncake_conversation_trace.jsonl.gz";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  const auto read = read_recorded(file);
  const auto source = source_of(read.workload);
  const auto d = describe(*source, 512);
  EXPECT_EQ(d.reuse.blocks, 288500u);
  EXPECT_EQ(d.reuse.found, 105710);  // 36.64 %
  EXPECT_EQ(d.reuse.distinct_blocks, 182790);
}

TEST(ServegenPools, HaveTheRateThatTheirWindowsAddUpTo) {
  const auto folder = reference() / "traces";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  const auto pool = std::make_shared<const ServegenPool>(
      read_servegen({folder / "servegen_m-small_traces.tar.gz", folder / "servegen_m-small_datasets.tar.gz"}));
  EXPECT_EQ(pool->clients.size(), 38u);
  EXPECT_THAT(pool->warnings, testing::ElementsAre(testing::StartsWith("5 of 43 clients without lengths"),
                                                   testing::HasSubstr("of 0 tokens")));
  // A hundred seconds of the second day.
  const auto source = source_of(pool, {core::Seconds(129600), core::Seconds(100), 1}, 1);
  const auto d = describe(*source, 16);
  const double expected = pool->expected(129600, 129700);
  EXPECT_NEAR(static_cast<double>(d.requests), expected, 0.1 * expected);
}

TEST(MeasuredRuns, SharePrefixesOfSixteenTokens) {
  const auto file = reference() / "serving/sharegpt-llama-3.1-8b-300-sps10.jsonl.gz";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  const auto read = read_recorded(file);
  const auto source = source_of(read.workload);
  const auto d = describe(*source, 16);
  EXPECT_EQ(d.requests, 300u);
  // The table beside them: 5 to 8 % of the prompts' tokens are found.
  EXPECT_GT(d.reuse.found_tokens / static_cast<double>(d.reuse.tokens), 0.03);
  EXPECT_LT(d.reuse.found_tokens / static_cast<double>(d.reuse.tokens), 0.09);
}

}  // namespace
}  // namespace wordline::serve
