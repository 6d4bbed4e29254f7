// How fast the memory room simulates: accesses a second by module and pattern, one thread.
#include <benchmark/benchmark.h>

#include <string>

#include "wordline/core/catalog.h"
#include "wordline/memory/profile.h"
#include "wordline/memory/run.h"

namespace {

using namespace wordline;

void run_pattern(benchmark::State& state, const std::string& module, const std::string& kind, double reads) {
  const auto catalog = core::Catalog::open();
  const auto system = memory::load_system(catalog, module);
  memory::Pattern pattern;
  pattern.kind = kind;
  pattern.reads = reads;
  pattern.accesses = 1'000'000;
  memory::RunOptions options;
  options.threads = 1;
  for (auto _ : state) benchmark::DoNotOptimize(memory::run(system, pattern, options).ticks);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(pattern.accesses));
}

// All that a chip asks for, without the cache.
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

BENCHMARK_CAPTURE(run_pattern, hbm3 random, "hbm3-6400-8h-16gb", "random", 1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run_pattern, hbm3 stream, "hbm3-6400-8h-16gb", "stream", 1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run_pattern, hbm3 mix, "hbm3-6400-8h-16gb", "random", 2.0 / 3)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run_pattern, ddr5 random, "ddr5-4800-2rx4-64gb", "random", 1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run_pattern, ddr5 stream, "ddr5-4800-2rx4-64gb", "stream", 1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(profile, h100, "hbm3-5200-8h-16gb", 5)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(profile, gaudi 3, "hbm2e-3600-8h-16gb", 8)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(profile, xeon 8480, "ddr5-4800-2rx4-64gb", 8)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
