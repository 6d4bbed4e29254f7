// M/M/k: exponential answers, one central queue before k replicas of one seat.
#include <gtest/gtest.h>

#include <cmath>

#include "servers.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

constexpr double step_s = 1e-3;
constexpr double mean_service_s = 1;  // a thousand steps: the answers' lengths are geometric, all but exponential

Workload poisson(double rate, std::size_t count, std::uint64_t seed) {
  core::Random gaps(seed, 0), lengths(seed, 1);
  Workload out{"poisson", {}};
  double time = 0;
  for (std::size_t i = 0; i < count; ++i) {
    time += gaps.exponential(1 / rate);
    const double steps = std::max(1.0, std::round(lengths.exponential(mean_service_s / step_s)));
    out.requests.push_back({core::Seconds(time), 1, static_cast<std::int32_t>(steps)});
  }
  return out;
}

// Mean time in an M/M/k queue with service rate 1: Erlang's C formula.
double erlang(int k, double offered) {
  double term = 1, sum = 0;
  for (int i = 0; i < k; ++i) sum += term, term *= offered / (i + 1);
  const double waits = term / (1 - offered / k) / (sum + term / (1 - offered / k));
  return 1 + waits / (k - offered);
}

TEST(SlowQueueing, OneQueueBeforeKSeatsIsErlangs) {
  const Server server = {
      [] { return StepTime([](const model::StepShape&) { return lasting(step_s); }); }, 100000, 0, core::Watts(1), {}};
  for (const double load : {0.6, 0.8}) {
    RunOptions options;
    options.replicas = 3;
    options.router = "central-queue";
    const auto workload = poisson(3 * load, 400000, 5);
    const auto result = run(server, small_engine(1, 1, 16), workload, options);
    const double expected = erlang(3, 3 * load);
    EXPECT_NEAR(result.e2el.mean.value(), expected, 0.01 * expected) << load;
    EXPECT_NEAR(result.utilization, load, 0.005);
    // Little's law in the run's own output.
    EXPECT_NEAR(result.mean_concurrency, result.request_throughput * result.e2el.mean.value(), 1e-9 * expected * 3);
  }
}

}  // namespace
}  // namespace wordline::serve
