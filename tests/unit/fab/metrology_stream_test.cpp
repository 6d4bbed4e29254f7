// One chamber's virtual metrology: no look-ahead, states that go on, labels late, lost and wrong.
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <limits>

#include "metrology_banks.h"
#include "wordline/fab/metrology/replay.h"
#include "wordline/fab/metrology/stream.h"

namespace wordline::fab {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

WaferTable table_of(std::size_t rows, std::uint64_t seed) {
  DriftingWafers process(seed);
  WaferTable table;
  table.feature_names = {"a", "b", "c", "d", "e"};
  for (std::size_t i = 0; i < rows; ++i) {
    table.labels.push_back(process.next());
    table.features.insert(table.features.end(), process.x.begin(), process.x.end());
    table.wafers.push_back(std::to_string(i));
    table.chambers.push_back(i % 3 == 0 ? "A" : "B");
    table.times.push_back(static_cast<double>(i));
  }
  return table;
}

std::vector<double> predictions(const WaferTable& table, std::int64_t sampling, std::int64_t delay) {
  std::vector<double> out;
  ReplaySettings settings;
  settings.sampling = sampling;
  settings.delay = delay;
  replay(table, small_bank(), settings, [&](const Replayed& w) {
    for (const double x : {w.prediction.value, w.prediction.low, w.prediction.high}) out.push_back(x);
  });
  return out;
}

// Shuffling all wafers from some point on, features and labels, changes nothing that was said before it.
TEST(Stream, DoesNotLookAhead) {
  const auto table = table_of(400, 1);
  const auto said = predictions(table, 3, 5);
  for (const std::size_t from : {150u, 233u, 390u}) {
    auto shuffled = table;
    core::Random random(from);
    for (std::size_t i = table.rows() - 1; i > from; --i) {
      const std::size_t j = from + random.below(i - from + 1);
      std::swap(shuffled.labels[i], shuffled.labels[j]);
      for (std::size_t k = 0; k < 5; ++k) std::swap(shuffled.features[5 * i + k], shuffled.features[5 * j + k]);
    }
    const auto then = predictions(shuffled, 3, 5);
    ASSERT_EQ(said.size(), then.size());
    // Each chamber's first 30 wafers are its warm-up: 90 rows until the one of A is over, and 45 of B.
    const std::size_t before = 3 * (from - 60);
    for (std::size_t i = 0; i < before; ++i) ASSERT_EQ(said[i], then[i]) << "row " << from << ", number " << i;
    EXPECT_NE(said, then);
  }
}

// A label that never comes cannot matter: with sampling 4, the others are not looked at.
TEST(Stream, SeesOnlyTheLabelsThatCome) {
  auto table = table_of(400, 2);
  const auto said = predictions(table, 4, 4);
  std::size_t of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    std::size_t& n = table.chambers[i] == "A" ? of_a : of_b;
    if (n >= 30 && (n - 30) % 4 != 0) table.labels[i] += 1000;
    ++n;
  }
  EXPECT_EQ(said, predictions(table, 4, 4));
}

TEST(Stream, GoesOnFromASavedStateBitForBit) {
  const auto bank = small_bank();
  for (const int split : {0, 10, 30, 31, 55, 200}) {
    DriftingWafers process(3);
    Stream one(bank, 5, 0.25, 30), other(bank, 5, 0.25, 30);
    std::deque<std::pair<std::int64_t, double>> late;
    const auto step = [&](Stream& stream, std::int64_t wafer, double label, bool learns) {
      const auto said = stream.predict(process.x.data());
      EXPECT_EQ(said.wafer, wafer);
      if (learns) stream.learn(late.front().first, late.front().second);
      return std::vector<double>{said.value, said.low, said.high, said.distance, label, said.measure ? 1.0 : 0.0};
    };
    for (std::int64_t wafer = 0; wafer < 260; ++wafer) {
      if (wafer == split) {
        StateWriter out;
        one.save(out);
        StateReader in(out.bytes(), "state");
        other.restore(in);
        in.finish();
      }
      const double label = process.next();
      if (wafer < 40 || wafer % 3 == 0) late.emplace_back(wafer, label);
      const bool learns = late.size() > 5;
      const auto said = step(one, wafer, label, learns);
      if (wafer >= split) {
        const auto again = step(other, wafer, label, learns);
        for (std::size_t i = 0; i < said.size(); ++i)
          ASSERT_TRUE(said[i] == again[i] || (std::isnan(said[i]) && std::isnan(again[i]))) << split << " " << wafer;
      }
      if (learns) late.pop_front();
    }
  }
}

TEST(Stream, KeepsItsMemory) {
  DriftingWafers process(4);
  Stream stream(small_bank(), 5, 1, 30);
  const auto run = [&](int wafers) {
    for (int i = 0; i < wafers; ++i) {
      const double label = process.next();
      const auto wafer = stream.predict(process.x.data()).wafer;
      if (i % 5 == 0) stream.learn(wafer, label);
    }
    StateWriter out;
    stream.save(out);
    return out.bytes().size();
  };
  run(2300);
  const auto size = run(250);
  EXPECT_EQ(run(500), size);
}

TEST(Stream, TakesLabelsOnceAndOnlyOfWafersItRemembers) {
  DriftingWafers process(5);
  Stream stream(small_bank(), 5, 1, 30);  // remembers 64
  const auto wafer = [&] {
    const double label = process.next();
    return std::pair(stream.predict(process.x.data()).wafer, label);
  };
  for (int i = 0; i < 40; ++i) {
    const auto [number, label] = wafer();
    EXPECT_TRUE(stream.learn(number, label).known);
    EXPECT_FALSE(stream.learn(number, label).known);
  }
  const auto old = wafer();
  for (int i = 0; i < 64; ++i) wafer();
  EXPECT_FALSE(stream.learn(old.first, old.second).known);
  EXPECT_FALSE(stream.learn(-1, 1).known);
  EXPECT_FALSE(stream.learn(1000000, 1).known);
  EXPECT_FALSE(stream.learn(wafer().first, nothing).known);
  EXPECT_FALSE(stream.learn(wafer().first, std::numeric_limits<double>::infinity()).known);
  EXPECT_FALSE(stream.learn(wafer().first, 1e61).known);
}

// Features that are missing, infinite or absurd: the predictions stay numbers, and sane ones once the wafers are.
TEST(Stream, BearsFeaturesThatAreNoNumbers) {
  DriftingWafers process(6);
  Stream stream(small_bank(), 5, 1, 30);
  double error = 0;
  for (int i = 0; i < 600; ++i) {
    const double label = process.next();
    auto x = process.x;
    if (i % 7 == 3) x[static_cast<std::size_t>(i) % 5] = nothing;
    if (i % 11 == 4) x[0] = std::numeric_limits<double>::infinity();
    if (i % 13 == 5) x[3] = 1e300;
    const auto said = stream.predict(x.data());
    if (said.warm) {
      ASSERT_TRUE(std::isfinite(said.value)) << i;
      ASSERT_TRUE(said.low <= said.value && said.value <= said.high) << i;
      if (i >= 500) error += std::abs(said.value - label) / 100;
    }
    stream.learn(said.wafer, label);
  }
  EXPECT_LT(error, 6);
}

TEST(Stream, SaysWhenNothingIsKnownYet) {
  DriftingWafers process(7);
  Stream stream(small_bank(), 5, 0.1, 30);
  process.next();
  const auto first = stream.predict(process.x.data());
  EXPECT_TRUE(std::isnan(first.value));
  EXPECT_TRUE(first.measure);  // the warm-up wants labels
  EXPECT_FALSE(first.warm);
  stream.learn(first.wafer, 7);
  process.next();
  EXPECT_EQ(stream.predict(process.x.data()).value, 7);
}

TEST(Stream, IntervalsCoverWhatTheyPromise) {
  ReplaySettings settings;
  const auto bank = small_bank("", "linear");
  EXPECT_NEAR(replay(table_of(6000, 8), bank, settings).coverage(), 0.9, 0.01);
  // Of every fifth wafer the label comes, always when the last label is as old: how much wider the other four need it
  // is what the rehearsal says, which saw none of the jumps.
  settings.sampling = settings.delay = 5;
  EXPECT_NEAR(replay(table_of(6000, 8), bank, settings).coverage(), 0.9, 0.04);
}

TEST(Replay, TheSamplerSpendsItsBudget) {
  ReplaySettings settings;
  settings.sampling = settings.delay = 10;
  const auto bank = small_bank("", "linear");
  const auto every = replay(table_of(5000, 9), bank, settings);
  settings.choose = true;
  const auto chosen = replay(table_of(5000, 9), bank, settings);
  EXPECT_NEAR(static_cast<double>(chosen.measured), static_cast<double>(every.measured), 4);
}

}  // namespace
}  // namespace wordline::fab
