// How many kernels a second are estimated: cold, each tiling searched, and remembered.
#include <benchmark/benchmark.h>

#include "wordline/chip/kernel_timer.h"

namespace {

using namespace wordline;

std::vector<chip::Kernel> products(std::int64_t count) {
  std::vector<chip::Kernel> out;
  for (std::int64_t i = 0; i < count; ++i)
    out.push_back({"product", chip::Gemm{.m = 1 + i % 4096, .n = 1024 + 64 * (i % 97), .k = 1024 + 128 * (i % 89)}});
  return out;
}

std::vector<chip::Kernel> decodes(std::int64_t count) {
  std::vector<chip::Kernel> out;
  for (std::int64_t i = 0; i < count; ++i)
    out.push_back({"decode", chip::DecodeAttention{.sequences = 1 + i % 256,
                                                   .context = (1 + i % 256) * (100 + i),
                                                   .heads = 32,
                                                   .kv_heads = 8,
                                                   .head_dim = 128,
                                                   .value_dim = 128}});
  return out;
}

void estimate(benchmark::State& state, const std::string& name, const std::vector<chip::Kernel>& kernels, bool cold) {
  const chip::KernelTimer fresh(chip::load(core::Catalog::open(), name));
  chip::KernelTimer warmed = fresh;
  for (const auto& kernel : kernels) warmed(kernel);
  for (auto _ : state) {
    chip::KernelTimer timer = cold ? fresh : warmed;
    for (const auto& kernel : kernels) benchmark::DoNotOptimize(timer(kernel));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kernels.size()));
}

void cold_products(benchmark::State& state, const char* name) { estimate(state, name, products(2000), true); }
void cold_decodes(benchmark::State& state, const char* name) { estimate(state, name, decodes(2000), true); }

void remembered(benchmark::State& state, const char* name) {
  const auto kernels = products(2000);
  chip::KernelTimer timer(chip::load(core::Catalog::open(), name));
  for (const auto& kernel : kernels) timer(kernel);
  for (auto _ : state)
    for (const auto& kernel : kernels) benchmark::DoNotOptimize(timer(kernel));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kernels.size()));
}

BENCHMARK_CAPTURE(cold_products, h100, "h100-sxm");
BENCHMARK_CAPTURE(cold_products, trainium2, "trainium2");
BENCHMARK_CAPTURE(cold_products, xeon, "xeon-8480");
BENCHMARK_CAPTURE(cold_decodes, h100, "h100-sxm");
BENCHMARK_CAPTURE(remembered, h100, "h100-sxm");

}  // namespace

BENCHMARK_MAIN();
