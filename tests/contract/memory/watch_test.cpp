// What watches a run agrees with the run, over every module and pattern: each clock of each data bus has its cause, the
// power sums to the energy, and both controllers give the same account.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "memory_test_support.h"
#include "wordline/memory/watch.h"

namespace wordline::memory {
namespace {

using testing::catalog;

struct Watched {
  Result result;
  Losses losses;
  dram::Energy energy;
};

Watched watched(const System& system, const std::string& pattern, std::uint64_t accesses, bool reference, bool single) {
  Watch watch(system, {.losses = true, .power = true});
  RunOptions options;
  options.reference = reference;
  options.observers = watch.observers();
  if (single) options.injector = Injector::single, options.gap_clocks = 20;
  Watched out;
  out.result = run(system, testing::pattern_named(pattern, accesses), options);
  watch.finish(out.result.ticks);  // throws where a clock has no cause
  out.losses = watch.losses();
  for (const auto& each : energies(watch.power(), *system.module.part)) out.energy += each;
  return out;
}

class WatchedRun : public ::testing::TestWithParam<std::string> {};

TEST_P(WatchedRun, EveryClockHasItsCause) {
  const System system = load_system(catalog(), GetParam());
  const dram::Standard& standard = system.module.part->standard;
  const auto buses = system.channels() * standard.geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)];
  for (const char* pattern : {"stream", "random", "mix", "copy", "gather"})
    for (const bool single : {false, true}) {
      const auto run = watched(system, pattern, 4'000, false, single);
      EXPECT_EQ(run.losses.total(), run.result.ticks * buses) << pattern;
      dram::Tick data = 0;
      for (std::size_t id = 0; id < standard.commands.size(); ++id)
        data += run.result.activity.commands[id] * standard.commands[id].burst;
      EXPECT_EQ(run.losses.data, data) << pattern;
      EXPECT_EQ(run.losses.of(Loss::other), 0) << pattern;
      const double joules = run.result.energy(system).total().value();
      EXPECT_NEAR(run.energy.total().value(), joules, 1e-9 * joules) << pattern;
    }
}

TEST_P(WatchedRun, BothControllersGiveTheSameAccount) {
  const System system = load_system(catalog(), GetParam());
  const auto fast = watched(system, "mix", 1'000, false, false), slow = watched(system, "mix", 1'000, true, false);
  EXPECT_EQ(losses_json(fast.losses), losses_json(slow.losses));
}

INSTANTIATE_TEST_SUITE_P(Modules, WatchedRun, ::testing::ValuesIn(testing::modules()),
                         [](const auto& tested) { return testing::test_name(tested.param); });

// A stream over one rank loses to refreshes what the closed form says: docs/reference/memory.md.
TEST(WatchedStream, OneRankLosesToRefresh) {
  const System system = load_system(catalog(), "ddr5-4800-1rx8-16gb");
  const auto run = watched(system, "stream", 200'000, false, false);
  const auto& losses = run.losses;
  const double all = static_cast<double>(losses.total());
  EXPECT_NEAR(static_cast<double>(losses.data) / all, 0.915, 0.01);
  EXPECT_GT(static_cast<double>(losses.of(Loss::refresh)) / all, 0.07);
  EXPECT_LT(static_cast<double>(losses.total() - losses.data - losses.of(Loss::refresh)) / all, 0.015);
}

}  // namespace
}  // namespace wordline::memory
