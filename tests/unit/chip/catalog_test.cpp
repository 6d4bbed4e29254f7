// Chips of the catalogue, a stranger's chip in one file, and refusals that say where.
#include "wordline/chip/chip.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "wordline/chip/kernel_timer.h"
#include "wordline/core/error.h"
#include "wordline/memory/named_system.h"

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

// Vendors' figures; where a file says so, those of the press. `off` is how far the nearest speed grade may lie from a
// rounded bandwidth: Inferentia1's 50 GiB/s are no grade of DDR4.
struct Published {
  const char* name;
  int cores;
  double tflops, gbps, gigabytes;
  double off = 0.01;
};
const std::vector<Published> published = {{"inferentia1", 4, 64, 53.7, 8.59, 0.05},
                                          {"inferentia2", 2, 190, 820, 34.4},
                                          {"trainium1", 2, 190, 820, 34.4},
                                          {"trainium2", 8, 667, 2900, 103.1},
                                          {"gaudi-2", 2, 432, 2460, 96},
                                          {"gaudi-3", 8, 1677, 3670, 128},
                                          {"a100-sxm-40gb", 108, 312, 1555, 40},
                                          {"a100-sxm-80gb", 108, 312, 2039, 80},
                                          {"h100-sxm", 132, 989.4, 3350, 80},
                                          {"h100-pcie", 114, 756, 2039, 80},
                                          {"h200-sxm", 132, 989.4, 4800, 141},
                                          {"b200", 148, 2250, 7700, 180},
                                          {"rtx-4090", 128, 165.2, 1008, 25.25},
                                          {"rtx-pro-6000", 188, 480, 1597, 101.97},
                                          {"rtx-pro-6000-workstation", 188, 503.8, 1792, 101.97},
                                          {"mi300x", 304, 1307, 5300, 192},
                                          {"xeon-8480", 56, 114.7, 307.2, 550},
                                          {"xeon-max-9480", 56, 109, 1638, 64},
                                          {"xeon-6980p-rdimm-6400", 128, 262.1, 614.4, 825},
                                          {"xeon-6980p-mcr-8800", 128, 262.1, 844.8, 825},
                                          {"graviton3", 64, 21.3, 307.2, 137.4}};

TEST(Chips, EveryShippedChipLoadsWithItsPublishedFigures) {
  const Catalog catalog = Catalog::open();
  const auto names = catalog.names("chips");
  for (const auto& want : published) {
    ASSERT_NE(std::find(names.begin(), names.end(), want.name), names.end()) << want.name;
    const Chip chip = load(catalog, want.name);
    EXPECT_EQ(chip.cores.count, want.cores) << want.name;
    EXPECT_NEAR(chip.rate(Dtype::bf16).peak.value() / 1e12, want.tflops, want.tflops * 0.001) << want.name;
    EXPECT_NEAR(chip.memory.peak.value() / 1e9, want.gbps, want.gbps * want.off) << want.name;
    EXPECT_NEAR(chip.memory.capacity.value() / 1e9, want.gigabytes, want.gigabytes * 0.002) << want.name;
  }
}

TEST(Chips, EveryQuantityIsPositive) {
  const Catalog catalog = Catalog::open();
  for (const auto& name : catalog.names("chips")) {
    const Chip chip = load(catalog, name);
    const std::vector<std::pair<const char*, double>> quantities = {
        {"vector", chip.vector.value()},
        {"exponentials", chip.exponentials.value()},
        {"clock", chip.cores.clock.value()},
        {"clock_under_load", chip.cores.clock_under_load.value()},
        {"scratch", chip.cores.scratch.value()},
        {"accumulator", chip.cores.accumulator.value()},
        {"array_rows", chip.cores.array_rows},
        {"array_columns", chip.cores.array_columns},
        {"load latency", chip.load.latency.value()},
        {"granule", chip.load.granule.value()},
        {"in_flight", chip.load.in_flight.value()},
        {"launch", chip.launch.value()},
        {"idle", chip.idle.value()},
        {"energy", chip.energy(Dtype::bf16).value()}};
    for (const auto& [what, value] : quantities) EXPECT_GT(value, 0) << name << ": " << what;
    EXPECT_GE(chip.cores.clock, chip.cores.clock_under_load) << name;
    EXPECT_GT(chip.vector, chip.exponentials) << name;
    EXPECT_GT(chip.rate(Dtype::bf16).peak, chip.vector) << name;
    EXPECT_LE(chip.memory.capacity, chip.memory.system->capacity()) << name;
    EXPECT_TRUE(chip.price.rent || chip.price.buy) << name;
    // The Xeon Max's mesh carries less than its HBM does.
    EXPECT_TRUE(chip.cache.size.value() == 0 || chip.cache.bandwidth > chip.memory.peak / 2) << name;
    EXPECT_TRUE(chip.port.largest_group == 1 || chip.port.bandwidth < chip.memory.peak) << name;
  }
}

// The arrays and clocks of those whose peak is their product: rows x columns x 2 x cores x clock.
TEST(Chips, SystolicPeaksAreTheirArrays) {
  const Catalog catalog = Catalog::open();
  for (const char* name : {"inferentia1", "inferentia2", "trainium1", "trainium2", "gaudi-2", "gaudi-3"}) {
    const Chip chip = load(catalog, name);
    const double product =
        2.0 * chip.cores.array_rows * chip.cores.array_columns * chip.cores.count * chip.cores.clock.value();
    EXPECT_NEAR(chip.rate(Dtype::bf16).peak.value() / product, 1, 0.07) << name;
  }
}

TEST(Chips, LoadsAsTheMachinesWhoseMemoryTheyHave) {
  const Catalog catalog = Catalog::open();
  for (const auto& name : catalog.names("chips")) {
    const Chip chip = load(catalog, name);
    const std::string system = catalog.read("chips", name).table("memory").text("system");
    const auto machine = memory::load_named_system(catalog, system);
    EXPECT_EQ(chip.memory.module, machine.system.module.name) << name;
    EXPECT_EQ(chip.memory.count, machine.system.count) << name;
    EXPECT_EQ(chip.memory.system->settings.refresh, machine.system.settings.refresh) << name;
    EXPECT_EQ(chip.memory.system->settings.write_queue, machine.system.settings.write_queue) << name;
    EXPECT_EQ(chip.memory.system->settings.address_map, machine.system.settings.address_map) << name;
    EXPECT_DOUBLE_EQ(chip.load.latency.value(), machine.front_end.latency.value()) << name;
    EXPECT_DOUBLE_EQ(chip.load.in_flight.value() * chip.cores.count,
                     1.0 * machine.front_end.loaders * machine.front_end.outstanding * machine.system.access_bytes())
        << name;
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

TEST(Chips, OtherModulesStayBehindTheSameControllers) {
  const Catalog catalog = Catalog::open();
  Chip h100 = load(catalog, "h100-sxm");
  h100.memory.pieces_at_once = 7;
  const auto& own = h100.memory.system->settings;
  ASSERT_EQ(own.refresh, "per-bank");
  ASSERT_EQ(own.write_queue, 192);
  const Chip newer = with_memory(h100, catalog, "hbm4-8000-12h-36gb", 5);
  EXPECT_EQ(newer.memory.system->settings.refresh, "per-bank");
  EXPECT_EQ(newer.memory.system->settings.write_queue, 192);
  EXPECT_EQ(newer.memory.pieces_at_once, 7);
  // DDR4 has no per-bank refresh; the queues hold accesses of any memory.
  const Chip older = with_memory_speed(h100, catalog, "ddr4-3200-1rx8-8gb", 12);
  EXPECT_EQ(older.memory.system->settings.refresh, "all-bank");
  EXPECT_EQ(older.memory.system->settings.write_queue, 192);
  // HBM has no ranks, which the Xeon's address map names.
  const Chip xeon = load(catalog, "xeon-8480");
  ASSERT_THAT(xeon.memory.system->settings.address_map, HasSubstr("rank"));
  const Chip stacked = with_memory(xeon, catalog, "hbm2e-3200-8h-16gb", 4);
  EXPECT_EQ(stacked.memory.system->settings.address_map, "interleaved");
  EXPECT_TRUE(stacked.memory.system->settings.refreshes_spread);
}

TEST(Chips, AStrangerNamesAMachineAndReplacesItsModules) {
  const auto with = [](const std::string& name, const std::string& memory) {
    return load(with_chip(name, stranger_with("module = \"hbm3-5200-8h-16gb\"\ncount = 2\n", memory)), name).memory;
  };
  const Memory machine = with("machine", "system = \"h200-sxm\"\n");
  EXPECT_EQ(machine.module, "hbm3e-6300-8h-24gb");
  EXPECT_EQ(machine.count, 6);
  EXPECT_EQ(machine.capacity, core::gigabytes(32));
  EXPECT_EQ(machine.system->settings.refresh, "per-bank");
  const Memory fewer = with("fewer", "system = \"h200-sxm\"\ncount = 4\n");
  EXPECT_EQ(fewer.module, machine.module);
  EXPECT_EQ(fewer.count, 4);
  const Memory other = with("other", "system = \"h200-sxm\"\nmodule = \"hbm3-5200-8h-16gb\"\n");
  EXPECT_EQ(other.module, "hbm3-5200-8h-16gb");
  EXPECT_EQ(other.count, 6);
  EXPECT_EQ(other.system->settings.refresh, "per-bank");
}

TEST(Chips, MistakesAreNamedWithTheirPlace) {
  EXPECT_THAT([] { load(Catalog::open(), "h100-sxn"); }, ThrowsMessage<core::InputError>(HasSubstr("h100-sxm")));
  EXPECT_THAT(loading("unit", stranger_with("400 TFLOP/s", "400 TB/s")),
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("unit.toml:6:"), HasSubstr("TFLOP/s"))));
  EXPECT_THAT(loading("key", stranger_with("launch =", "lunch =")),
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("key.toml:14:"), HasSubstr("launch"))));
  EXPECT_THAT(loading("module", stranger_with("hbm3-5200-8h-16gb", "hbm3-5200-8h-16g")),
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("module.toml:9:"), HasSubstr("hbm3-5200-8h-16gb"))));
  EXPECT_THAT(loading("system", stranger_with("module = \"hbm3-5200-8h-16gb\"", "system = \"h200-sxn\"")),
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("system.toml:9:"), HasSubstr("\"h200-sxm\"?"))));
  EXPECT_THAT(loading("neither", stranger_with("module = \"hbm3-5200-8h-16gb\"\n", "")),
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("neither.toml:8:"), HasSubstr("system of a machine"))));
  EXPECT_THAT(loading("capacity", stranger_with("32 GB", "320 GB")),
              ThrowsMessage<core::InputError>(HasSubstr("capacity.toml:11:")));
  EXPECT_THAT(loading("source", stranger_with("source = \"its maker's data sheet\"\n", "")),
              ThrowsMessage<core::InputError>(HasSubstr("source")));
  EXPECT_THAT(loading("idle", stranger_with("50 W", "500 W")), ThrowsMessage<core::InputError>(HasSubstr("TDP")));
  EXPECT_THAT(loading("running", stranger_with("idle = \"50 W\"", "idle = \"50 W\"\nrunning = \"40 W\"")),
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("running.toml:19:"), HasSubstr("from idle up"))));
  EXPECT_THAT(loading("price", stranger_with("rent =", "tent =")), ThrowsMessage<core::InputError>(HasSubstr("rent")));
}

}  // namespace
}  // namespace wordline::chip
