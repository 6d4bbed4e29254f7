// Speculative decoding in whole runs: how many tokens a step gives, what it takes, and that nothing else changes it.
#include "wordline/serve/speculation.h"

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "servers.h"
#include "wordline/core/error.h"
#include "wordline/model/deployment.h"
#include "wordline/serve/draft_time.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

using testing::ElementsAre;

Speculation drafts(std::int32_t count, std::vector<double> acceptance, double spread = 0) {
  Speculation out;
  out.method = "ngram";
  out.num_speculative_tokens = count;
  out.acceptance = std::move(acceptance);
  out.spread = spread;
  return out;
}

Server server_for(const Speculation& speculation, std::int64_t kv_blocks) {
  Server server = linear_server(kv_blocks);
  server.decode_queries = speculation.queries();
  return server;
}

Result run_with(const Speculation& speculation, const Workload& workload, const RunOptions& options = {},
                bool asynchronous = false) {
  Engine engine = small_engine(8, 512, 16, asynchronous);
  engine.speculation = speculation;
  return run(server_for(speculation, 2000), engine, workload, options);
}

Workload equal_requests(std::size_t count, std::int32_t output) {
  Workload out{"equal", {}};
  for (std::size_t i = 0; i < count; ++i) out.requests.push_back({core::Seconds(0), 20, output});
  return out;
}

double geometric(double rate, int count) {
  return rate == 1 ? count + 1 : (1 - std::pow(rate, count + 1)) / (1 - rate);
}

// Leviathan et al. 2023, equation 1: with drafts accepted independently a step gives (1 - a^(k+1)) / (1 - a) tokens.
TEST(Speculation, GivesTheExpectedTokensAStep) {
  for (const auto& [rate, count] : {std::pair{0.8, 3}, {0.6, 5}, {0.9, 1}, {0.3, 2}}) {
    SCOPED_TRACE(rate);
    const Result result = run_with(drafts(count, {rate}), equal_requests(200, 1000));
    const SpeculationCounts& counts = *result.speculation;
    // A draft is counted whole where the answer ends in it, so that ends change no mean; the sampling error is that of
    // as many independent numbers of 0 to k.
    const double error = 4 * (count / 2.0) / std::sqrt(static_cast<double>(counts.num_drafts));
    EXPECT_NEAR(counts.acceptance_length(), geometric(rate, count), error);
    EXPECT_GT(counts.num_drafts, 40000u);
    EXPECT_EQ(counts.num_draft_tokens, counts.num_drafts * static_cast<std::uint64_t>(count));
    for (int i = 0; i < count; ++i)
      EXPECT_NEAR(counts.acceptance_rate_per_pos()[static_cast<std::size_t>(i)], std::pow(rate, i + 1), 0.02);
    EXPECT_EQ(result.total_output_tokens, 200 * 1000);
  }
}

TEST(Speculation, RatesByPositionMakeAnyDistribution) {
  // 0, 1, 2 or 3 drafts accepted with probability 1/4 each.
  const Result result = run_with(drafts(3, {0.75, 2.0 / 3, 0.5}), equal_requests(100, 1000));
  EXPECT_NEAR(result.speculation->acceptance_length(), 2.5, 0.03);
  EXPECT_THAT(
      result.speculation->acceptance_rate_per_pos(),
      ElementsAre(testing::DoubleNear(0.75, 0.01), testing::DoubleNear(0.5, 0.01), testing::DoubleNear(0.25, 0.01)));
  EXPECT_NEAR(Acceptance(drafts(3, {0.75, 2.0 / 3, 0.5})).mean(), 1.5, 1e-12);
}

TEST(Speculation, WithoutAnyAcceptedEachStepGivesOneTokenWithAllKPlusOne) {
  const Workload workload = equal_requests(8, 41);
  EXPECT_EQ(run_with(drafts(3, {0}), workload).steps, 41u);
  EXPECT_EQ(run_with(drafts(3, {1}), workload).steps, 11u);  // the first token comes with the prompt
  EXPECT_EQ(run_with(drafts(3, {1}), workload).speculation->acceptance_length(), 4);
}

TEST(Speculation, ASpreadLeavesTheMeanRateOfTheFirstDraft) {
  // Each request verifies about as often, so that requests count alike: 40 steps of 1 draft.
  const Speculation varied = drafts(1, {0.7}, 2);
  const Acceptance acceptance(varied);
  double sum = 0, squares = 0;
  constexpr int requests = 4000;
  for (std::uint64_t id = 0; id < requests; ++id) {
    const double rate = acceptance.rate_of(id);
    sum += rate, squares += rate * rate;
  }
  const double mean = sum / requests, variance = squares / requests - mean * mean;
  EXPECT_NEAR(mean, 0.7, 0.015);
  EXPECT_NEAR(variance, 0.7 * 0.3 / 3, 0.005);  // of the Beta law: m (1 - m) / (1 + its parameters' sum)
  EXPECT_NEAR(Acceptance(drafts(2, {0.7}, 2)).mean(), 0.7 + 0.7 * (1.4 + 1) / 3, 1e-12);
}

TEST(Speculation, ADrawDependsOnSeedRequestAndStepAlone) {
  Speculation one = drafts(4, {0.7});
  const Acceptance acceptance(one);
  one.seed = 2;
  const Acceptance other(one);
  int differ_by_seed = 0, differ_by_request = 0, differ_by_step = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(acceptance.accepted(3, i, 0), acceptance.accepted(3, i, 0));
    differ_by_seed += acceptance.accepted(3, i, 0) != other.accepted(3, i, 0);
    differ_by_request += acceptance.accepted(3, i, 0) != acceptance.accepted(4, i, 0);
    differ_by_step += acceptance.accepted(3, i, 0) != acceptance.accepted(3, i + 1, 0);
  }
  EXPECT_GT(differ_by_seed, 30);
  EXPECT_GT(differ_by_request, 30);
  EXPECT_GT(differ_by_step, 30);
}

TEST(Speculation, ThreadsChangeNothing) {
  const Workload workload = random_workload(5, 300, 80, 0.01);
  RunOptions options;
  options.replicas = 3;
  const auto one = run_with(drafts(3, {0.8, 0.5}), workload, options, true);
  options.threads = 2;
  const auto two = run_with(drafts(3, {0.8, 0.5}), workload, options, true);
  EXPECT_EQ(to_json(one).dump(), to_json(two).dump());
  EXPECT_EQ(requests_csv(one), requests_csv(two));
}

TEST(Speculation, AGapIsBetweenDeliveries) {
  // Steps of one second: the prompt's, then 4, 4 and 2 tokens at once.
  Engine engine = small_engine(1, 64, 16);
  engine.speculation = drafts(3, {1});
  Server server = one_second_server(100);
  server.decode_queries = 4;
  const Result result = run(server, engine, {"one", {{core::Seconds(0), 5, 11}}});
  EXPECT_EQ(result.steps, 4u);
  EXPECT_DOUBLE_EQ(result.itl.mean.value(), 1);
  EXPECT_DOUBLE_EQ(result.served[0].max_itl.value(), 1);
  EXPECT_DOUBLE_EQ(result.served[0].tpot().value(), 0.3);
  EXPECT_DOUBLE_EQ(result.mean_batch_size, 1);
}

TEST(Speculation, WhoIsPassedOverWaitsLonger) {
  // A budget for one sequence's drafts: the second one stands still while the first is answered.
  Engine engine = small_engine(2, 4, 16);
  engine.speculation = drafts(3, {1});
  Server server = one_second_server(100);
  server.decode_queries = 4;
  const Result result = run(server, engine, {"two", {{core::Seconds(0), 2, 9}, {core::Seconds(0), 2, 9}}});
  EXPECT_DOUBLE_EQ(result.served[0].max_itl.value(), 1);
  EXPECT_DOUBLE_EQ(result.served[1].max_itl.value(), 3);
  EXPECT_DOUBLE_EQ(result.itl.max.value(), 3);
}

TEST(Speculation, TheDraftModelRunsOnceOverTheTokensAndThenOneByOne) {
  const model::StepShape shape{2, 100, {{7, 3}, {2, 20, true}}, 0, 4, 4};
  const auto passes = draft_passes(shape, 3, 1.5);
  ASSERT_EQ(passes.size(), 3u);
  EXPECT_EQ(passes[0].decode_queries, 5);  // rejected ones included, and the new token
  EXPECT_EQ(passes[0].tokens(), 2 * 5 + 8 + 3);
  EXPECT_EQ(passes[0].logits_rows(), 4);
  for (std::int64_t i = 1; i < 3; ++i) {
    const auto& pass = passes[static_cast<std::size_t>(i)];
    EXPECT_EQ(pass.decode_sequences, 4);
    EXPECT_EQ(pass.tokens(), 4);
    // 50 + 1 + 1.5 of each sequence, the prompt's 10, of the one that was cut 20 and both its tokens; then the new
    // token and the drafts before.
    EXPECT_EQ(pass.decode_context_tokens, 2 * 50 + 5 + 10 + 22 + 4 * i);
  }
}

TEST(Speculation, ItsTimeAndEnergyAddUp) {
  const StepTime target = [](const model::StepShape& shape) { return lasting(static_cast<double>(shape.tokens())); };
  const StepTime draft = [](const model::StepShape& shape) {
    return lasting(static_cast<double>(shape.tokens() + shape.padding) / 64);
  };
  const StepTime both = with_draft(target, draft, 3, 1, [](std::int64_t tokens) { return tokens == 10 ? 6 : 0; });
  const model::StepCost cost = both({2, 100, {}, 0, 4, 4});
  const double seconds = 8 + (16 + 2 + 2) / 64.0;
  EXPECT_DOUBLE_EQ(cost.time.value(), seconds);
  EXPECT_DOUBLE_EQ(cost.joules.value(), 10 * seconds);
  EXPECT_DOUBLE_EQ(cost.by_bound[static_cast<std::size_t>(chip::Bound::dram)].value(), seconds);
}

TEST(Speculation, GraphsAreOfWholeSequences) {
  EXPECT_EQ(graph_tokens(3, 512, 1), 4);
  EXPECT_EQ(graph_tokens(3, 512, 3), 3);      // 1 and 2 become 3
  EXPECT_EQ(graph_tokens(6, 512, 3), 6);      // 4
  EXPECT_EQ(graph_tokens(12, 512, 3), 18);    // 9 is 8's; 16's
  EXPECT_EQ(graph_tokens(505, 512, 3), 505);  // 512's would be 513: none
  EXPECT_EQ(graph_tokens(500, 512, 4), 512);
}

TEST(Speculation, RefusesWhatContradictsItself) {
  const auto refused = [](const Speculation& s) { EXPECT_THROW(check(s), core::InputError); };
  EXPECT_NO_THROW(check(Speculation{}));
  EXPECT_NO_THROW(check(drafts(3, {0.8, 0.7, 0.6})));
  refused(drafts(0, {0.8}));
  refused(drafts(129, {0.8}));
  refused(drafts(3, {}));
  refused(drafts(3, {1.1}));
  refused(drafts(3, {-0.1}));
  refused(drafts(1, {0.8, 0.7}));
  refused(drafts(2, {0.8, 0.7}, 4));
  refused(drafts(2, {1}, 4));
  Speculation without = drafts(3, {0.8});
  without.method = "draft-model";
  refused(without);
  without.method = "medusa";
  refused(without);
  without.method = "";
  refused(without);
}

TEST(Speculation, IsOfVllmAlone) {
  Engine engine = small_engine(2, 64, 16);
  engine.speculation = drafts(3, {0.8});
  EXPECT_NO_THROW(check(engine));
  engine.policy = "sglang";
  EXPECT_THROW(check(engine), core::InputError);
  engine.policy = "vllm-v1";
  engine.speculation.method = "draft-model";
  engine.speculation.draft = std::make_shared<const model::Deployment>();
  EXPECT_EQ(scheduled_tokens(engine), 62);  // a token of each sequence in the draft's first pass
  engine.max_num_batched_tokens = 2;
  EXPECT_THROW(check(engine), core::InputError);
}

TEST(Speculation, CountsMerge) {
  SpeculationCounts a, b;
  b.num_accepted_tokens_per_pos.resize(2);
  b.add(2, 1);
  a.merge(b);
  a.merge(b);
  EXPECT_EQ(a.num_drafts, 2u);
  EXPECT_EQ(a.num_draft_tokens, 4u);
  EXPECT_THAT(a.num_accepted_tokens_per_pos, ElementsAre(2u, 0u));
  EXPECT_DOUBLE_EQ(a.acceptance_length(), 2);
}

}  // namespace
}  // namespace wordline::serve
