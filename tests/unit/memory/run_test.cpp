// Runs are conserved, deterministic over threads, and give the latencies and counts that can be worked out by hand.
#include "wordline/memory/run.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "wordline/core/catalog.h"

namespace wordline::memory {
namespace {

const core::Catalog& catalog() {
  static const core::Catalog shipped = core::Catalog::open();
  return shipped;
}

std::string json_of(const System& system, const Result& result) {
  nlohmann::ordered_json document;
  append_json(document, system, result);
  return document.dump();
}

Pattern random_pattern(std::uint64_t accesses, double reads = 1) {
  Pattern pattern;
  pattern.kind = "random";
  pattern.accesses = accesses;
  pattern.reads = reads;
  return pattern;
}

// One read of an idle memory: ACT (both its parts) at once, after tRCD a CAS where a data clock has to be started, RD,
// the last data tCL + burst later.
TEST(Run, UnloadedLatencyIsActivateColumnBurst) {
  for (const auto& name : catalog().names("memory/modules")) {
    SCOPED_TRACE(name);
    const System system = load_system(catalog(), name);
    const auto& standard = system.module.part->standard;
    const auto& usual = standard.usual;
    const int same_bank = standard.geometry.bank_level();
    const auto activation = standard.act_spacing + standard.gap(same_bank, usual.act, usual.rd);
    const auto clock_start = standard.sync_level < 0 ? 0 : standard.gap(same_bank, usual.cas_rd, usual.rd);
    const auto next_burst = (system.bursts() - 1) * standard.gap(same_bank, usual.rd, usual.rd);
    const Result result = run(system, random_pattern(1));
    EXPECT_EQ(result.ticks,
              activation + clock_start + next_burst + standard.spec(usual.rd).latency + standard.spec(usual.rd).burst);
    EXPECT_EQ(result.row_misses, 1u);
    EXPECT_EQ(result.activity.commands[usual.act], 1);
    EXPECT_EQ(result.activity.commands[usual.rd], system.bursts());
  }
}

TEST(Run, CountsEveryAccessOnce) {
  for (const auto& name : catalog().names("memory/modules")) {
    SCOPED_TRACE(name);
    const System system = load_system(catalog(), name, 2);
    const Result result = run(system, random_pattern(5000, 0.6));
    const auto& usual = system.module.part->standard.usual;
    EXPECT_EQ(result.accesses, 5000u);
    EXPECT_EQ(result.row_hits + result.row_misses, 5000u);
    EXPECT_EQ(result.read_latency.count(), result.reads);
    EXPECT_EQ(result.activity.commands[usual.rd], static_cast<std::int64_t>(result.reads) * system.bursts());
    EXPECT_EQ(result.activity.commands[usual.wr], static_cast<std::int64_t>(result.writes) * system.bursts());
    EXPECT_GE(result.activity.commands[usual.act], static_cast<std::int64_t>(result.row_misses));
  }
}

TEST(Run, IsTheSameOnAnyNumberOfThreads) {
  for (const char* name : {"hbm3-5200-8h-16gb", "ddr5-4800-2rx4-64gb", "mcr-8800-2rx4-64gb"}) {
    const System system = load_system(catalog(), name);
    RunOptions options;
    options.threads = 1;
    const auto one = json_of(system, run(system, random_pattern(140'000, 0.7), options));
    options.threads = 3;
    EXPECT_EQ(one, json_of(system, run(system, random_pattern(140'000, 0.7), options)));
  }
}

// A sparse injector: the n-th access is offered at clock n * gap and none waits, so the last one ends the run.
TEST(Run, GapsAreKept) {
  const System system = load_system(catalog(), "hbm3-5200-8h-16gb");
  RunOptions options;
  options.injector = Injector::single;
  options.gap_clocks = 1000;
  const Result result = run(system, random_pattern(101), options);
  const dram::Tick last_offer = dram::Tick{100} * 1000 * system.module.part->standard.ticks_per_clock;
  EXPECT_GT(result.ticks, last_offer);
  EXPECT_LT(result.ticks, last_offer + 4000);
}

// A chain of dependent reads: each comes a whole round after the one before it, the module's own delay included.
TEST(Run, DependentAccessesFollowOneAnother) {
  for (const char* name : {"ddr5-4800-1rx8-16gb", "hbm3-5200-8h-16gb", "mcr-8800-2rx4-64gb"}) {
    SCOPED_TRACE(name);
    System system = load_system(catalog(), name);
    system.settings.refresh = "none";
    Pattern chase;
    chase.kind = "chase";
    chase.accesses = 300;
    const Result result = run(system, chase);  // never split
    const double mean = result.mean_read_latency(system).value();
    const double clocks = 2.0 * system.module.part->standard.ticks_per_clock;
    EXPECT_GE(result.time(system).value(), 299 * mean);
    EXPECT_LE(result.time(system).value(), 300 * (mean + clocks * system.module.part->clock.period().value()));
  }
}

// Bursts of ten with pauses of 5,000 clocks: nine pauses and little more.
TEST(Run, PausesPass) {
  const System system = load_system(catalog(), "ddr5-4800-1rx8-16gb");
  Pattern bursts = random_pattern(100);
  bursts.burst = 10;
  bursts.idle_clocks = 5000;
  const auto clock = system.module.part->standard.ticks_per_clock;
  const dram::Tick ticks = run(system, bursts).ticks;
  EXPECT_GT(ticks, 9 * 5000 * clock);
  EXPECT_LT(ticks, (9 * 5000 + 2000) * clock);
}

TEST(Run, ASingleInjectorIsNoFasterThanOneForEachBus) {
  const System system = load_system(catalog(), "hbm3-5200-8h-16gb");
  RunOptions single;
  single.injector = Injector::single;
  EXPECT_GT(run(system, random_pattern(50'000), single).ticks, run(system, random_pattern(50'000)).ticks);
}

TEST(Run, HitsAreCountedWhereRowsStayOpen) {
  const System system = load_system(catalog(), "ddr5-4800-1rx8-16gb");
  Pattern pattern;
  pattern.accesses = 100'000;
  const Result stream = run(system, pattern);
  EXPECT_GT(stream.row_hits, stream.accesses * 95 / 100);
  const Result random = run(system, random_pattern(100'000));
  EXPECT_LT(random.row_hits, random.accesses / 100);
}

TEST(Run, TheFaceHasItsKeys) {
  const System system = load_system(catalog(), "hbm3-5200-8h-16gb");
  nlohmann::ordered_json document;
  append_json(document, system, run(system, random_pattern(1000)));
  for (const char* key : {"accesses", "bytes", "simulated_seconds", "bandwidth_gbps", "peak_gbps", "utilization",
                          "mean_read_latency_ns", "p50_read_latency_ns", "p95_read_latency_ns", "p99_read_latency_ns",
                          "watts", "row_hits", "row_misses", "commands", "energy_j", "pj_per_bit"})
    EXPECT_TRUE(document.contains(key)) << key;
  EXPECT_NEAR(document["peak_gbps"].get<double>(), 670, 0.5);
  EXPECT_DOUBLE_EQ(document["bandwidth_gbps"].get<double>(),
                   64000.0 / document["simulated_seconds"].get<double>() / 1e9);
}

}  // namespace
}  // namespace wordline::memory
