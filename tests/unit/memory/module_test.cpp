// Modules of the catalogue: part, ranks, delays, and the two forms of a pair of ranks.
#include "wordline/memory/module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "wordline/core/error.h"

namespace wordline::memory {
namespace {

using core::Catalog;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// The shipped catalogue and one more module, `text`, called "mine".
Catalog with_module(const std::string& text) {
  const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
  const auto root = std::filesystem::path(::testing::TempDir()) / (std::string("modules-") + test->name());
  std::filesystem::create_directories(root / "memory" / "modules");
  std::ofstream(root / "memory" / "modules" / "mine.toml") << text;
  return Catalog::open({root});
}

TEST(Module, APairOfRanksIsTwoPseudoChannelsOrLocked) {
  const Catalog shipped = Catalog::open();
  for (const char* rate : {"8800", "12800"}) {
    const std::string name = std::string("mcr-") + rate + "-2rx4-64gb";
    const Module two = load_module(shipped, name), locked = load_module(shipped, name + "-locked");
    EXPECT_EQ(two.part->standard.name, "ddr5-mcr");
    EXPECT_EQ(locked.part->standard.name, "ddr5-mcr-locked");
    EXPECT_EQ(two.part->standard.geometry.burst_bytes, 64);
    EXPECT_EQ(locked.part->standard.geometry.burst_bytes, 128);
    EXPECT_EQ(two.capacity().value(), locked.capacity().value());
    EXPECT_NEAR(two.peak().value(), locked.peak().value(), 1);
    EXPECT_EQ(2 * two.part->devices_per_rank, locked.part->devices_per_rank);
    for (const char* timing : {"tCL", "tRCD", "tRP", "tRFCab", "tFAW"})  // ticks of half a clock, and of a clock
      EXPECT_EQ(two.part->standard.timing(timing), 2 * locked.part->standard.timing(timing)) << timing;
  }
}

TEST(Module, DelaysOfRegisterAndBuffersAddUp) {
  const Catalog own = with_module(R"(title = "Mine"
part = "ddr5-mcr-8800-x4-16gb"
source = "a test"
kind = "assumed"
pair = "locked"
registering_delay = "2 ns"
buffer_delay = "3 ns"
)");
  EXPECT_NEAR(load_module(own, "mine").read_delay.value(), 5e-9, 1e-18);
}

TEST(Module, APairThatAPartDoesNotHaveIsRefused) {
  const char* const head = "title = \"Mine\"\npart = \"ddr5-4800-x4-16gb\"\n";
  const Catalog two = with_module(std::string(head) + "pair = \"pseudochannels\"\n");
  EXPECT_THAT([&] { load_module(two, "mine"); },
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("mine.toml:3:"), HasSubstr("pseudo-channels"))));
  const Catalog locked = with_module(std::string(head) + "pair = \"locked\"\n");
  EXPECT_THAT([&] { load_module(locked, "mine"); },
              ThrowsMessage<core::InputError>(HasSubstr("ddr5-4800-x4-16gb-locked")));
  const Catalog other = with_module(std::string(head) + "pair = \"lockd\"\n");
  EXPECT_THAT([&] { load_module(other, "mine"); },
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("mine.toml:3:"), HasSubstr("locked"))));
}

TEST(Module, OperatesInTheModesThatItNames) {
  const std::string head = "title = \"Mine\"\npart = \"ddr5-4800-x8-16gb\"\n";
  const Module cool = load_module(with_module(head), "mine");
  const Module hot = load_module(with_module(head + "modes = [\"hot\"]\n"), "mine");
  const Module asked = load_module(with_module(head), "mine", {}, {"hot"});
  EXPECT_EQ(hot.modes, dram::Modes{"hot"});
  EXPECT_EQ(2 * hot.part->standard.timing("tREFI"), cool.part->standard.timing("tREFI"));
  EXPECT_EQ(asked.part->standard.timing("tREFI"), hot.part->standard.timing("tREFI"));
  EXPECT_THAT([&] { load_module(with_module(head + "modes = [\"hott\"]\n"), "mine"); },
              ThrowsMessage<core::InputError>(HasSubstr("hott")));
}

TEST(Module, EnergiesFollowTheModeAndTheData) {
  const Module stack = load_module(Catalog::open(), "hbm3-6400-8h-16gb");
  const Module still = with_energies(stack, dram::EnergyMode::model, {0, 0, 0});
  const Module busy = with_energies(stack, dram::EnergyMode::model, {1, 1, 1});
  EXPECT_LT(still.part->power.read.value(), stack.part->power.read.value());
  EXPECT_LT(stack.part->power.read.value(), busy.part->power.read.value());
  EXPECT_EQ(with_energies(busy, dram::EnergyMode::model, {}).part->power.read.value(), stack.part->power.read.value());
  const Module dimm = load_module(Catalog::open(), "ddr5-4800-1rx8-16gb");
  const Module stated = with_energies(dimm, dram::EnergyMode::datasheet, {});
  EXPECT_GT(stated.part->power.read.value(), dimm.part->power.read.value());  // guard bands are on
}

}  // namespace
}  // namespace wordline::memory
