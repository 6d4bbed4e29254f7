// Chips of the catalogue, a stranger's chip in one file, and refusals that say where.
#include "wordline/chip/chip.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "wordline/chip/kernel_timer.h"
#include "wordline/core/error.h"

namespace wordline::chip {
namespace {

using core::Catalog;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

const char* const stranger = R"(title = "A stranger's chip"
source = "its maker's data sheet"
kind = "datasheet"

[engines.bf16]
peak = "400 TFLOP/s"

[memory]
module = "hbm3-5200-8h-16gb"
count = 2
capacity = "32 GB"

[kernels]
launch = "2 us"

[power]
tdp = "300 W"
idle = "50 W"

[price]
rent = { low = "1 USD/h", high = "2 USD/h" }
)";

// A catalogue with one more chip, `text`, called `name`.
Catalog with_chip(const std::string& name, const std::string& text) {
  const auto root = std::filesystem::path(testing::TempDir()) / ("catalog-" + name);
  std::filesystem::create_directories(root / "chips");
  std::ofstream(root / "chips" / (name + ".toml")) << text;
  return Catalog::open({root});
}

// `stranger` with a part replaced.
std::string stranger_with(const std::string& before, const std::string& after) {
  std::string text = stranger;
  text.replace(text.find(before), before.size(), after);
  return text;
}

std::function<void()> loading(const std::string& name, const std::string& text) {
  return [=] { load(with_chip(name, text), name); };
}

TEST(Chips, EveryShippedChipLoadsWithItsPublishedFigures) {
  struct Published {
    const char* name;
    double tflops, gbps, gigabytes;
  };
  const std::vector<Published> all = {{"h100-sxm", 989.4, 3350, 80},
                                      {"h200-sxm", 989.4, 4800, 141},
                                      {"trainium2", 667, 2900, 103.1},
                                      {"inferentia2", 190, 820, 34.4},
                                      {"gaudi-3", 1677, 3670, 128},
                                      {"xeon-8480", 114.7, 307.2, 550},
                                      {"xeon-6980p-rdimm-6400", 262.1, 614.4, 825},
                                      {"xeon-6980p-mcr-8800", 262.1, 844.8, 825}};
  const Catalog catalog = Catalog::open();
  EXPECT_GE(catalog.names("chips").size(), all.size());
  for (const auto& want : all) {
    const Chip chip = load(catalog, want.name);
    EXPECT_NEAR(chip.rate(Dtype::bf16).peak.value(), want.tflops * 1e12, 1e9) << want.name;
    EXPECT_NEAR(chip.memory.peak.value() / 1e9, want.gbps, want.gbps * 0.01) << want.name;
    EXPECT_NEAR(chip.memory.capacity.value() / 1e9, want.gigabytes, want.gigabytes * 0.002) << want.name;
  }
}

TEST(Chips, WhatNobodyStatesIsMarkedAssumed) {
  const Catalog catalog = Catalog::open();
  load(catalog, "gaudi-3");
  const auto facts = catalog.facts();
  const auto launch = std::find_if(facts.begin(), facts.end(), [](const auto& f) {
    return f.subject == "chips/gaudi-3" && f.path == "kernels.launch";
  });
  ASSERT_NE(launch, facts.end());
  EXPECT_EQ(launch->kind, "assumed");
}

TEST(Chips, AStrangerAddsAChipByOneFile) {
  const Catalog catalog = with_chip("stranger", stranger);
  const auto names = catalog.names("chips");
  EXPECT_NE(std::find(names.begin(), names.end(), "stranger"), names.end());
  KernelTimer timer(load(catalog, "stranger"));
  Movement k;
  k.read = core::gigabytes(1);
  k.matrix = core::Flops(2e9);
  const auto cost = timer({"read", k});
  // Bound by its two simulated stacks: slower than their peak, no slower than 80 % of it.
  EXPECT_EQ(cost.bound, Bound::dram);
  const auto ideal = k.read / timer.chip().memory.peak;
  EXPECT_GT(cost.dram, ideal);
  EXPECT_LT(cost.dram, ideal / 0.8);
  EXPECT_EQ(timer.chip().price.rent->mid.value() * 3600, 1.5);
  EXPECT_FALSE(timer.chip().price.buy);
  EXPECT_EQ(timer.chip().port.largest_group, 1);
}

TEST(Chips, SpeedAndCapacityOfTheMemoryAreReplacedApart) {
  const Catalog catalog = Catalog::open();
  const Chip h100 = load(catalog, "h100-sxm"), h200 = load(catalog, "h200-sxm");
  const Chip faster = with_memory_speed(h100, catalog, h200.memory.module, h200.memory.count);
  EXPECT_EQ(faster.memory.peak, h200.memory.peak);
  EXPECT_EQ(faster.memory.capacity, h100.memory.capacity);
  const Chip larger = with_memory_capacity(h100, h200.memory.capacity);
  EXPECT_EQ(larger.memory.peak, h100.memory.peak);
  EXPECT_EQ(larger.memory.capacity, h200.memory.capacity);
  const Chip both = with_memory(h100, catalog, h200.memory.module, h200.memory.count, h200.memory.capacity);
  EXPECT_EQ(both.memory.peak, h200.memory.peak);
  EXPECT_EQ(both.memory.capacity, h200.memory.capacity);
  EXPECT_EQ(both.launch, h100.launch);
}

TEST(Chips, MistakesAreNamedWithTheirPlace) {
  EXPECT_THAT([] { load(Catalog::open(), "h100-sxn"); }, ThrowsMessage<core::InputError>(HasSubstr("h100-sxm")));
  EXPECT_THAT(loading("unit", stranger_with("400 TFLOP/s", "400 TB/s")),
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("unit.toml:6:"), HasSubstr("TFLOP/s"))));
  EXPECT_THAT(loading("key", stranger_with("launch =", "lunch =")),
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("key.toml:14:"), HasSubstr("launch"))));
  EXPECT_THAT(loading("module", stranger_with("hbm3-5200-8h-16gb", "hbm3-5200-8h-16g")),
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("module.toml:9:"), HasSubstr("hbm3-5200-8h-16gb"))));
  EXPECT_THAT(loading("capacity", stranger_with("32 GB", "320 GB")),
              ThrowsMessage<core::InputError>(HasSubstr("capacity.toml:11:")));
  EXPECT_THAT(loading("source", stranger_with("source = \"its maker's data sheet\"\n", "")),
              ThrowsMessage<core::InputError>(HasSubstr("source")));
  EXPECT_THAT(loading("idle", stranger_with("50 W", "500 W")), ThrowsMessage<core::InputError>(HasSubstr("TDP")));
  EXPECT_THAT(loading("price", stranger_with("rent =", "tent =")), ThrowsMessage<core::InputError>(HasSubstr("rent")));
}

}  // namespace
}  // namespace wordline::chip
