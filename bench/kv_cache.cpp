// What a request costs in the KV caches: to count instructions, run two lengths of one row under callgrind and divide
// their difference (README.md).
#include <benchmark/benchmark.h>

#include "wordline/serve/kv_cache.h"
#include "wordline/serve/radix_cache.h"

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

// The same in SGLang's tree: matched three times while it waits, its prompt inserted once.
void radix(benchmark::State& state) {
  for (auto _ : state) {
    RadixCache cache(27'000 * 16);
    Request request{{}, prompt, output};
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      const auto slot = static_cast<Slot>(i % running);
      if (i >= running) {
        cache.release(slot, prompt + output - 1);
        cache.close(slot);
      }
      if (state.range(1)) {
        const auto name = static_cast<std::uint64_t>(i);
        request.content = std::make_shared<const Content>(Content{{name % 8, 1024}, {8 + name, prompt - 1024}});
      }
      cache.open(slot, request);
      for (int n = 0; n < 2; ++n) benchmark::DoNotOptimize(cache.match(slot, prompt));
      const std::int64_t hit = cache.match(slot, prompt);
      cache.lock(slot);
      if (!cache.take(prompt - hit)) std::abort();
      cache.insert(slot, prompt);
      if (!cache.take(output - 1)) std::abort();
    }
    benchmark::DoNotOptimize(cache.free());
  }
  state.SetItemsProcessed(state.range(0));
}

BENCHMARK(null_content)->Arg(20'000)->Arg(120'000)->Arg(1'000'000)->Iterations(1);
BENCHMARK(shared_content)->Arg(20'000)->Arg(120'000)->Iterations(1);
BENCHMARK(radix)->ArgNames({"", "shared"})->ArgsProduct({{20'000, 120'000}, {0, 1}})->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
