#include "wordline/memory/watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "../core/perfetto_decoder.h"
#include "watched_traffic.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"

namespace wordline::memory {
namespace {

using dram::Tick;
using testing::drive;
using testing::shipped;
using wordline::testing::decode_perfetto;

TEST(PowerSeries, SumsToTheEnergyOfTheRun) {
  for (const auto& name : shipped().names("memory/modules")) {
    const System system = load_system(shipped(), name);
    const auto& part = *system.module.part;
    PowerSeries series(part.standard);
    const auto ran = drive(system, {.accesses = 100}, series);
    series.finish(ran.end);
    const dram::Energy whole = dram::energy_of(part.power, part.standard, part.clock.period(), ran.activity);
    dram::Energy sum;
    for (const auto& each : energies(series, part)) sum += each;
    EXPECT_NEAR(sum.total().value(), whole.total().value(), 1e-9 * whole.total().value()) << name;
    EXPECT_NEAR(sum.background.value(), whole.background.value(), 1e-9 * whole.background.value()) << name;
    EXPECT_NEAR(sum.activate.value(), whole.activate.value(), 1e-9 * whole.activate.value()) << name;
  }
}

TEST(PowerSeries, LongRunsKeepFewIntervals) {
  const System system = load_system(shipped(), "ddr5-4800-1rx8-16gb");
  const auto& standard = system.module.part->standard;
  PowerSeries one(standard), two(standard);
  const auto act = standard.id("ACT"), pre = standard.id("PRE");
  for (Tick at = 0; at < 10'000'000; at += 20'000) {
    one.issued({at, 0, 1, 0, act}, 0);
    one.issued({at + 100, 0, 0, 0, pre}, 0);
  }
  one.finish(10'000'000);
  two.finish(10'000'000);
  EXPECT_LE(one.activities().size(), PowerSeries::most_intervals);
  Tick open = 0, all = 0;
  two.add(one);
  for (const auto& each : two.activities()) open += each.bank_open_ticks, all += each.ticks;
  EXPECT_EQ(open, 500 * 100);
  EXPECT_EQ(all, 2 * 10'000'000);
}

class Drawn : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file_); }
  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("wordline-timeline-" + std::to_string(::getpid()) + ".pftrace");
};

TEST_F(Drawn, EveryCommandAndBurstOnItsTrack) {
  for (const char* name : {"ddr5-4800-2rx4-64gb", "hbm3-6400-8h-16gb", "mcr-8800-2rx4-64gb"}) {
    const System system = load_system(shipped(), name);
    const auto& standard = system.module.part->standard;
    Timeline line(standard, {.picoseconds = true});
    const auto ran = drive(system, {.accesses = 300}, line);
    core::Perfetto out(file_);
    line.write(out, "channel 0", system.module.part->clock, ran.end);
    out.close();
    const auto trace = decode_perfetto(core::read_text(file_));
    std::map<std::string, std::int64_t> drawn, issued;
    std::map<std::uint64_t, std::int64_t> depth;
    Tick bus_ps = 0;
    for (const auto& event : trace.events) {
      if (event.type == 4) depth[event.track] = event.count;
      if (event.type == 1 && standard.id(event.name) != dram::no_command) ++drawn[event.name];
      const bool bus = trace.tracks.at(event.track).name == "data bus";
      if (bus) bus_ps += (event.type == 2 ? 1 : -1) * static_cast<Tick>(event.ns);
    }
    Tick bursts = 0;
    for (const auto& command : ran.commands) {
      ++issued[standard.spec(command.id).name];
      bursts += standard.spec(command.id).burst;
    }
    EXPECT_EQ(drawn, issued) << name;
    for (const auto& [track, left] : depth) EXPECT_EQ(left, 0) << trace.path(track);
    const auto& clock = system.module.part->clock;
    EXPECT_NEAR(static_cast<double>(bus_ps), clock.time_of(bursts).value() * 1e12, static_cast<double>(bursts)) << name;
  }
}

TEST_F(Drawn, TimesAreExact) {
  const System system = load_system(shipped(), "ddr5-4800-1rx8-16gb");
  const auto& standard = system.module.part->standard;
  Timeline line(standard, {.from = 10, .to = 2'400'000'200});
  line.issued({0, 3, 77, 0, standard.id("ACT")}, 0);
  line.issued({2'400'000'000, 3, 0, 5, standard.id("RD")}, 0);  // one second
  core::Perfetto out(file_);
  line.write(out, "channel 0", system.module.part->clock, 2'400'000'200);
  out.close();
  const auto trace = decode_perfetto(core::read_text(file_));
  bool row = false, read = false;
  for (const auto& event : trace.events) {
    if (event.name == "row 77") row = event.ns == 4;  // open before the window, which begins at 4.17 ns
    if (event.name == "RD") read = event.ns == 1'000'000'000;
  }
  EXPECT_TRUE(row);
  EXPECT_TRUE(read);
}

TEST_F(Drawn, OnlyTheWindow) {
  const System system = load_system(shipped(), "ddr5-4800-1rx8-16gb");
  Timeline line(system.module.part->standard, {.from = 500, .to = 900});
  drive(system, {.accesses = 300}, line);
  core::Perfetto out(file_);
  line.write(out, "channel 0", system.module.part->clock, 5000);
  out.close();
  int commands = 0;
  for (const auto& event : decode_perfetto(core::read_text(file_)).events) {
    if (!event.notes.count("clock")) continue;
    ++commands;
    EXPECT_GE(event.notes.at("clock"), 500);
    EXPECT_LT(event.notes.at("clock"), 900 + 60);  // a burst comes its latency after its command
  }
  EXPECT_GT(commands, 10);
}

TEST(TimelineWindow, IsReadFromText) {
  EXPECT_EQ(TimelineWindow::parse("5:70").from, 5);
  EXPECT_EQ(TimelineWindow::parse("5:70").to, 70);
  EXPECT_EQ(TimelineWindow::parse(":70").from, 0);
  EXPECT_GT(TimelineWindow::parse("5:").to, 1'000'000'000);
  for (const char* bad : {"", "5", "7:5", "5:5", "-1:5", "a:5", "5:6x"})
    EXPECT_THROW(TimelineWindow::parse(bad), core::UsageError) << bad;
}

TEST(Watch, AddsUpAllChannels) {
  const System system = load_system(shipped(), "ddr5-4800-1rx8-16gb");
  Watch watch(system, {.losses = true, .power = true});
  const auto ran = drive(system, {}, *watch.channel(0));
  watch.finish(ran.end);  // the other sub-channel had nothing to do
  EXPECT_EQ(watch.losses().total(), 2 * ran.end);
  EXPECT_GE(watch.losses().of(Loss::idle), ran.end);
  EXPECT_GT(watch.power().activities().size(), 0u);
  Watch nothing(system, {});
  EXPECT_EQ(nothing.channel(0), nullptr);
}

}  // namespace
}  // namespace wordline::memory
