// What policies promise, by brute force over ticks, on states that random traffic reaches: asked again with nothing
// changed they answer the same, and what they say holds until the tick that they name.
#include <gtest/gtest.h>

#include <random>

#include "memory_test_support.h"
#include "wordline/memory/fast_controller.h"
#include "wordline/memory/policies.h"
#include "wordline/memory/policy/refresh/refresh.h"
#include "wordline/memory/scan.h"

namespace wordline::memory {
namespace {

using testing::catalog;

constexpr Tick horizon = 300;  // ticks that are tried one by one

// A channel under random traffic on few rows, so that there are hits, misses, full queues and starving accesses.
class Traffic {
 public:
  Traffic(const System& system, std::uint64_t seed)
      : standard_(system.module.part->standard),
        bursts_(system.bursts()),
        controller_(standard_, system.settings, bursts_),
        random_(seed) {}

  // Time passes, accesses come; the state rests at some tick on the way.
  void step() {
    const Tick clock = standard_.ticks_per_clock;
    at_ = (at_ + clock - 1) / clock * clock;
    for (std::uint64_t n = random_() % 8; n > 0; --n) {
      const Access access = draw();
      if (controller_.has_room(controller_.lane_of(access.bank), access.write)) controller_.accept(access, at_);
    }
    at_ += 1 + static_cast<Tick>(random_() % (random_() % 32 == 0 ? 3000 : 40));
    controller_.advance(at_);
  }
  const ChannelState& state() const { return controller_.state(); }
  Tick now() const { return at_; }

 private:
  Access draw() {
    const auto below = [&](int n) { return static_cast<std::int32_t>(random_() % static_cast<std::uint64_t>(n)); };
    Access access;
    access.bank = below(std::min(standard_.geometry.banks(), 24));
    access.row = below(3);
    access.column = below(standard_.geometry.columns / bursts_) * bursts_;
    access.write = random_() % 3 == 0;
    access.priority = random_() % 8 == 0 ? 1 : 0;
    return access;
  }
  const dram::Standard& standard_;
  int bursts_;
  FastController controller_;
  std::mt19937_64 random_;
  Tick at_ = 0;
};

System system_with(const std::string& module, const std::string& scheduler, const std::string& page = "open",
                   const std::string& refresh = "all-bank") {
  System system = load_system(catalog(), module);
  system.settings.scheduler = scheduler;
  system.settings.page = page;
  system.settings.refresh = refresh;
  system.settings.age_cap_clocks = 300;
  system.settings.postponed_refreshes = refresh == "none" ? 0 : 2;
  return system;
}

const char* const tested_modules[] = {"ddr5-4800-2rx4-64gb", "hbm3e-9200-12h-36gb", "mcr-8800-2rx4-64gb"};

class Schedulers : public ::testing::TestWithParam<std::string> {};

TEST_P(Schedulers, AreSilentUntilTheTickThatTheyName) {
  const SchedulerPolicy& policy = scheduler_named(GetParam());
  int silent = 0, named = 0, chosen = 0, starving = 0;
  for (const char* const module : tested_modules) {
    const System system = system_with(module, GetParam());
    Traffic traffic(system, 7);
    for (int i = 0; i < 1500; ++i) {
      traffic.step();
      for (const Lane& lane : traffic.state().lanes)
        for (const Want want : {want_act, want_pre, want_column}) {
          const Tick now = traffic.now();
          const Choice first = policy.choose(traffic.state(), lane, want, now);
          const Choice again = policy.choose(traffic.state(), lane, want, now);
          ASSERT_EQ(first.bank, again.bank) << module;
          ASSERT_EQ(first.next, again.next) << module;
          starving += lane.starving;
          if (first.bank != no_bank) {
            ++chosen;
            continue;
          }
          ++silent;
          ASSERT_GT(first.next, now) << module;
          const Tick end = std::min(first.next, now + horizon);
          for (Tick t = now + 1; t < end; ++t)
            ASSERT_EQ(policy.choose(traffic.state(), lane, want, t).bank, no_bank)
                << module << ": at " << t - now << " of " << first.next - now;
          if (first.next > now + horizon) continue;
          ++named;  // no too early question either: then one of them can go
          ASSERT_NE(policy.choose(traffic.state(), lane, want, first.next).bank, no_bank) << module;
        }
    }
  }
  EXPECT_GT(chosen, 100);
  EXPECT_GT(silent, 100);
  EXPECT_GT(named, 20);
  EXPECT_GT(starving, 20);
}

// What they choose is a bank of the lane that wants the command, takes it at this tick, and is not kept for a refresh.
TEST_P(Schedulers, ChooseWhatCanGo) {
  const SchedulerPolicy& policy = scheduler_named(GetParam());
  for (const char* const module : tested_modules) {
    const System system = system_with(module, GetParam());
    Traffic traffic(system, 11);
    for (int i = 0; i < 400; ++i) {
      traffic.step();
      const ChannelState& state = traffic.state();
      for (const Lane& lane : state.lanes)
        for (const Want want : {want_act, want_pre, want_column}) {
          const Choice choice = policy.choose(state, lane, want, traffic.now());
          if (choice.bank == no_bank) continue;
          ASSERT_EQ(state.bank(choice.bank).lane, lane.index);
          ASSERT_FALSE(state.blocked(choice.bank));
          ASSERT_TRUE(state.timing.allows(kind_of(lane, want), choice.bank, traffic.now()));
          const Bank& bank = state.bank(choice.bank);
          ASSERT_EQ(want == want_act, bank.row == Bank::closed);
          ASSERT_GT(bank.waiting[lane.writing].count, 0);
          if (want == want_column) {
            ASSERT_GT(bank.waiting[lane.writing].hits, 0);
          }
        }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Schedulers, ::testing::ValuesIn(scheduler_names()),
                         [](const auto& tested) { return testing::test_name(tested.param); });

class Pages : public ::testing::TestWithParam<std::string> {};

// The time after which an idle row goes depends on nothing but events, stays within its bounds, and no idle row is due
// before the lane's own mark.
TEST_P(Pages, NameTheTickAtWhichAnIdleRowGoes) {
  const PagePolicy& policy = page_policy_named(GetParam());
  for (const char* const module : tested_modules) {
    const System system = system_with(module, "fr-fcfs", GetParam());
    Traffic traffic(system, 5);
    int idle = 0;
    for (int i = 0; i < 600; ++i) {
      traffic.step();
      if (!policy.closes_idle) continue;
      const ChannelState& state = traffic.state();
      for (const Lane& lane : state.lanes)
        for (std::int32_t b = lane.first_bank; b < lane.end_bank; ++b) {
          const Bank& bank = state.bank(b);
          const Tick ticks = policy.idle_ticks(state, bank);
          ASSERT_EQ(ticks, policy.idle_ticks(state, bank));
          ASSERT_GE(ticks, state.page_timeout / 16);
          ASSERT_LE(ticks, state.page_timeout * 16);
          if (bank.row == Bank::closed || state.blocked(b) || bank.waiting[0].hits + bank.waiting[1].hits > 0) continue;
          ++idle;
          ASSERT_LE(lane.page_at, std::max({traffic.now(), bank.used_at + ticks, state.timing.earliest(pre, b, 0)}))
              << module << " bank " << b;
        }
    }
    if (policy.closes_idle) {
      EXPECT_GT(idle, 100) << module;
    }
  }
}

// Adaptive: a row that comes back doubles its bank's timeout, one that an access closed halves it; refreshes teach
// nothing.
TEST(AdaptivePage, LearnsByEventsAlone) {
  const System system = system_with(tested_modules[0], "fr-fcfs", "adaptive");
  FastController controller(system.module.part->standard, system.settings, system.bursts());
  const ChannelState& state = controller.state();
  const PagePolicy& policy = page_policy_named("adaptive");
  Bank bank = state.bank(0);
  const auto after = [&](std::int32_t closed_row, std::int32_t row) {
    bank.closed_row = closed_row;
    policy.activated(state, bank, row);
    return policy.idle_ticks(state, bank);
  };
  const Tick start = state.page_timeout;
  ASSERT_EQ(policy.idle_ticks(state, bank), start);
  EXPECT_EQ(after(4, 4), 2 * start);
  EXPECT_EQ(after(4, 5), 2 * start);
  EXPECT_EQ(after(Bank::unlearned, 5), 2 * start);
  EXPECT_EQ(after(Bank::closed, 5), start);
  for (int i = 0; i < 10; ++i) after(Bank::closed, 5);
  EXPECT_EQ(policy.idle_ticks(state, bank), start / 16);
  for (int i = 0; i < 20; ++i) after(4, 4);
  EXPECT_EQ(policy.idle_ticks(state, bank), 16 * start);
}

INSTANTIATE_TEST_SUITE_P(All, Pages, ::testing::ValuesIn(page_policy_names()),
                         [](const auto& tested) { return testing::test_name(tested.param); });

class Refreshes : public ::testing::TestWithParam<std::string> {};

// What follows from time alone stays as it is until refresh_at, changes there, and what is wanted depends on no more.
TEST_P(Refreshes, StayAsTheyAreUntilTheTickThatTheyName) {
  int changes = 0, wanted = 0;
  for (const char* const module : tested_modules) {
    if (GetParam() == "per-bank" &&
        load_system(catalog(), module).module.part->standard.usual.ref_bank == dram::no_command)
      continue;
    const System system = system_with(module, "fr-fcfs", "open", GetParam());
    Traffic traffic(system, 3);
    for (int i = 0; i < 400; ++i) {
      traffic.step();
      const ChannelState& state = traffic.state();
      for (const Lane& lane : state.lanes) {
        const Tick now = traffic.now();
        Lane timed = lane;
        pass_time(state, timed, now);
        const Lane first = timed;
        const std::uint64_t units = refreshes_to_want(state, first);
        wanted += units != 0;
        ASSERT_GT(first.refresh_at, now) << module;
        for (Tick t = now + 1; t < std::min(first.refresh_at, now + horizon); ++t) {
          pass_time(state, timed, t);
          ASSERT_EQ(timed.refresh_at, first.refresh_at) << module;
          ASSERT_EQ(timed.may_come_early, first.may_come_early) << module;
          ASSERT_EQ(timed.owed, first.owed) << module;
          ASSERT_EQ(timed.forced, first.forced) << module;
          ASSERT_EQ(refreshes_to_want(state, timed), units) << module;
        }
        if (first.refresh_at == never) continue;
        pass_time(state, timed, first.refresh_at);
        ++changes;
        ASSERT_TRUE(timed.may_come_early != first.may_come_early || timed.owed != first.owed ||
                    timed.forced != first.forced)
            << module;
        ASSERT_EQ(timed.forced & ~timed.owed, 0u) << "what must come is owed";
        ASSERT_EQ(timed.owed & ~timed.may_come_early, 0u) << "what is owed may come";
      }
    }
  }
  if (GetParam() == "none") {
    EXPECT_EQ(changes + wanted, 0);
  } else {
    EXPECT_GT(changes, 100);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Refreshes, ::testing::ValuesIn(refresh_policy_names()),
                         [](const auto& tested) { return testing::test_name(tested.param); });

}  // namespace
}  // namespace wordline::memory
