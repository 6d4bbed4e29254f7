// HBM of accelerators against measurements. Fitted: the H100's queues, the A64FX's tRFC, the H200's refresh mode; the
// rest is predicted.
#include "machines.h"
#include "wordline/memory/simulation.h"

namespace wordline::memory {
namespace {

constexpr int row_bits_of_u280 = 14;

// Latency in ns of a lone read of a U280 stack, after `prepare` reads at the given addresses and a pause of `idle`.
class Shuhai : public ::testing::Test {
 protected:
  Shuhai() : named_(machine("u280-hbm2")) { named_.system.settings.access_bytes = 32; }

  double read_ns(Simulation& simulation, std::uint64_t address) {
    const dram::Tick start = simulation.now();
    EXPECT_TRUE(simulation.enqueue(address, false));
    finished_ = 0;
    while (finished_ == 0) simulation.advance(simulation.now() + 1);
    return (named_.system.module.part->clock.period() * static_cast<double>(finished_ - start))
        .in(core::nanoseconds(1));
  }

  Simulation fresh() {
    return Simulation(named_.system, [this](const Completion& completion) { finished_ = completion.finished; });
  }

  NamedSystem named_;
  dram::Tick finished_ = 0;
};

// Wang et al., FCCM 2020, table 4 (switch off): hit 48, closed 55, miss 62 cycles of 450 MHz. Shuhai reads one address
// again for a hit, and the next row of its bank for a miss; no refresh falls between.
TEST_F(Shuhai, OpenClosedAndConflictingRows) {
  named_.system.settings.address_map = "column pseudochannel channel module bankgroup bank row";
  const auto next_row = static_cast<std::uint64_t>(named_.system.capacity().value()) >> row_bits_of_u280;
  Simulation simulation = fresh();
  const double closed = read_ns(simulation, 0);
  simulation.advance(simulation.now() + 50);
  const double hit = read_ns(simulation, 0);
  simulation.advance(simulation.now() + 50);
  const double miss = read_ns(simulation, next_row);
  tell("closed - hit", closed - hit, 15.5, "ns");
  tell("miss - closed", miss - closed, 15.6, "ns");
  tell("hit", hit + named_.front_end.latency.in(core::nanoseconds(1)), 106.7, "ns (the front end's constant fitted)");
  EXPECT_NEAR(closed - hit, 15.5, 1.5);
  EXPECT_NEAR(miss - closed, 15.6, 1.5);
  EXPECT_NEAR(hit + named_.front_end.latency.in(core::nanoseconds(1)), 106.7, 1);
}

// The same, table 5: 13.27 of 14.4 GB/s a pseudo-channel.
TEST_F(Shuhai, StreamOfOneChannel) {
  named_.system.count = 1;
  const double stream = memory_limit(named_.system, {.accesses = 600'000});
  tell("U280 stream", stream, 92.2);
  EXPECT_NEAR(stream, 92.2, 1);
}

// Mess on MareNostrum 5 (BSC): 1,571 and 1,455 of 1,631 GB/s.
TEST(H100WithHbm2e, PureReadsAndHalfWrites) {
  const auto named = machine("h100-64gb-hbm2e");
  const Loaded reads = loaded(named, 1), halves = loaded(named, 0.5);
  const double peak = named.system.peak().value();
  tell("H100 reads", 100 * reads.bandwidth.value() / peak, 96.3);
  tell("H100 half writes", 100 * halves.bandwidth.value() / peak, 89.2);
  tell("H100 latency there", reads.mean_latency.in(core::nanoseconds(1)), 784, "ns");
  tell("H100 latency there, half writes", halves.mean_latency.in(core::nanoseconds(1)), 1300, "ns");
  EXPECT_NEAR(100 * reads.bandwidth.value() / peak, 96.3, 2);
  EXPECT_NEAR(100 * halves.bandwidth.value() / peak, 89.2, 2);
}

// CMU-SAFARI HBM-Power, HBM3E_measurements.csv: 4,517 to 4,523 of 4,800 GB/s. All stacks are alike: one is run.
TEST(H200, Random128ByteReads) {
  auto named = machine("h200-sxm");
  named.system.count = 1;
  const Pattern pattern{.kind = "gather", .accesses = 500'000, .piece_blocks = 2};
  const double per_bank = memory_limit(named.system, pattern);
  named.system.settings.refresh = "all-bank";
  const double all_bank = memory_limit(named.system, pattern);
  tell("H200 random 128-byte reads, per-bank refresh", per_bank, 94);
  tell("the same, all-bank refresh", all_bank, 94);
  EXPECT_NEAR(per_bank, 94, 3);
  EXPECT_LT(all_bank, 91);  // so it is not what this machine's controllers do
}

// Mess-Results@16ab1d6: 833 GB/s of half writes and 638 of 82 % reads, half of the peak of 1,638: the cores bind.
TEST(XeonMax, ItsCoresBind) {
  const auto named = machine("xeon-max-9480");
  const double halves = loaded(named, 0.5).bandwidth.value() / 1e9;
  const double reads = loaded(named, 0.82).bandwidth.value() / 1e9;
  tell("Xeon Max half writes", halves, 833, "GB/s");
  tell("Xeon Max 82 % reads", reads, 638, "GB/s");
  EXPECT_NEAR(halves, 833, 833 * 0.06);
  EXPECT_NEAR(reads, 638, 638 * 0.06);
}

// bsc-mem/Mess-simulator@e387efc a64fx-hbm2: 942.6 of 1,024 GB/s. tRFC of 260 ns is chosen to match; 350 ns misses.
TEST(A64fx, ReadsAreBoundByRefresh) {
  auto named = machine("a64fx");
  const double cores = saturation(named, 1);
  tell("A64FX reads", cores, 92.0);
  EXPECT_NEAR(cores, 92.0, 2);
  const auto longer = load_system(core::Catalog::open(), "hbm2-2000-8h-8gb");
  const double standard = memory_limit(longer, {.accesses = 600'000});
  tell("the same with tRFC of 350 ns, streams", standard, 92.0);
  EXPECT_LT(standard, 90.3);
}

}  // namespace
}  // namespace wordline::memory
