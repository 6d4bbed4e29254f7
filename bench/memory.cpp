// How fast the memory room simulates. "peers/...": the work that other simulators were timed on, access by access
// (one injector, 32 + 32 queue entries, energy counted); "split/...": each data bus fed on its own, on threads;
// "profile/...": all that a chip asks for, without the cache. bench/instructions.sh counts instructions of the same
// rows.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "wordline/core/catalog.h"
#include "wordline/memory/profile.h"
#include "wordline/memory/run.h"

namespace {

using namespace wordline;

constexpr std::uint64_t gib = std::uint64_t{1} << 30;

// One row of the table. `map` empty: the module's default.
struct Work {
  const char* name;
  const char* module;
  const char* pattern;
  const char* map;
  std::uint64_t bytes;
  std::uint64_t accesses = 1'000'000;
  std::uint64_t gap_clocks = 0;
};

// A DIMM has two sub-channels: with the channel highest, the lower half of the addresses lies in one.
constexpr const char* one_subchannel = "column bankgroup bank row channel";
constexpr const char* one_subchannel_stream = "bankgroup column bank row channel";

constexpr Work peers[] = {
    {"hbm3-6400 random", "hbm3-6400-8h-16gb", "random", "linear", 16 * gib},
    {"hbm3-6400 stream", "hbm3-6400-8h-16gb", "stream", "", 16 * gib},
    {"hbm3-6400 mix", "hbm3-6400-8h-16gb", "mix", "linear", 16 * gib},
    {"hbm3-6400 random, one per 100 clocks", "hbm3-6400-8h-16gb", "random", "linear", 16 * gib, 100'000, 100},
    {"hbm2-2000 random", "hbm2-2000-8h-8gb", "random", "linear", 8 * gib},
    {"hbm2-2000 stream", "hbm2-2000-8h-8gb", "stream", "", 8 * gib},
    {"ddr5-4800 sub-channel random", "ddr5-4800-1rx8-16gb", "random", one_subchannel, 8 * gib},
    {"ddr5-4800 sub-channel stream", "ddr5-4800-1rx8-16gb", "stream", one_subchannel_stream, 8 * gib},
    {"ddr5-4800 sub-channel mix", "ddr5-4800-1rx8-16gb", "mix", one_subchannel, 8 * gib},
    {"ddr4-3200 random", "ddr4-3200-1rx8-8gb", "random", "linear", 8 * gib},
    {"ddr4-3200 stream", "ddr4-3200-1rx8-8gb", "stream", "", 8 * gib},
    {"ddr4-3200 mix", "ddr4-3200-1rx8-8gb", "mix", "linear", 8 * gib},
    {"hbm4-8000 random", "hbm4-8000-12h-36gb", "random", "linear", 16 * gib},
    {"hbm4-8000 stream", "hbm4-8000-12h-36gb", "stream", "", 16 * gib},
};

memory::Settings peers_settings(const Work& work) {
  memory::Settings settings;
  settings.read_queue = settings.write_queue = 32;
  settings.write_high = 24, settings.write_low = 8;
  if (*work.map) settings.address_map = work.map;
  return settings;
}

void peers_work(benchmark::State& state, const Work& work) {
  auto system = memory::load_system(core::Catalog::open(), work.module);
  system.settings = peers_settings(work);
  memory::Pattern pattern;
  pattern.kind = work.pattern;
  pattern.accesses = work.accesses;
  pattern.blocks = work.bytes / static_cast<std::uint64_t>(system.access_bytes());
  memory::RunOptions options;
  options.injector = memory::Injector::single;
  options.gap_clocks = work.gap_clocks;
  for (auto _ : state) benchmark::DoNotOptimize(memory::run(system, pattern, options).ticks);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(work.accesses));
}

// Streams of a whole stack or machine, split by data bus; the argument is the number of threads.
void split_stream(benchmark::State& state, const std::string& module, int count, std::uint64_t accesses) {
  const auto system = memory::load_system(core::Catalog::open(), module, count);
  memory::Pattern pattern;
  pattern.accesses = accesses;
  memory::RunOptions options;
  options.threads = static_cast<unsigned>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(memory::run(system, pattern, options).ticks);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(accesses));
}

void profile(benchmark::State& state, const std::string& module, int count) {
  const auto catalog = core::Catalog::open();
  const auto system = memory::load_system(catalog, module, count);
  const core::Cache nowhere("/dev/null/no-cache");
  for (auto _ : state) {
    benchmark::DoNotOptimize(memory::streamed(system, {}, nowhere).bandwidth);
    benchmark::DoNotOptimize(memory::streamed(system, {.reads = 0.5}, nowhere).bandwidth);
    benchmark::DoNotOptimize(memory::streamed(system, {.piece_bytes = 16384}, nowhere).bandwidth);
  }
}

void register_all() {
  for (const Work& work : peers)
    benchmark::RegisterBenchmark((std::string("peers/") + work.name).c_str(), [&work](benchmark::State& state) {
      peers_work(state, work);
    })->Unit(benchmark::kMillisecond);
  const auto split = [](const char* name, const char* module, int count, std::uint64_t accesses) {
    benchmark::RegisterBenchmark(name, [=](benchmark::State& state) { split_stream(state, module, count, accesses); })
        ->ArgName("threads")
        ->Arg(1)
        ->Arg(2)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  };
  split("split/hbm3-6400 stream", "hbm3-6400-8h-16gb", 1, 2'000'000);
  split("split/h200 stream, 20 us", "hbm3e-6300-8h-24gb", 6, 1'500'000);
  const auto chip = [](const char* name, const char* module, int count) {
    benchmark::RegisterBenchmark(name, [=](benchmark::State& state) {
      profile(state, module, count);
    })->Unit(benchmark::kMillisecond);
  };
  chip("profile/h100", "hbm3-5200-8h-16gb", 5);
  chip("profile/gaudi 3", "hbm2e-3600-8h-16gb", 8);
  chip("profile/xeon 8480", "ddr5-4800-2rx4-64gb", 8);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  register_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
