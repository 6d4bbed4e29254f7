// Profiles are the same bits fresh or cached, survive a damaged cache, and agree with the run that they stand for.
#include "wordline/memory/profile.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "wordline/core/catalog.h"
#include "wordline/core/error.h"
#include "wordline/memory/named_system.h"
#include "wordline/memory/run.h"

namespace wordline::memory {
namespace {

const core::Catalog& catalog() {
  static const core::Catalog shipped = core::Catalog::open();
  return shipped;
}

std::filesystem::path fresh_folder(const std::string& name) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / ("wordline_profile_" + name);
  std::filesystem::remove_all(folder);
  return folder;
}

void expect_same(const Profile& a, const Profile& b) {
  EXPECT_EQ(a.bandwidth, b.bandwidth);
  EXPECT_EQ(a.unloaded_latency, b.unloaded_latency);
  EXPECT_EQ(a.loaded_latency, b.loaded_latency);
  EXPECT_EQ(a.energy, b.energy);
  EXPECT_EQ(a.idle, b.idle);
}

TEST(Profile, IsTheSameFromACacheADamagedCacheOrNone) {
  const System system = load_system(catalog(), "hbm3-5200-8h-16gb", 5);
  const auto folder = fresh_folder("cache");
  const core::Cache cache(folder);
  const Profile first = streamed(system, {}, cache);
  expect_same(first, streamed(system, {}, cache));
  int entries = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    ++entries;
    std::ofstream(entry.path(), std::ios::trunc) << "0x1p+3 nonsense";
  }
  EXPECT_EQ(entries, 1);
  expect_same(first, streamed(system, {}, cache));
}

// Latency rises with load, the rate is the offered one until the pattern can do no more, and a bit costs less the
// busier the memory is.
TEST(Profile, AtALoadLiesBetweenALoneReadAndSaturation) {
  for (const char* name : {"hbm3-5200-8h-16gb", "ddr5-4800-2rx4-64gb"}) {
    SCOPED_TRACE(name);
    const System system = load_system(catalog(), name);
    const core::Cache cache(fresh_folder("loads"));
    const AccessPattern pattern{.reads = 1, .piece_bytes = 64, .streams = 16};
    const Profile most = streamed(system, pattern, cache);
    LoadPoint before{};
    for (const double load : {0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0}) {
      SCOPED_TRACE(load);
      const LoadPoint point = loaded(system, pattern, load, cache);
      const core::BytesPerSecond offered = system.peak() * load;
      if (offered < most.bandwidth * 0.95) {
        EXPECT_NEAR(point.bandwidth / offered, 1.0, 0.03);
      }
      EXPECT_LE(point.bandwidth, most.bandwidth * 1.001);
      EXPECT_GE(point.latency, before.latency * 0.99);
      EXPECT_LE(point.latency, most.loaded_latency * 1.01);
      if (before.energy.value() > 0) {
        EXPECT_LE(point.energy, before.energy * 1.001);
      }
      before = point;
    }
    EXPECT_EQ(before.bandwidth, most.bandwidth);
    EXPECT_EQ(before.latency, most.loaded_latency);
    EXPECT_GT(loaded(system, pattern, 0.05, cache).latency, most.unloaded_latency * 0.9);
  }
}

TEST(Profile, AtALoadIsTheSameFromACacheOrNone) {
  const System system = load_system(catalog(), "hbm3-5200-8h-16gb");
  const core::Cache cache(fresh_folder("one_load"));
  const LoadPoint fresh = loaded(system, {}, 0.3, cache), known = loaded(system, {}, 0.3, cache);
  EXPECT_EQ(fresh.bandwidth, known.bandwidth);
  EXPECT_EQ(fresh.latency, known.latency);
  EXPECT_EQ(fresh.energy, known.energy);
  EXPECT_NE(fresh.latency, loaded(system, {}, 0.31, cache).latency);
  EXPECT_THROW(loaded(system, {}, 0, cache), core::UsageError);
  EXPECT_THROW(loaded(system, {}, 1.5, cache), core::UsageError);
}

// Mess measured 264 of 307.2 GB/s on these cores and modules; no window at all gets almost nothing.
TEST(Profile, CoresInOrderGetLessThanTheirModulesGive) {
  const auto named = load_named_system(catalog(), "xeon-8480-8x64gb");
  const core::Cache cache(fresh_folder("cores"));
  const auto together = saturated(named.system, named.front_end, 1, cache);
  EXPECT_LT(together, streamed(named.system, {.reads = 1, .piece_bytes = 4096, .streams = 16}, cache).bandwidth);
  EXPECT_NEAR(together / named.system.peak(), 264 / 307.2, 0.04);
  EXPECT_EQ(together, saturated(named.system, named.front_end, 1, cache));
  FrontEnd narrow = named.front_end;
  narrow.outstanding = 1;
  EXPECT_LT(saturated(named.system, narrow, 1, cache), together * 0.3);
}

TEST(Profile, DependsOnThePatternAndTheSystem) {
  const core::Cache cache(fresh_folder("keys"));
  const System five = load_system(catalog(), "hbm3-5200-8h-16gb", 5);
  const System six = load_system(catalog(), "hbm3-5200-8h-16gb", 6);
  const auto stream = streamed(five, {}, cache);
  EXPECT_GT(streamed(six, {}, cache).bandwidth, stream.bandwidth);
  EXPECT_LT(streamed(five, {.reads = 0.5}, cache).bandwidth, stream.bandwidth);
  EXPECT_LT(streamed(five, {.piece_bytes = 256}, cache).bandwidth, stream.bandwidth);
}

// One channel times their number against the whole system, channel by channel.
TEST(Profile, OneChannelStandsForAll) {
  for (const char* name : {"hbm3-5200-8h-16gb", "ddr5-4800-2rx4-64gb"}) {
    const System system = load_system(catalog(), name);
    const Profile profile = streamed(system, {}, core::Cache(fresh_folder("all")));
    Pattern pattern;
    pattern.accesses = 1'000'000;
    EXPECT_NEAR(run(system, pattern).bandwidth(system) / profile.bandwidth, 1.0, 0.01) << name;
    EXPECT_LT(profile.unloaded_latency, profile.loaded_latency);
    EXPECT_GT(profile.idle.value(), 0);
  }
}

}  // namespace
}  // namespace wordline::memory
