// The reference controller leaves out only ticks in which nothing would happen: it does the same as when it looks at
// every tick anew.
#include <gtest/gtest.h>

#include "memory_test_support.h"
#include "random_traffic.h"
#include "wordline/dram/trace.h"
#include "wordline/memory/controller.h"

namespace wordline::memory {
namespace {

using testing::catalog;

// Everything that an observer is told, as it comes.
struct Recorder final : Observer {
  void accepted(const Access&, std::uint64_t id, Tick now) override { told.push_back({'a', id, {.tick = now}}); }
  void issued(const dram::Command& command, std::uint64_t id) override { told.push_back({'i', id, command}); }
  void finished(std::uint64_t id, Tick beat) override { told.push_back({'f', id, {.tick = beat}}); }
  struct Event {
    char what;
    std::uint64_t id;
    dram::Command command;
    bool operator==(const Event&) const = default;
  };
  std::vector<Event> told;
};

// Offers the traffic of a seed, where not `busy` with lulls and with advances in pieces of any length in between; then
// waits idle, so that refreshes and closings come without accesses.
Recorder offer_all(Controller& controller, const System& system, std::uint64_t seed, int accesses, bool busy) {
  const auto& standard = system.module.part->standard;
  const Tick clock = standard.ticks_per_clock;
  testing::RandomTraffic traffic(seed);
  Recorder recorder;
  controller.watch(&recorder);
  Tick at = 0;
  for (int i = 0; i < accesses; ++i) {
    if (!busy && traffic.lull && traffic.random.below(20) == 0)
      at += static_cast<Tick>(traffic.random.below(traffic.lull * 10)) * clock;
    const Access access = traffic.next(standard.geometry, system.bursts());
    const int lane = controller.lane_of(access.bank);
    controller.advance(at);
    if (!controller.has_room(lane, access.write)) {
      const Tick freed = controller.advance_until_room(std::uint64_t{1} << (lane * 2 + access.write), never);
      at = (freed / clock + 1) * clock;
    }
    controller.advance(at);
    controller.accept(access, at);
    const Tick pause = busy || traffic.random.below(8) ? 0 : static_cast<Tick>(traffic.random.below(60)) * clock;
    controller.advance(at + static_cast<Tick>(traffic.random.below(static_cast<std::uint64_t>(pause) + 1)));
    at += pause;
  }
  controller.advance(controller.drain() + 20'000);
  return recorder;
}

void compare(System system, std::uint64_t seeds, int accesses) {
  const auto& standard = system.module.part->standard;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    core::Random draw(seed, 98);
    testing::draw_settings(system, draw);
    Settings& s = system.settings;
    const bool busy = seed % 2 == 0;  // so that accesses starve and refreshes are postponed as far as they may be
    if (busy) s.age_cap_clocks = static_cast<int>(50 + draw.below(300));
    if (busy) s.postponed_refreshes = std::min(s.postponed_refreshes, 1);
    SCOPED_TRACE(system.module.name + " seed " + std::to_string(seed) + " " + s.scheduler + " " + s.page + " " +
                 s.refresh);
    const auto quick = make_reference_controller(standard, s, system.bursts());
    const auto plain = make_plain_reference_controller(standard, s, system.bursts());
    const Recorder a = offer_all(*quick, system, seed, accesses, busy);
    const Recorder b = offer_all(*plain, system, seed, accesses, busy);
    EXPECT_GT(a.told.size(), static_cast<std::size_t>(accesses) * 2);
    const std::size_t common = std::min(a.told.size(), b.told.size());
    for (std::size_t i = 0; i < common; ++i)
      ASSERT_EQ(a.told[i], b.told[i]) << "at " << a.told[i].command.tick << " and " << b.told[i].command.tick;
    ASSERT_EQ(a.told.size(), b.told.size());
    const Tick end = a.told.back().command.tick;
    EXPECT_EQ(quick->activity(end).bank_open_ticks, plain->activity(end).bank_open_ticks);
  }
}

class Reference : public ::testing::TestWithParam<std::string> {};

TEST_P(Reference, LeavesOutOnlyTicksInWhichNothingHappens) { compare(load_system(catalog(), GetParam()), 8, 250); }

INSTANTIATE_TEST_SUITE_P(Modules, Reference, ::testing::ValuesIn(testing::modules()),
                         [](const auto& tested) { return testing::test_name(tested.param); });

TEST(SlowReference, LeavesOutOnlyTicksInWhichNothingHappens) {
  for (const auto& module : testing::modules()) compare(load_system(catalog(), module), 6, 4'000);
}

}  // namespace
}  // namespace wordline::memory
