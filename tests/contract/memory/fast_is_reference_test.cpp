// The fast controller issues the same commands at the same ticks as the reference controller.
#include <gtest/gtest.h>

#include <algorithm>

#include "memory_test_support.h"
#include "wordline/core/random.h"
#include "wordline/memory/channel.h"
#include "wordline/memory/policies.h"

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

// Random traffic for one channel: bursts and lulls, few or many rows, reads and writes, all drawn from the seed.
struct Traffic {
  explicit Traffic(std::uint64_t seed) : random(seed) {
    rows = static_cast<std::int32_t>(1 + random.below(6));
    banks = static_cast<std::int32_t>(1 + random.below(64));
    reads = random.uniform() < 0.3 ? 1.0 : random.uniform();
    lull = random.below(400);
    priorities = random.below(2) == 0;
    columns = 1 + random.below(1024);
  }
  Access next(const dram::Geometry& geometry, int bursts) {
    const auto column = static_cast<std::int32_t>(
        random.below(std::min(columns, static_cast<std::uint64_t>(geometry.columns / bursts))));
    const auto priority = static_cast<std::uint8_t>(random.below(16) == 0 ? random.below(4) : 0);
    return {
        .bank = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(std::min(banks, geometry.banks())))) *
                std::max(1, geometry.banks() / banks) % geometry.banks(),
        .row = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(rows))),
        .column = column * bursts,
        .write = random.uniform() >= reads,
        .priority = priorities ? priority : std::uint8_t{0}};
  }
  core::Random random;
  std::int32_t rows, banks;
  double reads;
  std::uint64_t lull, columns;
  bool priorities;
};

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
  Traffic traffic(seed);
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

template <class T>
const T& one_of(core::Random& draw, const std::vector<T>& all) {
  return all[static_cast<std::size_t>(draw.below(all.size()))];
}

void draw_policies(System& system, core::Random& draw) {
  Settings& s = system.settings;
  s.scheduler = one_of(draw, scheduler_names());
  s.page = one_of(draw, page_policy_names());
  s.page_timeout_clocks = static_cast<int>(20 + draw.below(400));
  s.refresh = one_of(draw, refresh_policy_names());
  const bool banks_alone = system.module.part->standard.usual.ref_bank != dram::no_command;  // not in DDR4
  if (s.refresh == "per-bank" && !banks_alone) s.refresh = "all-bank";
  s.postponed_refreshes = static_cast<int>(draw.below(5));
  s.pulled_in_refreshes = static_cast<int>(draw.below(3));
}

// Compares both controllers on `seeds` kinds of traffic, with queue sizes and age caps drawn from the seed too.
void compare_on_random_traffic(System system, std::uint64_t seeds, int accesses) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    core::Random draw(seed, 99);
    system.settings.age_cap_clocks = draw.below(2) ? 4000 : static_cast<int>(100 + draw.below(500));
    system.settings.read_queue = static_cast<int>(4 + draw.below(61));
    system.settings.write_queue = static_cast<int>(4 + draw.below(61));
    system.settings.write_high = system.settings.write_queue * 3 / 4;
    system.settings.write_low = system.settings.write_high / 3;
    draw_policies(system, draw);
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
