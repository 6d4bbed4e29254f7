// Whole runs: latencies by hand, conservation, queueing theory, the same bytes on any number of threads.
#include "wordline/serve/run.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "servers.h"
#include "wordline/core/error.h"
#include "wordline/serve/generate.h"

namespace wordline::serve {
namespace {

Workload at(std::vector<Request> requests) { return {"by hand", std::move(requests)}; }

TEST(Run, TimesTokensFromArrival) {
  // One-second steps. Request 0 comes at 0: prefill ends at 1, two more tokens at 2 and 3. Request 1 comes at 0.5,
  // joins the step that begins at 1, has its first token at 2 and its second at 3.
  const auto result = run(one_second_server(100), small_engine(4, 64, 16),
                          at({{core::Seconds(0), 10, 3}, {core::Seconds(0.5), 10, 2}}));
  ASSERT_EQ(result.served.size(), 2u);
  EXPECT_DOUBLE_EQ(result.served[0].ttft.value(), 1);
  EXPECT_DOUBLE_EQ(result.served[0].tpot().value(), 1);
  EXPECT_DOUBLE_EQ(result.served[0].e2el.value(), 3);
  EXPECT_DOUBLE_EQ(result.served[1].ttft.value(), 1.5);
  EXPECT_DOUBLE_EQ(result.served[1].e2el.value(), 2.5);
  EXPECT_DOUBLE_EQ(result.served[0].queue.value(), 0);
  EXPECT_DOUBLE_EQ(result.served[1].queue.value(), 0.5);
  EXPECT_DOUBLE_EQ(result.queue.mean.value(), 0.25);
  EXPECT_DOUBLE_EQ(result.duration.value(), 3);
  EXPECT_EQ(result.steps, 3u);
  EXPECT_EQ(result.total_output_tokens, 5);
  EXPECT_DOUBLE_EQ(result.output_throughput, 5.0 / 3);
  EXPECT_DOUBLE_EQ(result.mean_batch_size, 5.0 / 3);
  EXPECT_DOUBLE_EQ(result.energy.value(), 30);
  EXPECT_DOUBLE_EQ(result.utilization, 1);
  EXPECT_DOUBLE_EQ(result.time_share_by_bound.at("dram"), 1);
}

TEST(Run, AnAsynchronousEngineTakesANewRequestOneStepLater) {
  // The step from 1 to 2 was planned at 0, when request 1 had not come.
  const auto result = run(one_second_server(100), small_engine(4, 64, 16, true),
                          at({{core::Seconds(0), 10, 5}, {core::Seconds(0.5), 10, 2}}));
  EXPECT_DOUBLE_EQ(result.served[0].e2el.value(), 5);
  EXPECT_DOUBLE_EQ(result.served[1].ttft.value(), 2.5);
}

TEST(Run, AnAsynchronousEngineStartsAtOnceWhenIdle) {
  const auto result = run(one_second_server(100), small_engine(4, 64, 16, true),
                          at({{core::Seconds(7), 10, 2}, {core::Seconds(20), 1, 1}}));
  EXPECT_DOUBLE_EQ(result.served[0].ttft.value(), 1);
  EXPECT_DOUBLE_EQ(result.served[1].ttft.value(), 1);
  EXPECT_DOUBLE_EQ(result.duration.value(), 14);
  EXPECT_DOUBLE_EQ(result.energy.value(), 3 * 10 + 11 * 1);  // three steps, idle for the rest
}

TEST(Run, APreemptionStretchesOneGapBetweenTokens) {
  // As VllmV1.PreemptsTheLastAdmittedAndRecomputesWhatItHad: request 1 has tokens at 1 and 2, then at 7 to 10.
  const auto result = run(one_second_server(with_null_block(4)), small_engine(2, 16, 4),
                          at({{core::Seconds(0), 7, 6}, {core::Seconds(0), 7, 6}}));
  EXPECT_EQ(result.preemptions, 1u);
  EXPECT_DOUBLE_EQ(result.served[1].e2el.value(), 10);
  EXPECT_DOUBLE_EQ(result.itl.mean.value(), (9.0 * 1 + 5) / 10);
  EXPECT_NEAR(result.itl.max.value(), 5, 1e-8);
  EXPECT_DOUBLE_EQ(result.kv_peak, 1);
  EXPECT_DOUBLE_EQ(result.served[0].max_itl.value(), 1);
  EXPECT_DOUBLE_EQ(result.served[1].max_itl.value(), 5);
}

TEST(Run, CountsWhatItRefusesAndServesTheRest) {
  const auto result = run(one_second_server(with_null_block(2)), small_engine(2, 64, 16),
                          at({{core::Seconds(0), 40, 1}, {core::Seconds(0), 4, 1}}));
  EXPECT_EQ(result.rejected, 1u);
  EXPECT_EQ(result.completed, 1u);
  EXPECT_EQ(result.total_input_tokens, 4);
  EXPECT_EQ(requests_csv(result),
            "id,arrival_s,ttft_ms,tpot_ms,e2el_ms,prompt_tokens,output_tokens,status,replica,queue_ms,max_itl_ms,"
            "cached_tokens\n"
            "0,0,,,,40,1,rejected,0,,,\n"
            "1,0,1000,,1000,4,1,completed,0,0,,0\n");
}

TEST(Run, RefusesArrivalsBeyondTheRangeOfItsClock) {
  EXPECT_THROW(run(one_second_server(100), small_engine(4, 64, 16), at({{core::Seconds(9e6), 10, 3}})),
               core::InputError);
}

TEST(Run, GoodputCountsRequestsThatMeetBothPromises) {
  RunOptions options;
  options.slo = Slo{core::Seconds(1.2), core::Seconds(1)};
  const auto result = run(one_second_server(100), small_engine(4, 64, 16),
                          at({{core::Seconds(0), 10, 3}, {core::Seconds(0.5), 10, 2}}), options);
  EXPECT_DOUBLE_EQ(result.request_goodput.value(), 1.0 / 3);
}

TEST(Run, NothingIsLostOnTinyCaches) {
  // The laws are checked inside run(), which throws; here the totals from outside.
  std::uint64_t preemptions = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    core::Random random(seed, 3);
    const auto workload = random_workload(seed, 200, 60, 0.05);
    const bool asynchronous = random.below(2) == 0;
    const auto engine = small_engine(static_cast<std::int32_t>(1 + random.below(20)), 32, 4, asynchronous);
    const auto result =
        run(linear_server(with_null_block(30 + static_cast<std::int64_t>(random.below(40)))), engine, workload);
    preemptions += result.preemptions;
    EXPECT_EQ(result.completed + result.rejected, 200u);
    core::Seconds longest;
    for (const Served& served : result.served) longest = std::max(longest, served.max_itl);
    EXPECT_DOUBLE_EQ(longest.value(), result.itl.max.value());
    EXPECT_LE(result.kv_peak, 1);
    if (result.rejected == 0) {
      EXPECT_EQ(result.total_output_tokens, workload.output_tokens());
    }
  }
  EXPECT_GT(preemptions, 100u);
}

TEST(Run, GivesTheSameBytesOnAnyNumberOfThreads) {
  const auto workload = random_workload(5, 2000, 200, 0.01);
  const auto server = linear_server(2000);
  const auto engine = small_engine(32, 256, 16, true);
  const auto one = run(server, engine, workload, {.replicas = 5}),
             two = run(server, engine, workload, {.replicas = 5, .threads = 2});
  EXPECT_EQ(to_json(one).dump(), to_json(two).dump());
  EXPECT_EQ(requests_csv(one), requests_csv(two));
}

TEST(Run, DealsRequestsToReplicasInTurn) {
  // Two replicas: requests 0 and 2 share one, request 1 has the other to itself.
  const auto result =
      run(one_second_server(100), small_engine(1, 64, 16),
          at({{core::Seconds(0), 1, 1}, {core::Seconds(0), 1, 1}, {core::Seconds(0), 1, 1}}), {.replicas = 2});
  EXPECT_DOUBLE_EQ(result.served[0].ttft.value(), 1);
  EXPECT_DOUBLE_EQ(result.served[1].ttft.value(), 1);
  EXPECT_DOUBLE_EQ(result.served[2].ttft.value(), 2);
  EXPECT_EQ(result.served[1].replica, 1u);
  EXPECT_EQ(result.served[2].replica, 0u);
  EXPECT_DOUBLE_EQ(result.utilization, 0.75);
}

TEST(Run, OneSeatAndEqualStepsAreAnMD1Queue) {
  // Pollaczek-Khinchine for a constant service time of 1 s: mean time in system = 1 + rho / (2 (1 - rho)).
  for (const double rho : {0.3, 0.7}) {
    const auto workload = generate(LengthModel::fixed(1, 1), {rho, 1}, 400000, 11);
    const auto result = run(one_second_server(100), small_engine(1, 1, 16), workload);
    EXPECT_NEAR(result.ttft.mean.value(), 1 + rho / (2 * (1 - rho)), 0.01 * (1 + rho / (2 * (1 - rho)))) << rho;
    EXPECT_NEAR(result.utilization, rho, 0.005);
    EXPECT_DOUBLE_EQ(result.mean_batch_size, 1);
  }
}

TEST(Run, RefusesSettingsThatContradictEachOther) {
  EXPECT_THROW(run(one_second_server(100), small_engine(64, 32, 16), at({})), core::InputError);
  EXPECT_THROW(run(one_second_server(100), small_engine(1, 32, 16), at({}), {.replicas = 0}), core::InputError);
}

TEST(Run, AnEmptyWorkloadIsServedInNoTime) {
  const auto result = run(one_second_server(100), small_engine(1, 32, 16), at({}));
  EXPECT_EQ(result.completed, 0u);
  EXPECT_DOUBLE_EQ(result.duration.value(), 0);
}

}  // namespace
}  // namespace wordline::serve
