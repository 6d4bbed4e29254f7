// Generated workloads: their distributions, and that a seed means the same requests everywhere.
#include <gmock/gmock.h>

#include "wordline/core/document.h"
#include "wordline/core/error.h"
#include "wordline/core/statistics.h"
#include "wordline/serve/generate.h"

namespace wordline::serve {
namespace {

core::Samples gaps(const Workload& workload) {
  core::Samples out;
  for (std::size_t i = 1; i < workload.requests.size(); ++i)
    out.add((workload.requests[i].arrival - workload.requests[i - 1].arrival).value());
  return out;
}

TEST(Generate, ArrivalsHaveTheRateAndTheVariationAskedFor) {
  const auto lengths = LengthModel::fixed(10, 20);
  for (const double cv : {0.5, 1.0, 3.0}) {
    const auto found = gaps(generate(lengths, {4, cv}, 100000, 1));
    EXPECT_NEAR(found.mean(), 0.25, 0.25 * 0.03) << cv;
    EXPECT_NEAR(found.deviation() / found.mean(), cv, cv * 0.03) << cv;
  }
}

TEST(Generate, AnotherRateOnlyStretchesTime) {
  const auto lengths = LengthModel::from_catalog(core::Catalog::open(), "azure-conversation");
  const auto slow = generate(lengths, {1, 1}, 500, 42), fast = generate(lengths, {4, 1}, 1000, 42);
  for (std::size_t i = 0; i < slow.requests.size(); ++i) {
    EXPECT_EQ(slow.requests[i].arrival.value(), 4 * fast.requests[i].arrival.value());
    EXPECT_EQ(slow.requests[i].prompt_tokens, fast.requests[i].prompt_tokens);
    EXPECT_EQ(slow.requests[i].output_tokens, fast.requests[i].output_tokens);
  }
  EXPECT_NE(generate(lengths, {1, 1}, 500, 43).requests, slow.requests);
}

TEST(Generate, RefusesRatesThatNothingCanHave) {
  const auto lengths = LengthModel::fixed(1, 1);
  EXPECT_THROW(generate(lengths, {0, 1}, 10, 1), core::InputError);
  EXPECT_THROW(generate(lengths, {1, 0}, 10, 1), core::InputError);
  EXPECT_THROW(generate(lengths, {1e-6, 1}, 10, 1), core::InputError);
}

TEST(TokenQuantiles, AreLinearBetweenTheirPoints) {
  const TokenQuantiles quantiles({0, 0.5, 1}, {1, 11, 111});
  EXPECT_EQ(quantiles.at(0), 1);
  EXPECT_EQ(quantiles.at(0.25), 6);
  EXPECT_EQ(quantiles.at(0.5), 11);
  EXPECT_EQ(quantiles.at(0.75), 61);
  EXPECT_EQ(quantiles.at(1), 111);
  EXPECT_DOUBLE_EQ(quantiles.mean(), 0.5 * 6 + 0.5 * 61);
}

TEST(LengthModel, AzureConversationsHaveTheMeansThatTheFileStates) {
  const auto lengths = LengthModel::from_catalog(core::Catalog::open(), "azure-conversation");
  EXPECT_NEAR(lengths.mean_prompt_tokens(), 1158.6, 0.1);
  EXPECT_NEAR(lengths.mean_output_tokens(), 211.8, 0.1);
}

LengthModel read(const std::string& text) {
  const auto document = core::parse_toml(text, "lengths.toml");
  return LengthModel::read(core::Reader(document));
}

TEST(LengthModel, SamplesTheAnswerFromThePromptsBand) {
  const auto lengths = read(R"(
[prompt]
probabilities = [0, 1]
tokens = [1, 1000]
[[output]]
prompts_up_to = 0.5
probabilities = [0, 1]
tokens = [7, 7]
[[output]]
prompts_up_to = 1
probabilities = [0, 1]
tokens = [9, 9]
)");
  core::Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const auto [prompt, output] = lengths.sample(random);
    EXPECT_EQ(output, prompt < 500 ? 7 : prompt > 501 ? 9 : output);
  }
}

TEST(LengthModel, NamesThePlaceOfWhatIsWrong) {
  const auto message = [](const std::string& probabilities, const std::string& tokens, const std::string& up_to) {
    try {
      read("[prompt]\nprobabilities = " + probabilities + "\ntokens = " + tokens +
           "\n[[output]]\nprompts_up_to = " + up_to + "\nprobabilities = [0, 1]\ntokens = [1, 2]\n");
    } catch (const core::InputError& error) {
      return std::string(error.what());
    }
    return std::string("read without a word");
  };
  EXPECT_THAT(message("[0, 0.5]", "[1, 2]", "1"), testing::HasSubstr("lengths.toml:2"));
  EXPECT_THAT(message("[0, 1]", "[3, 2]", "1"), testing::HasSubstr("lengths.toml:3"));
  EXPECT_THAT(message("[0, 1]", "[0, 2]", "1"), testing::HasSubstr("lengths.toml:3"));
  EXPECT_THAT(message("[0, 1]", "[1]", "1"), testing::HasSubstr("lengths.toml:3"));
  EXPECT_THAT(message("[0, 1]", "[1, 2]", "0.9"), testing::HasSubstr("prompts_up_to is 1"));
  EXPECT_EQ(message("[0, 1]", "[1, 2]", "1"), "read without a word");
}

}  // namespace
}  // namespace wordline::serve
