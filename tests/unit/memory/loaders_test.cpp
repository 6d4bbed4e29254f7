// Closed-loop loaders against what must hold: the unloaded latency, Little's law, the read share, and that nothing but
// the seed decides.
#include "wordline/memory/loaders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wordline/core/error.h"
#include "wordline/memory/curve.h"
#include "wordline/memory/loader_streams.h"
#include "wordline/memory/named_system.h"

namespace wordline::memory {
namespace {

using core::nanoseconds;

System system_of(const std::string& module, int count = 1) {
  auto system = load_system(core::Catalog::open(), module, count);
  system.settings.refresh = "none";
  return system;
}

Load load_of(const System& system, double share, double reads = 1) {
  return {.reads = reads, .offered = system.peak() * share, .measured = nanoseconds(20'000)};
}

// A chain alone: a closed row is opened and read (37.08 ns on this DIMM); where rows stay open another is closed before
// (15 ns and its rounding). Now and then the bank was in use just before.
TEST(Loaders, UnloadedLatencyIsThatOfTheDram) {
  System system = system_of("ddr5-4800-1rx8-16gb");
  const auto latency = [&](const char* page, double front_end_ns) {
    system.settings.page = page;
    FrontEnd front_end{.latency = nanoseconds(front_end_ns), .loaders = 1};
    return run_loaders(system, front_end, load_of(system, 1e-6)).mean_latency.in(nanoseconds(1));
  };
  EXPECT_NEAR(latency("closed", 0), 37.08, 2);
  EXPECT_GE(latency("closed", 0), 37.08);
  EXPECT_NEAR(latency("open", 0), 37.08 + 15.4, 2);
  EXPECT_NEAR(latency("closed", 100), 137.08, 0.5);
}

TEST(Loaders, MoveWhatTheyOfferWhereTheMemoryCan) {
  const System system = system_of("ddr5-4800-2rx4-64gb", 2);
  for (const double reads : {1.0, 0.75, 0.5, 0.25}) {
    const auto load = load_of(system, 0.4, reads);
    const Loaded loaded = run_loaders(system, FrontEnd{}, load);
    EXPECT_NEAR(loaded.bandwidth / load.offered, 1, 0.04) << reads;  // and the chain's own loads
    EXPECT_NEAR(loaded.read_bandwidth / loaded.bandwidth, reads, 0.03);
  }
}

// With few blocks in flight the bandwidth is what Little's law leaves; the window in order holds no more than that.
TEST(Loaders, KeepLittlesLaw) {
  const System system = system_of("ddr5-4800-2rx4-64gb", 2);
  FrontEnd front_end{.latency = nanoseconds(300), .loaders = 4, .outstanding = 6};
  for (const bool in_order : {false, true}) {
    front_end.in_order = in_order;
    const Loaded loaded = run_loaders(system, front_end, load_of(system, 2));
    const double blocks = loaded.bandwidth.value() / 64 * loaded.mean_latency.value();
    EXPECT_LT(blocks, 4 * 6 + 1 + 1);
    EXPECT_GT(blocks, in_order ? 16 : 22);
  }
}

// Stores alone, each a read and a write-back: with few of them under way Little's law bounds what is moved, whatever
// the window of loads; the reads alone are not held back.
TEST(Loaders, StoresKeepTheirOwnLimit) {
  const System system = system_of("ddr5-4800-2rx4-64gb", 2);
  FrontEnd front_end{.latency = nanoseconds(300), .loaders = 4, .outstanding = 64, .stores = 8};
  const Loaded few = run_loaders(system, front_end, load_of(system, 2, 0.5));
  EXPECT_LT(few.read_bandwidth.value() / 64 * 300e-9, 4 * 8);
  const Loaded reads = run_loaders(system, front_end, load_of(system, 2, 1));
  front_end.stores = 0;
  EXPECT_GT(run_loaders(system, front_end, load_of(system, 2, 0.5)).bandwidth / few.bandwidth, 1.5);
  EXPECT_EQ(run_loaders(system, front_end, load_of(system, 2, 1)).bandwidth.value(), reads.bandwidth.value());
}

TEST(Loaders, SaturateBelowThePeakAndWaitLonger) {
  const System system = system_of("ddr5-4800-1rx8-16gb");
  const Loaded idle = run_loaders(system, FrontEnd{}, load_of(system, 0.01));
  const Loaded full = run_loaders(system, FrontEnd{}, load_of(system, 2));
  EXPECT_LT(full.bandwidth.value(), system.peak().value());
  EXPECT_GT(full.bandwidth / system.peak(), 0.8);
  EXPECT_GT(full.mean_latency.value(), 3 * idle.mean_latency.value());
}

TEST(Loaders, OnlyTheSeedDecides) {
  const System system = system_of("hbm3-6400-4h-8gb");
  CurveOptions options;
  options.reads = {1, 0.5};
  options.loads = {0.3, 1.2};
  options.measured = nanoseconds(3'000);
  const auto latencies = [&](unsigned threads, std::uint64_t seed) {
    options.threads = threads;
    options.seed = seed;
    std::vector<double> out;
    for (const auto& point : loaded_latency(system, FrontEnd{}, options))
      out.push_back(point.loaded.mean_latency.value());
    return out;
  };
  EXPECT_EQ(latencies(1, 1), latencies(3, 1));
  EXPECT_NE(latencies(1, 1), latencies(1, 2));
}

TEST(Loaders, StreamsShareNoPage) {
  FrontEnd front_end{.streams = 3, .page_bytes = 512, .stream_bytes = 2048};
  const StreamPages pages(front_end, 6, 1003, 64, 7);
  ASSERT_EQ(pages.stream_blocks(), 32u);
  std::vector<int> times(1003);
  for (std::uint64_t stream = 0; stream < 6; ++stream)
    for (std::uint64_t b = 0; b < 32; ++b) {
      const std::uint64_t block = pages.block(stream, b);
      ASSERT_LT(block, 1003u);
      EXPECT_EQ(block % 8, b % 8);
      EXPECT_EQ(++times[block], 1);
    }
}

TEST(Loaders, RefuseWhatMakesNoSense) {
  const System system = system_of("ddr5-4800-1rx8-16gb");
  FrontEnd front_end;
  front_end.run_blocks = front_end.outstanding + 1;
  EXPECT_THROW(run_loaders(system, front_end, load_of(system, 1)), core::UsageError);
  EXPECT_THROW(run_loaders(system, FrontEnd{}, load_of(system, 1, 1.5)), core::UsageError);
  EXPECT_THROW(run_loaders(system, FrontEnd{}, load_of(system, 0)), core::UsageError);
}

TEST(NamedSystem, EveryOneLoads) {
  const auto catalog = core::Catalog::open();
  const auto names = catalog.names("memory/systems");
  EXPECT_GE(names.size(), 25u);
  for (const auto& name : names) {
    const NamedSystem named = load_named_system(catalog, name);
    EXPECT_FALSE(named.title.empty());
    EXPECT_GT(named.front_end.latency.value(), 0) << name;
  }
}

TEST(NamedSystem, ItsControllersAreReadWithoutItsFrontEnd) {
  const auto catalog = core::Catalog::open();
  const System alone = load_controllers(catalog, "h200-sxm");
  EXPECT_FALSE(load_cores_in_order(catalog, "h200-sxm"));
  for (const auto& fact : catalog.facts())
    EXPECT_THAT(fact.path, testing::Not(testing::HasSubstr("front_end.outstanding")));
  const System whole = load_named_system(catalog, "h200-sxm").system;
  EXPECT_EQ(alone.module.name, whole.module.name);
  EXPECT_EQ(alone.count, whole.count);
  EXPECT_EQ(alone.settings.refresh, whole.settings.refresh);
  EXPECT_EQ(alone.settings.write_high, whole.settings.write_high);
  EXPECT_THROW(load_controllers(catalog, "h200-sxn"), core::InputError);
  EXPECT_EQ(load_cores_in_order(catalog, "xeon-8480-8x64gb")->outstanding, 21);
}

TEST(NamedSystem, OtherModulesTakeTheSettingsThatTheyCanCarryOut) {
  const auto catalog = core::Catalog::open();
  System system = load_controllers(catalog, "xeon-6980p-mcr-8800");
  system.settings.refresh = "per-bank";
  system.settings.postponed_refreshes = 2;
  system.settings.access_bytes = 128;
  const System ddr4 = with_modules(system, load_module(catalog, "ddr4-3200-1rx8-8gb"), 8);
  EXPECT_EQ(ddr4.count, 8);
  EXPECT_EQ(ddr4.settings.refresh, "all-bank");
  EXPECT_EQ(ddr4.settings.postponed_refreshes, 0);
  EXPECT_EQ(ddr4.settings.access_bytes, 128);  // two bursts of 64 bytes
  system.settings.access_bytes = 64;
  const System locked = with_modules(system, load_module(catalog, "mcr-12800-2rx4-64gb-locked"), 12);
  EXPECT_EQ(locked.settings.access_bytes, 0);  // its least burst is 128 bytes
  EXPECT_EQ(locked.settings.refresh, "per-bank");
}

TEST(NamedSystem, SettingsLieOverTheFile) {
  auto catalog = core::Catalog::open();
  const auto named = system_or_module(catalog, "xeon-8480-8x16gb", "", 1,
                                      {"front_end.streams=3", "controller.page=closed", "front_end.latency=\"5 ns\""});
  EXPECT_EQ(named.front_end.streams, 3);
  EXPECT_EQ(named.system.settings.page, "closed");
  EXPECT_NEAR(named.front_end.latency.in(nanoseconds(1)), 5, 1e-9);
  EXPECT_EQ(named.system.count, 8);

  auto fresh = core::Catalog::open();
  const auto modules = system_or_module(fresh, "", "hbm3-5200-8h-16gb", 5, {"front_end.loaders=7"});
  EXPECT_EQ(modules.system.count, 5);
  EXPECT_EQ(modules.front_end.loaders, 7);
  EXPECT_THROW(system_or_module(fresh, "", "", 1), core::UsageError);
  EXPECT_THROW(system_or_module(fresh, "h100-sxm", "hbm3-5200-8h-16gb", 1), core::UsageError);
  EXPECT_THROW(system_or_module(fresh, "xeon-8460z", "", 1), core::InputError);
  EXPECT_THROW(system_or_module(fresh, "h100-sxm", "", 1, {"front_end.lodaers=3"}), core::InputError);
}

}  // namespace
}  // namespace wordline::memory
