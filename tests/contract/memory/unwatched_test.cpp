// While nobody watches, the fast controller runs loops of its own, on 256-bit integers or without: looked at between
// small steps, it has done what the reference controller has.
#include <gtest/gtest.h>

#include "memory_test_support.h"
#include "random_traffic.h"
#include "wordline/memory/fast_controller.h"

namespace wordline::memory {
namespace {

using testing::catalog;

::testing::AssertionResult same(const Controller& fast, const Controller& reference, Tick now) {
  const auto differ = [&](const char* what, auto a, auto b) {
    return ::testing::AssertionFailure() << what << ": " << a << ", reference " << b << ", at " << now;
  };
  const Counters &a = fast.counters(), &b = reference.counters();
  if (a.reads != b.reads) return differ("reads", a.reads, b.reads);
  if (a.writes != b.writes) return differ("writes", a.writes, b.writes);
  if (a.forwarded_reads != b.forwarded_reads) return differ("forwarded", a.forwarded_reads, b.forwarded_reads);
  if (a.row_hits != b.row_hits) return differ("hits", a.row_hits, b.row_hits);
  if (a.row_misses != b.row_misses) return differ("misses", a.row_misses, b.row_misses);
  if (a.last_beat != b.last_beat) return differ("last beat", a.last_beat, b.last_beat);
  const dram::Activity x = fast.activity(now), y = reference.activity(now);
  for (std::size_t command = 0; command < x.commands.size(); ++command)
    if (x.commands[command] != y.commands[command]) return differ("commands", x.commands[command], y.commands[command]);
  if (x.bank_open_ticks != y.bank_open_ticks) return differ("open banks", x.bank_open_ticks, y.bank_open_ticks);
  if (x.rank_open_ticks != y.rank_open_ticks) return differ("open ranks", x.rank_open_ticks, y.rank_open_ticks);
  return ::testing::AssertionSuccess();
}

// Offers the traffic of a seed to both, a few accesses at a time, and compares them after each step and when idle.
void compare(const System& system, std::uint64_t seed, int accesses, bool wide) {
  const auto& standard = system.module.part->standard;
  const Tick clock = standard.ticks_per_clock;
  FastController fast(standard, system.settings, system.bursts(), wide);
  const auto reference = make_reference_controller(standard, system.settings, system.bursts());
  testing::RandomTraffic traffic(seed);
  FrontEdge a{.clock = clock, .most_per_clock = 8}, b = a;
  std::vector<Access> few;
  for (int done = 0; done < accesses; done += static_cast<int>(few.size())) {
    few.resize(1 + traffic.random.below(6));
    for (Access& access : few) access = traffic.next(standard.geometry, system.bursts());
    fast.feed(few.data(), few.size(), a);
    reference->feed(few.data(), few.size(), b);
    ASSERT_EQ(a.at, b.at);
    ASSERT_EQ(a.taken, b.taken);
    if (traffic.random.below(3) == 0) {
      a.at += static_cast<Tick>(1 + traffic.random.below(traffic.random.below(8) ? 20 : 2000)) * clock;
      a.taken = 0;
      b = a;
      fast.advance(a.at);
      reference->advance(a.at);
    }
    ASSERT_TRUE(same(fast, *reference, a.at));
  }
  const Tick end = fast.drain() + 20'000;
  reference->drain();
  fast.advance(end);
  reference->advance(end);
  ASSERT_TRUE(same(fast, *reference, end));
  EXPECT_EQ(fast.counters().read_latency.mean(), reference->counters().read_latency.mean());
  EXPECT_EQ(fast.counters().read_latency.max(), reference->counters().read_latency.max());
}

void compare_some(const std::string& module, std::uint64_t seeds, int accesses) {
  System system = load_system(catalog(), module);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    core::Random draw(seed, 97);
    testing::draw_settings(system, draw);
    Settings& s = system.settings;
    if (seed % 4 != 0) {  // what the loops for what is usual are for
      s.scheduler = "fr-fcfs";
      s.page = "open";
    }
    const bool wide = FastController::has_wide_integers() && seed % 3 != 0;
    SCOPED_TRACE(module + " seed " + std::to_string(seed) + " " + s.scheduler + " " + s.page + " " + s.refresh +
                 (wide ? " wide" : " plain"));
    compare(system, seed, accesses, wide);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

class Unwatched : public ::testing::TestWithParam<std::string> {};

TEST_P(Unwatched, IsTheReference) { compare_some(GetParam(), 12, 300); }

INSTANTIATE_TEST_SUITE_P(Modules, Unwatched, ::testing::ValuesIn(testing::modules()),
                         [](const auto& tested) { return testing::test_name(tested.param); });

TEST(SlowUnwatched, IsTheReference) {
  for (const auto& module : testing::modules()) compare_some(module, 40, 4000);
}

// Long after the epoch of its 32-bit times it moves that on.
TEST(Unwatched, GoesOnBeyondTheReachOf32BitTimes) {
  System system = load_system(catalog(), "hbm3-6400-8h-16gb");
  system.settings.refresh = "none";
  const auto& standard = system.module.part->standard;
  for (const bool wide : {false, FastController::has_wide_integers()}) {
    FastController late(standard, system.settings, system.bursts(), wide);
    FastController early(standard, system.settings, system.bursts(), wide);
    testing::RandomTraffic traffic(5);
    FrontEdge a{.clock = standard.ticks_per_clock}, b = a;
    Tick apart = 0;
    for (int i = 0; i < 2000; ++i) {
      if (i % 100 == 99) {  // all is done and long past; then both begin again, one of them much later
        early.drain();
        late.drain();
        b.at = (b.at / 4096 + 4) * 4096;
        a.at = b.at + (apart += Timing::longest / 3 / 4096 * 4096);
        a.taken = b.taken = 0;
      }
      const Access access = traffic.next(standard.geometry, system.bursts());
      late.feed(&access, 1, a);
      early.feed(&access, 1, b);
      ASSERT_EQ(a.at - apart, b.at) << i;
    }
    EXPECT_GT(apart, 4 * Timing::longest);
    EXPECT_EQ(late.counters().row_hits, early.counters().row_hits);
    EXPECT_EQ(late.counters().read_latency.mean(), early.counters().read_latency.mean());
  }
}

// After a million accesses their numbers begin anew.
TEST(SlowUnwatched, NumbersAccessesAnew) {
  System system = load_system(catalog(), "ddr4-3200-1rx8-8gb");
  const auto& standard = system.module.part->standard;
  FastController fast(standard, system.settings, system.bursts());
  const auto reference = make_reference_controller(standard, system.settings, system.bursts());
  testing::RandomTraffic traffic(11);
  FrontEdge a{.clock = 1}, b{.clock = 1};
  std::vector<Access> many(256);
  for (std::uint32_t done = 0; done < most_numbers + most_numbers / 64; done += 256) {
    for (Access& access : many) access = traffic.next(standard.geometry, system.bursts());
    fast.feed(many.data(), many.size(), a);
    reference->feed(many.data(), many.size(), b);
    ASSERT_TRUE(same(fast, *reference, a.at)) << "after " << done;
  }
}

}  // namespace
}  // namespace wordline::memory
