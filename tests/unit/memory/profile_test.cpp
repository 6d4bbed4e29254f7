// Profiles are the same bits fresh or cached, survive a damaged cache, and agree with the run that they stand for.
#include "wordline/memory/profile.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "wordline/core/catalog.h"
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
