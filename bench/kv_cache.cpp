// What a request costs in the KV cache: to count instructions, run two lengths of one row under callgrind and divide
// their difference (README.md).
#include <benchmark/benchmark.h>

#include "wordline/serve/kv_cache.h"

namespace {

using namespace wordline::serve;

constexpr std::int32_t prompt = 1155, output = 211;  // the means of the Azure conversation trace
constexpr Slot running = 256;

// Each request comes, is computed in two chunks, decodes (its blocks taken in two batches), ends; 256 run at a time.
template <typename Next>
void pass_through(KvCache& cache, std::int64_t requests, Next next) {
  const std::int64_t last = prompt + output - 1;
  for (std::int64_t i = 0; i < requests; ++i) {
    const auto slot = static_cast<Slot>(i % running);
    if (i >= running) {
      cache.release(slot, last);
      cache.close(slot);
    }
    cache.open(slot, next(i));
    const std::int64_t chunk = std::max<std::int64_t>(512, cache.cached_tokens(slot, prompt) + 1);
    if (!cache.admit(slot, prompt, chunk) || !cache.grow(slot, prompt)) std::abort();
    const std::int64_t decoded = cache.needed(last) - cache.needed(prompt);
    cache.take(decoded / 2);
    cache.take(decoded - decoded / 2);
  }
}

void null_content(benchmark::State& state) {
  for (auto _ : state) {
    KvCache cache({.blocks = 27'000});
    const Request request{{}, prompt, output};
    pass_through(cache, state.range(0), [&](std::int64_t) -> const Request& { return request; });
    benchmark::DoNotOptimize(cache.free());
  }
  state.SetItemsProcessed(state.range(0));
}

// 64 full blocks of a prompt are one of eight texts', the others the request's own.
void shared_content(benchmark::State& state) {
  for (auto _ : state) {
    KvCache cache({.blocks = 27'000});
    Request request{{}, prompt, output};
    pass_through(cache, state.range(0), [&](std::int64_t i) -> const Request& {
      const auto name = static_cast<std::uint64_t>(i);
      request.content = std::make_shared<const Content>(Content{{name % 8, 1024}, {8 + name, prompt - 1024}});
      return request;
    });
    benchmark::DoNotOptimize(cache.counts());
  }
  state.SetItemsProcessed(state.range(0));
}

BENCHMARK(null_content)->Arg(20'000)->Arg(120'000)->Arg(1'000'000)->Iterations(1);
BENCHMARK(shared_content)->Arg(20'000)->Arg(120'000)->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
