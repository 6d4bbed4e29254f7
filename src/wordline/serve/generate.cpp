#include "wordline/serve/generate.h"

#include "wordline/serve/ticks.h"

namespace wordline::serve {

Workload generate(const LengthModel& lengths, const Arrivals& arrivals, std::size_t count, std::uint64_t seed) {
  if (!(arrivals.per_second > 0)) throw core::InputError("a rate of arrivals must be above 0 per second");
  if (!(arrivals.cv > 0)) throw core::InputError("a coefficient of variation of arrivals must be above 0");
  core::Random gaps(seed, 0), tokens(seed, 1);
  const double shape = 1 / (arrivals.cv * arrivals.cv);
  Workload workload{"generated", {}};
  workload.requests.reserve(count);
  double unit_time = 0;  // at one arrival a second
  for (std::size_t i = 0; i < count; ++i) {
    unit_time += arrivals.cv == 1 ? gaps.exponential(1) : gaps.gamma(shape, 1 / shape);
    const auto [prompt, output] = lengths.sample(tokens);
    workload.requests.push_back({core::Seconds(unit_time / arrivals.per_second), prompt, output});
  }
  if (count > 0 && workload.requests.back().arrival.value() > latest_arrival_s)
    throw core::InputError("the workload would span more than 46 days: raise the rate or ask for fewer requests");
  return workload;
}

}  // namespace wordline::serve
