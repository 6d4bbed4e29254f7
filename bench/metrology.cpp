// Wafers a second through one chamber's aggregate: 90 features, one label in 1 or 25, the bank of linear experts or the
// mixed one. The process drifts and depends on a tenth of the features. Made before the clock starts: a stock of
// wafers, gone through again and again.
#include <benchmark/benchmark.h>

#include <string>

#include "wordline/core/random.h"
#include "wordline/fab/metrology/stream.h"

namespace {

using namespace wordline;

constexpr std::size_t features = 90, stock = 1024, warm_up = 200;

struct Wafers {
  std::vector<double> x, y;
  Wafers() : x(stock * features), y(stock) {
    core::Random random(1);
    for (double& value : x) value = random.normal();
    double level = 0;
    for (std::size_t i = 0; i < stock; ++i) {
      level += 0.1 * random.normal();
      y[i] = level + 0.5 * random.normal();
      for (std::size_t j = 0; j < features; j += 10) y[i] += 0.3 * x[i * features + j];
    }
  }
};

void wafers(benchmark::State& state, const std::string& name) {
  const auto catalog = core::Catalog::open();
  const auto bank = std::make_shared<const fab::Bank>(fab::load_bank(catalog, name));
  const Wafers wafers;
  fab::Stream stream(bank, features, 1, warm_up);
  std::size_t at = 0;
  const auto next = [&](bool labelled) {
    const auto& said = stream.predict(wafers.x.data() + at * features);
    benchmark::DoNotOptimize(said.value);
    if (labelled) stream.learn(said.wafer, wafers.y[at]);
    at = (at + 1) % stock;
  };
  while (!stream.warm()) next(true);
  const std::int64_t every = state.range(0);
  std::int64_t i = 0;
  for (auto _ : state) next(i++ % every == 0);
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(wafers, linear, std::string("linear"))->Arg(25)->Arg(1);
BENCHMARK_CAPTURE(wafers, mixed, std::string("mixed"))->Arg(25)->Arg(1);

}  // namespace

BENCHMARK_MAIN();
