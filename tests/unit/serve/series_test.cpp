// Sums over time: by hand, over the edges of intervals, doubled intervals, and against the whole run's result.
#include "wordline/serve/series.h"

#include <gtest/gtest.h>

#include "servers.h"
#include "wordline/core/error.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

StepRun steps(double begin, double end, std::int64_t count, const model::StepShape& shape) {
  StepRun run;
  run.begin = to_ticks(core::Seconds(begin));
  run.end = to_ticks(core::Seconds(end));
  run.steps = count;
  run.shape = &shape;
  run.waiting = 2;
  run.blocks_used = 40;
  run.cost.time = run.end - run.begin;
  run.cost.energy = static_cast<Energy>(100 * energies_per_joule);
  run.cost.by_bound[static_cast<std::size_t>(chip::Bound::dram)] = run.cost.time / 2;
  return run;
}

TEST(Series, SpreadsStepsOverTheIntervalsThatTheyAreIn) {
  Series series(core::Seconds(1));
  const model::StepShape shape{3, 300, {}};
  series.on_steps(0, steps(0.5, 2.5, 8, shape));  // a quarter, a half, a quarter
  const auto rows = series.rows({1, 80, core::Watts(10)});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_DOUBLE_EQ(rows[0].tokens_out, 6);
  EXPECT_DOUBLE_EQ(rows[1].tokens_out, 12);
  EXPECT_DOUBLE_EQ(rows[0].running, 1.5);
  EXPECT_DOUBLE_EQ(rows[0].batch, 3);
  EXPECT_DOUBLE_EQ(rows[1].waiting, 2);
  EXPECT_DOUBLE_EQ(rows[1].kv_use, 0.5);
  EXPECT_DOUBLE_EQ(rows[1].power, 50);
  EXPECT_DOUBLE_EQ(rows[0].power, 25 + 5);  // half of the interval is idle
  EXPECT_DOUBLE_EQ(rows[2].utilization, 0.5);
  EXPECT_DOUBLE_EQ(rows[1].by_bound[static_cast<std::size_t>(chip::Bound::dram)], 0.5);
  EXPECT_DOUBLE_EQ(rows[1].host, 0.5);
}

TEST(Series, CountsTheTokenThatALastChunkGives) {
  Series series(core::Seconds(1));
  const model::StepShape shape{0, 0, {{70, 0}, {30, 0}}};
  series.on_last_chunk(4, 0, 0);
  series.on_steps(4, steps(0, 1, 1, shape));
  series.on_steps(4, steps(1, 2, 1, shape));
  const auto rows = series.rows({5, 80, core::Watts(0)});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_DOUBLE_EQ(rows[0].tokens_in, 100);
  EXPECT_DOUBLE_EQ(rows[0].tokens_out, 1);
  EXPECT_DOUBLE_EQ(rows[1].tokens_out, 0);
}

TEST(Series, BeginsWithTheFirstIntervalThatHasSomething) {
  Series series(core::Seconds(10));
  const model::StepShape shape{1, 1, {}};
  series.on_steps(0, steps(45, 46, 1, shape));
  const auto rows = series.rows({1, 80, core::Watts(0)});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_DOUBLE_EQ(rows[0].begin_s, 40);
}

TEST(Series, DoublesItsIntervalsWhereThereWouldBeTooMany) {
  Series few(core::Seconds(1), 4), all(core::Seconds(4));
  const model::StepShape shape{2, 20, {}};
  for (int i = 0; i < 15; ++i) {
    few.on_steps(0, steps(i, i + 1, 3, shape));
    all.on_steps(0, steps(i, i + 1, 3, shape));
  }
  EXPECT_DOUBLE_EQ(few.interval().value(), 4);
  ASSERT_EQ(few.intervals().size(), all.intervals().size());
  for (std::size_t i = 0; i < all.intervals().size(); ++i) {
    EXPECT_DOUBLE_EQ(few.intervals()[i].tokens_out, all.intervals()[i].tokens_out);
    EXPECT_DOUBLE_EQ(few.intervals()[i].busy, all.intervals()[i].busy);
  }
}

TEST(Series, RefusesMoreIntervalsThanMemoryHolds) {
  Series series(core::Seconds(1e-6));
  const model::StepShape shape{1, 1, {}};
  EXPECT_THROW(series.on_steps(0, steps(1000, 1001, 1, shape)), core::InputError);
}

TEST(Series, SumsUpToTheRunWithPreemptionsAndSeveralReplicas) {
  Series series(core::Seconds(0.37));
  RunOptions options;
  options.watch = &series;
  options.replicas = 3;
  const auto workload = random_workload(5, 300, 60, 0.05);
  const auto result = run(linear_server(with_null_block(20)), small_engine(8, 64, 8, true), workload, options);
  Interval all;
  for (const Interval& each : series.intervals()) all += each;
  ASSERT_GT(result.preemptions, 0u);
  EXPECT_EQ(all.arrivals, 300);
  EXPECT_EQ(static_cast<std::uint64_t>(all.completed), result.completed);
  EXPECT_NEAR(all.tokens_out, static_cast<double>(result.total_output_tokens), 1e-6);
  EXPECT_GE(all.tokens_in, static_cast<double>(result.total_input_tokens) - 1e-6);  // some are computed again
  EXPECT_NEAR(all.steps, static_cast<double>(result.steps), 1e-6);
  EXPECT_NEAR(all.ttft / static_cast<double>(all.answered), result.ttft.mean.value(), 1e-9);
  double joules = 0;
  for (const auto& row : series.rows({3, 60, core::Watts(3)})) joules += row.power * series.interval().value();
  EXPECT_NEAR(joules, result.energy.value(), 3 * 0.37);  // the last interval is not full
}

}  // namespace
}  // namespace wordline::serve
