// Runs that are made once, and those that another number of blocks would not change.
#include "wordline/serve/runs.h"

#include <gmock/gmock.h>

#include "servers.h"
#include "wordline/serve/capacity.h"
#include "wordline/serve/generate.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

WorkloadAt prompts(int& drawn) {
  return [&drawn](double rate, std::size_t requests) {
    ++drawn;
    return generate(LengthModel::fixed(100, 50), {rate, 1}, requests, 1);
  };
}

const Engine engine = small_engine(64, 512, 16);

// All that a run tells but its counts of blocks.
void expect_same(const Result& a, const Result& b) {
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_EQ(a.duration, b.duration);
  EXPECT_EQ(a.energy, b.energy);
  EXPECT_EQ(a.ttft.p99, b.ttft.p99);
  EXPECT_EQ(a.tpot.p99, b.tpot.p99);
  EXPECT_EQ(a.preemptions, b.preemptions);
}

TEST(Runs, OtherPromisesAskForRunsThatWereMade) {
  int drawn = 0;
  Runs runs(linear_server(1000), engine, prompts(drawn));
  const Slo slo{core::Seconds(1), core::Seconds(0.02)}, patient{core::Seconds(1.5), core::Seconds(0.03)};
  CapacityOptions options;
  options.min_requests = 200;
  const auto first = capacity(runs, slo, options);
  const int once = drawn;
  EXPECT_EQ(capacity(runs, slo, options).max_rps, first.max_rps);
  EXPECT_EQ(drawn, once);
  const auto second = capacity(runs, patient, options);
  const int shared = drawn - once;
  drawn = 0;
  Runs fresh(linear_server(1000), engine, prompts(drawn));
  const auto alone = capacity(fresh, patient, options);
  EXPECT_EQ(second.max_rps, alone.max_rps);
  EXPECT_EQ(second.limit, alone.limit);
  EXPECT_EQ(second.at.request_goodput, alone.at.request_goodput);
  EXPECT_LT(shared, drawn);
}

TEST(Runs, MoreBlocksChangeOnlyWhatWasShortOfThem) {
  int drawn = 0;
  Runs few(linear_server(with_null_block(100)), engine, prompts(drawn));
  ASSERT_FALSE(few.at(0.5, 200).short_of_blocks);
  ASSERT_TRUE(few.at(50, 200).short_of_blocks);
  Runs many(few, with_null_block(5000));
  const Server server = linear_server(with_null_block(5000));
  for (const double rate : {0.5, 50.0}) {
    drawn = 0;
    const Result& got = many.at(rate, 200);
    EXPECT_EQ(drawn, rate > 1 ? 1 : 0);
    expect_same(got, run(server, engine, prompts(drawn)(rate, 200)));
  }
  EXPECT_LT(many.at(50, 200).ttft.p99, few.at(50, 200).ttft.p99);
}

TEST(Runs, OnesThatRefuseCountAsShort) {
  int drawn = 0;
  Runs runs(one_second_server(with_null_block(4)), engine, prompts(drawn));
  EXPECT_TRUE(runs.at(1, 10).short_of_blocks);
}

}  // namespace
}  // namespace wordline::serve
