#include <gtest/gtest.h>

#include <random>

#include "test_parts.h"
#include "wordline/dram/device.h"
#include "wordline/dram/energy_meter.h"

namespace wordline::dram {
namespace {

// Random commands, legal as to state, with the plain Device beside the meter.
class Meters : public ::testing::TestWithParam<const char*> {};

TEST_P(Meters, SumToTheClosedFormWhateverTheInterval) {
  const Part p = testing::part(GetParam());
  const Standard& s = p.standard;
  const core::Seconds tick = p.clock.period();
  for (const Tick interval : {1, 7, 1000, 1'000'000}) {
    std::mt19937_64 random(3);
    Device device(s);
    EnergyMeter meter(s, p.power, tick, interval);
    Command command;
    for (int i = 0; i < 2000; ++i) {
      command.tick += static_cast<Tick>(random() % 20);
      command.bank = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(s.geometry.banks()));
      const CommandId ids[] = {s.usual.act, s.usual.rd, s.usual.wr, s.usual.rda, s.usual.wra, s.usual.pre};
      command.id = random() % 50 == 0 ? s.usual.ref_all : ids[random() % 6];
      if (!device.state_error(command).empty()) command.id = device.needed_first(command);
      device.issue(command);
      meter.take(command);
    }
    meter.advance(command.tick + 500);
    const Activity activity = device.activity(command.tick + 500);
    const Energy closed = energy_of(p.power, s, tick, activity), metered = meter.total();
    for (const auto cause : {&Energy::activate, &Energy::read, &Energy::write, &Energy::io, &Energy::refresh,
                             &Energy::background, &Energy::floor})
      EXPECT_NEAR((metered.*cause).value(), (closed.*cause).value(), 1e-12 * closed.total().value()) << interval;
    EXPECT_GT(closed.refresh.value(), 0);

    core::Joules by_watts;  // the means over the intervals give the same joules
    for (std::size_t i = 0; i < meter.intervals().size(); ++i) {
      const Tick left = command.tick + 500 - static_cast<Tick>(i) * interval;
      by_watts += meter.watts(i) * (tick * static_cast<double>(std::min(interval, left)));
    }
    EXPECT_NEAR(by_watts.value(), closed.total().value(), 1e-12 * closed.total().value());
  }
}

INSTANTIATE_TEST_SUITE_P(Parts, Meters, ::testing::Values("ddr5-4800-x8-16gb", "hbm3e-6250-8h-24gb"));

}  // namespace
}  // namespace wordline::dram
