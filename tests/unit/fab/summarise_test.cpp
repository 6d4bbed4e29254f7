// Summaries against their definitions, written out a step and a signal at a time.
#include "wordline/fab/metrology/summarise.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "wordline/core/csv.h"
#include "wordline/core/random.h"

namespace wordline::fab {
namespace {

// The definitions, straight from their formulas and in extended precision: sums over the rows of a step that have the
// signal; areas and durations visit by visit.
struct Plain {
  long double n = 0, t = 0, x = 0, tt = 0, tx = 0, xx = 0, low = INFINITY, high = -INFINITY, area = 0;
  double mean() const { return static_cast<double>(x / n); }
  double std() const { return static_cast<double>(std::sqrt(std::max<long double>(0, xx / n - x * x / n / n))); }
  double slope() const { return static_cast<double>((tx - t * x / n) / (tt - t * t / n)); }
};

Plain plain(const Trace& trace, std::size_t signals, std::size_t signal, std::uint32_t step) {
  Plain p;
  const auto value = [&](std::size_t row) { return trace.values[row * signals + signal]; };
  for (std::size_t row = 0; row < trace.times.size(); ++row) {
    if (trace.step[row] != step || std::isnan(value(row))) continue;
    const long double t = trace.times[row] - trace.times[0], x = value(row);
    p.n += 1, p.t += t, p.x += x, p.tt += t * t, p.tx += t * x, p.xx += x * x;
    p.low = std::min(p.low, x), p.high = std::max(p.high, x);
  }
  for (std::size_t begin = 0; begin < trace.times.size();) {
    std::size_t end = begin;  // one past the visit
    while (end < trace.times.size() && trace.step[end] == trace.step[begin]) ++end;
    if (trace.step[begin] == step) {
      std::vector<std::pair<long double, long double>> points;
      for (std::size_t row = begin; row <= end && row < trace.times.size(); ++row)
        if (!std::isnan(value(row))) points.emplace_back(trace.times[row], value(row));
      for (std::size_t i = 1; i < points.size(); ++i)
        p.area += (points[i].first - points[i - 1].first) * (points[i].second + points[i - 1].second) / 2;
    }
    begin = end;
  }
  return p;
}

// Rows at uneven times in steps that come again, one value in ten missing.
Trace random_trace(std::uint64_t seed, std::size_t rows, std::size_t signals) {
  core::Random random(seed);
  Trace trace;
  trace.steps = {"a", "b", "c"};
  double time = 1000 * random.uniform();
  std::uint32_t step = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    time += random.below(5) == 0 ? 0 : random.exponential(0.3);
    if (random.below(8) == 0) step = static_cast<std::uint32_t>(random.below(3));
    trace.times.push_back(time);
    trace.step.push_back(step);
    for (std::size_t i = 0; i < signals; ++i)
      trace.values.push_back(random.below(10) == 0 ? NAN : random.normal() * std::pow(10, static_cast<double>(i) - 1));
  }
  return trace;
}

TEST(Summarise, IsItsDefinitions) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    constexpr std::size_t signals = 3;
    const Trace trace = random_trace(seed, 20 + 7 * seed, signals);
    const WaferSummary summary = summarise(trace, signals);
    double duration = 0;
    for (std::uint32_t step = 0; step < 3; ++step) {
      duration += summary.steps[step].duration;
      for (std::size_t i = 0; i < signals; ++i) {
        const Plain p = plain(trace, signals, i, step);
        const SignalSummary& s = summary.steps[step].signals[i];
        ASSERT_EQ(s.count, p.n);
        if (s.count < 2) continue;
        const double size = std::pow(10, static_cast<double>(i) - 1);
        EXPECT_NEAR(s.mean, p.mean(), 1e-12 * size);
        EXPECT_NEAR(s.std, p.std(), 1e-7 * size);
        EXPECT_EQ(s.min, p.low);
        EXPECT_EQ(s.max, p.high);
        EXPECT_NEAR(s.slope, p.slope(), 1e-9 * size * std::max(1.0, std::abs(p.slope()) / size));
        EXPECT_NEAR(s.area, static_cast<double>(p.area), 1e-10 * size);
      }
    }
    EXPECT_NEAR(duration, trace.times.back() - trace.times.front(), 1e-9);
  }
}

// A ramp 3 + 2t in two steps: all by hand.
TEST(Summarise, OfARamp) {
  Trace trace;
  trace.steps = {"up", "on"};
  for (int t = 0; t <= 4; ++t) {
    trace.times.push_back(1e9 + t);
    trace.values.push_back(3 + 2 * t);
    trace.step.push_back(t < 2 ? 0 : 1);
  }
  const auto summary = summarise(trace, 1);
  const auto& up = summary.steps[0];
  EXPECT_EQ(up.rows, 2u);
  EXPECT_EQ(up.visits, 1u);
  EXPECT_DOUBLE_EQ(up.duration, 2);
  EXPECT_DOUBLE_EQ(up.signals[0].mean, 4);
  EXPECT_DOUBLE_EQ(up.signals[0].std, 1);
  EXPECT_DOUBLE_EQ(up.signals[0].slope, 2);
  EXPECT_DOUBLE_EQ(up.signals[0].area, 10);  // from 3 at 0 s to 7 at 2 s
  const auto& on = summary.steps[1].signals[0];
  EXPECT_DOUBLE_EQ(on.min, 7);
  EXPECT_DOUBLE_EQ(on.max, 11);
  EXPECT_DOUBLE_EQ(on.area, 18);
  EXPECT_DOUBLE_EQ(summary.longest_gap, 1);
}

// A small spread on a large level does not cancel away.
TEST(Summarise, SmallSpreadOnALargeLevel) {
  Trace trace;
  trace.steps = {""};
  for (int i = 0; i < 1000; ++i) {
    trace.times.push_back(1.7e9 + 0.25 * i);
    trace.values.push_back(1e8 + (i % 2 == 0 ? 1e-3 : -1e-3));
    trace.step.push_back(0);
  }
  EXPECT_NEAR(summarise(trace, 1).steps[0].signals[0].std, 1e-3, 2e-8);
}

TEST(Summarise, OneRowHasNoSlopeAndNothingHasNothing) {
  Trace trace;
  trace.steps = {"a", "b"};
  trace.times = {5, 7};
  trace.step = {0, 1};
  trace.values = {3, NAN};
  const auto summary = summarise(trace, 1);
  EXPECT_EQ(summary.steps[0].signals[0].std, 0);
  EXPECT_TRUE(std::isnan(summary.steps[0].signals[0].slope));
  EXPECT_EQ(summary.steps[1].signals[0].count, 0u);
  EXPECT_TRUE(std::isnan(summary.steps[1].signals[0].mean));
}

TEST(Summarise, CutsAtChangesLevelsAndTimes) {
  const std::vector<std::string> signals = {"power", "gas"};
  Trace whole;
  whole.steps = {""};
  for (int t = 0; t < 6; ++t) {
    whole.times.push_back(10 + t);
    whole.step.push_back(0);
    whole.values.insert(whole.values.end(), {t < 1 ? 0.0 : t == 4 ? NAN : 100.0, t % 2 == 0 ? 1.0 : 9.0});
  }
  const auto names = [&](const StepRule& rule) {
    Trace trace = whole;
    cut(trace, signals, rule);
    std::string out;
    for (const auto step : trace.step) out += trace.steps[step] + " ";
    return out;
  };
  EXPECT_EQ(names({"power", {}, {}}), "1 2 2 2 2 2 ");  // the missing value is no change
  EXPECT_EQ(names({"gas", {}, {}}), "1 2 3 4 5 6 ");
  EXPECT_EQ(names({"", {{"gas", 5}}, {}}), "gas_low gas_high gas_low gas_high gas_low gas_high ");
  EXPECT_EQ(names({"", {{"power", 100}, {"gas", 9.5}}, {}}).substr(0, 38), "power_low+gas_low power_high+gas_low p");
  EXPECT_EQ(names({"", {}, {1, 3.5}}), "1 2 2 2 3 3 ");
  EXPECT_EQ(names({}), "      ");
  EXPECT_THROW(names({"gass", {}, {}}), core::InputError);
  EXPECT_THROW(names({"", {}, {2, 2}}), core::InputError);
  EXPECT_THROW(names({"", {}, {NAN}}), core::InputError);
}

TEST(Summarise, ATableHasEachStepOfAnyWafer) {
  SummaryTable table({"x,y"}, {"chamber"});
  Trace trace;
  trace.wafer = "w,1";
  trace.kept = {"A"};
  trace.steps = {"1"};
  trace.times = {0, 2};
  trace.step = {0, 0};
  trace.values = {1, 2};
  table.add(summarise(trace, 1));
  trace.wafer = "w2";
  trace.steps = {"2", "1"};
  trace.step = {0, 1};
  table.add(summarise(trace, 1));
  const auto csv = core::Csv::parse(table.csv(), "table");
  EXPECT_THAT(csv.header(),
              testing::ElementsAre("wafer", "time", "chamber", "1.visits", "1.duration", "1.x,y.mean", "1.x,y.std",
                                   "1.x,y.min", "1.x,y.max", "1.x,y.slope", "1.x,y.area", "2.visits", "2.duration",
                                   "2.x,y.mean", "2.x,y.std", "2.x,y.min", "2.x,y.max", "2.x,y.slope", "2.x,y.area"));
  ASSERT_EQ(csv.rows(), 2u);
  EXPECT_EQ(csv.text(0, 0), "w,1");
  EXPECT_EQ(csv.number(0, csv.column("1.x,y.slope")), 0.5);
  EXPECT_EQ(csv.text(0, csv.column("2.duration")), "");
  EXPECT_EQ(csv.number(1, csv.column("2.duration")), 2);
  EXPECT_EQ(csv.number(1, csv.column("1.x,y.mean")), 2);
  EXPECT_EQ(csv.text(1, csv.column("1.x,y.slope")), "");
}

}  // namespace
}  // namespace wordline::fab
