// The fast controller issues the same commands at the same ticks as the reference controller.
#include <gtest/gtest.h>

#include <algorithm>

#include "memory_test_support.h"
#include "random_traffic.h"
#include "wordline/memory/channel.h"

namespace wordline::memory {
namespace {

using testing::catalog;

// A few commands up to the i-th.
std::string lines(const dram::Standard& standard, const dram::CommandTrace& trace, std::size_t i) {
  std::string text;
  for (std::size_t k = i < 8 ? 0 : i - 8; k <= i; ++k) text += dram::trace_line(standard, trace[k]) + "\n";
  return text;
}

void expect_same(const dram::Standard& standard, const dram::CommandTrace& fast, const dram::CommandTrace& reference) {
  const std::size_t common = std::min(fast.size(), reference.size());
  for (std::size_t i = 0; i < common; ++i)
    ASSERT_EQ(fast[i], reference[i]) << "command " << i << "\nfast      " << lines(standard, fast, i) << "\nreference "
                                     << lines(standard, reference, i);
  ASSERT_EQ(fast.size(), reference.size());
}

// Keeps a channel's commands.
struct Recorder final : Observer {
  void accepted(const Access&, std::uint64_t, Tick) override {}
  void issued(const dram::Command& command, std::uint64_t) override { commands.push_back(command); }
  void finished(std::uint64_t, Tick) override {}
  dram::CommandTrace commands;
};

dram::CommandTrace offer_all(const System& system, std::uint64_t seed, int accesses, bool reference,
                             Counters& counters) {
  const auto& standard = system.module.part->standard;
  testing::RandomTraffic traffic(seed);
  Recorder recorder;
  Channel channel(system, reference);
  channel.watch(&recorder);
  Tick at = 0;
  for (int i = 0; i < accesses; ++i) {
    if (traffic.lull && traffic.random.below(40) == 0)
      at += static_cast<Tick>(traffic.random.below(traffic.lull * 10)) * standard.ticks_per_clock;
    at = channel.offer(traffic.next(standard.geometry, system.bursts()), at);
  }
  channel.drain();
  channel.advance(channel.counters().last_beat);
  counters = channel.counters();
  return recorder.commands;
}

// Compares both controllers on `seeds` kinds of traffic, with queue sizes and age caps drawn from the seed too.
void compare_on_random_traffic(System system, std::uint64_t seeds, int accesses) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    core::Random draw(seed, 99);
    testing::draw_settings(system, draw);
    Counters fast_counters, reference_counters;
    SCOPED_TRACE(system.settings.scheduler + " " + system.settings.page + " " + system.settings.refresh);
    const auto fast = offer_all(system, seed, accesses, false, fast_counters);
    const auto reference = offer_all(system, seed, accesses, true, reference_counters);
    expect_same(system.module.part->standard, fast, reference);
    EXPECT_EQ(fast_counters.row_misses, reference_counters.row_misses);
    EXPECT_EQ(fast_counters.last_beat, reference_counters.last_beat);
    EXPECT_EQ(fast_counters.read_latency.mean(), reference_counters.read_latency.mean());
  }
}

class FastIsReference : public ::testing::TestWithParam<std::string> {};

TEST_P(FastIsReference, OnRandomTraffic) { compare_on_random_traffic(load_system(catalog(), GetParam()), 4, 250); }

TEST_P(FastIsReference, OnWholeRunsOfPatterns) {
  const System system = load_system(catalog(), GetParam());
  for (const char* name : {"copy", "mix"}) {
    SCOPED_TRACE(name);
    Pattern pattern = testing::pattern_named(name, 16u * static_cast<unsigned>(system.channels()));
    RunOptions options;
    std::vector<dram::CommandTrace> fast, reference;
    options.commands = &fast;
    const Result a = run(system, pattern, options);
    options.commands = &reference;
    options.reference = true;
    const Result b = run(system, pattern, options);
    EXPECT_EQ(a.ticks, b.ticks);
    EXPECT_EQ(a.activity.bank_open_ticks, b.activity.bank_open_ticks);
    EXPECT_EQ(a.activity.rank_open_ticks, b.activity.rank_open_ticks);
    for (std::size_t c = 0; c < fast.size(); ++c) expect_same(system.module.part->standard, fast[c], reference[c]);
  }
}

INSTANTIATE_TEST_SUITE_P(Modules, FastIsReference, ::testing::ValuesIn(testing::modules()),
                         [](const auto& tested) { return testing::test_name(tested.param); });

TEST(SlowFastIsReference, OnLongRandomTraffic) {
  for (const auto& module : testing::modules()) {
    SCOPED_TRACE(module);
    compare_on_random_traffic(load_system(catalog(), module), 12, 1500);
  }
}

}  // namespace
}  // namespace wordline::memory
