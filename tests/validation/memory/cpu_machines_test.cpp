// DDR5 of CPUs against the saturations of Mess' curves. Fitted: window, stores, write queue and refreshes' spread on
// the 8460Y+, frozen for the 8480+; the windows of Graviton3 and 6980P.
#include "machines.h"

namespace wordline::memory {
namespace {

double half_writes_cost(double reads, double halves) { return 100 * (1 - halves / reads); }

// bsc-mem/Mess-Results@16ab1d6, MN5: 267.4, 233.5 and 263.5 of 307.2 GB/s.
TEST(XeonDdr5, SaturationsOfThreeSockets) {
  struct Socket {
    const char* name;
    double reads, cost, within;
  };
  double of_16gb = 0, of_64gb = 0;
  for (const Socket& socket : {Socket{"xeon-8460y", 87.0, 11.5, 1}, Socket{"xeon-8480-8x16gb", 76.0, 19.7, 4},
                               Socket{"xeon-8480-8x64gb", 85.8, 15.0, 4}}) {
    const auto named = machine(socket.name);
    const double reads = saturation(named, 1), cost = half_writes_cost(reads, saturation(named, 0.5));
    tell(std::string(socket.name) + " reads", reads, socket.reads);
    tell(std::string(socket.name) + " half writes cost", cost, socket.cost, "%");
    EXPECT_NEAR(reads, socket.reads, socket.within) << socket.name;
    EXPECT_GE(cost, 11) << socket.name;
    EXPECT_LE(cost, 20) << socket.name;
    if (std::string(socket.name) == "xeon-8480-8x16gb") of_16gb = reads;
    if (std::string(socket.name) == "xeon-8480-8x64gb") of_64gb = reads;
  }
  tell("gap of the 8480+'s memories", of_64gb - of_16gb, 9.8);
  EXPECT_GE(of_64gb - of_16gb, 6);
}

// bsc-mem/Mess-simulator@e387efc graviton3-ddr5: 283.2 of 307.2 GB/s. Its cores' own walks and the chain's random rows
// cost the loaders 0.4 points more than one stream a bus: a known deviation with a bound of its own.
TEST(Graviton3, ReadsAreBoundByRefresh) {
  const auto named = machine("graviton3");
  const double limit = memory_limit(named.system, {.accesses = 1'000'000}), cores = saturation(named, 1);
  tell("Graviton3, the memory's limit", limit, 92.2);
  tell("Graviton3, loaded by its cores", cores, 92.2);
  EXPECT_NEAR(limit, 92.2, 1);
  EXPECT_NEAR(cores, 92.2, 1.5);
}

// Mess curves of a Xeon 6980P: 556 of 614.4 GB/s, 750 of 844.8, half writes 660.
TEST(Xeon6980P, RdimmAndMcr) {
  const double rdimm = saturation(machine("xeon-6980p-rdimm-6400"), 1);
  auto named = machine("xeon-6980p-mcr-8800");
  const Loaded locked = loaded(named, 1);
  const double reads = 100 * (locked.bandwidth / named.system.peak()), halves = saturation(named, 0.5);
  tell("6980P RDIMM-6400 reads", rdimm, 90.5);
  tell("6980P MRDIMM-8800 reads, locked", reads, 88.8);
  tell("6980P MRDIMM-8800 latency there, locked", locked.mean_latency.in(core::nanoseconds(1)), 260, "ns");
  tell("6980P MRDIMM-8800 half writes, locked", halves, 78.1);
  EXPECT_NEAR(rdimm, 90.5, 3);
  EXPECT_NEAR(reads, 88.8, 3);
  EXPECT_NEAR(halves, 78.1, 3);
  // The other form of the pair, with as many bytes under way.
  named.system.module = load_module(core::Catalog::open(), "mcr-8800-2rx4-64gb");
  named.front_end.outstanding *= 2;
  const double reads2 = saturation(named, 1), halves2 = saturation(named, 0.5);
  tell("6980P MRDIMM-8800 reads, two pseudo-channels", reads2, 88.8);
  tell("6980P MRDIMM-8800 half writes, two pseudo-channels", halves2, 78.1);
  EXPECT_LT(halves2, 78.1 - 10);  // so half writes tell the two forms apart
}

}  // namespace
}  // namespace wordline::memory
