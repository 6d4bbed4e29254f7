// The search for the highest rate, on servers whose answer is known.
#include "wordline/serve/capacity.h"

#include <gmock/gmock.h>

#include "servers.h"
#include "wordline/serve/generate.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

WorkloadAt single_tokens(std::uint64_t seed) {
  return [seed](double rate, std::size_t requests) {
    return generate(LengthModel::fixed(1, 1), {rate, 1}, requests, seed);
  };
}

// One seat, one-second steps, one step a request: an M/D/1 queue.
Capacity search(const Slo& slo, std::uint64_t seed = 1) {
  return capacity(one_second_server(100), small_engine(1, 1, 16), single_tokens(seed), slo, {});
}

TEST(Capacity, IsBelowTheServiceRateAndRisesWithThePromise) {
  const auto tight = search({core::Seconds(3), core::Seconds(1)}),
             loose = search({core::Seconds(12), core::Seconds(1)});
  ASSERT_TRUE(tight.met && loose.met);
  EXPECT_GT(tight.max_rps, 0.2);
  EXPECT_LT(tight.max_rps, loose.max_rps);
  EXPECT_LT(loose.max_rps, 1);
  EXPECT_LE(tight.at.ttft.p99.value(), 3);
  EXPECT_EQ(tight.limit, "ttft");
}

TEST(Capacity, StopsWithinItsPrecision) {
  const Slo slo{core::Seconds(3), core::Seconds(1)};
  const auto found = search(slo);
  const double above = found.max_rps * (1 + CapacityOptions{}.precision);
  const auto result = run(one_second_server(100), small_engine(1, 1, 16), single_tokens(1)(above, found.at.requests));
  EXPECT_GT(result.ttft.p99.value(), 3);
}

TEST(Capacity, IsTheSameAgainForTheSameSeed) {
  const Slo slo{core::Seconds(5), core::Seconds(1)};
  EXPECT_EQ(search(slo).max_rps, search(slo).max_rps);
}

TEST(Capacity, DoesNotDependOnWhatIsExpected) {
  const Slo slo{core::Seconds(5), core::Seconds(1)};
  const auto alone = search(slo);
  for (const double expected : {1e-6, 0.5 * alone.max_rps, alone.max_rps, 3 * alone.max_rps, 1e4}) {
    CapacityOptions options;
    options.expected_rps = expected;
    const auto found = capacity(one_second_server(100), small_engine(1, 1, 16), single_tokens(1), slo, options);
    EXPECT_EQ(found.max_rps, alone.max_rps) << expected;
    EXPECT_EQ(found.limit, alone.limit) << expected;
  }
}

TEST(Capacity, ShowsTheBestReachableWhereNoRateHolds) {
  const auto found = search({core::Seconds(0.5), core::Seconds(1)});
  EXPECT_FALSE(found.met);
  EXPECT_EQ(found.max_rps, 0);
  EXPECT_EQ(found.limit, "ttft");
  EXPECT_NEAR(found.at.ttft.p99.value(), 1, 0.5);
}

TEST(Capacity, SeesAQueueThatGrowsBehindAPromiseTooLooseForTheRun) {
  // 2000 requests at 10 % overload end 200 s late: within a promise of 1000 s, but not for ever. One a second is
  // served.
  const auto found = search({core::Seconds(1000), core::Seconds(1)});
  EXPECT_TRUE(found.met);
  EXPECT_GT(found.max_rps, 0.9);
  EXPECT_LT(found.max_rps, 1.05);
  EXPECT_EQ(found.limit, "queue");
}

TEST(Capacity, RefusalsAreNoService) {
  const WorkloadAt too_long = [](double rate, std::size_t requests) {
    return generate(LengthModel::fixed(100, 1), {rate, 1}, requests, 1);
  };
  const auto found = capacity(one_second_server(with_null_block(2)), small_engine(1, 100, 16), too_long,
                              {core::Seconds(1000), core::Seconds(1)}, {});
  EXPECT_FALSE(found.met);
  EXPECT_EQ(found.limit, "rejected");
}

}  // namespace
}  // namespace wordline::serve
