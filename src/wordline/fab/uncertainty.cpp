#include "wordline/fab/uncertainty.h"

#include <algorithm>
#include <cmath>

#include "wordline/core/error.h"
#include "wordline/core/parallel.h"
#include "wordline/core/random.h"

namespace wordline::fab {

namespace {

double triangular(const core::Range<double>& r, core::Random& random) {
  const double u = random.uniform(), width = r.high - r.low, left = r.mid - r.low;
  if (u * width < left) return r.low + std::sqrt(u * width * left);
  return r.high - std::sqrt((1 - u) * width * (r.high - r.mid));
}

double pert(const core::Range<double>& r, core::Random& random) {
  const double width = r.high - r.low;
  const double a = random.gamma(1 + 4 * (r.mid - r.low) / width, 1);
  const double b = random.gamma(1 + 4 * (r.high - r.mid) / width, 1);
  return r.low + width * a / (a + b);
}

std::vector<double> mids(const std::vector<core::Range<double>>& ranges) {
  std::vector<double> values;
  for (const auto& range : ranges) values.push_back(range.mid);
  return values;
}

}  // namespace

Distribution distribution_of(const std::string& name) {
  if (name == "triangular") return Distribution::triangular;
  if (name == "pert") return Distribution::pert;
  throw core::InputError({}, "the distribution \"" + name + "\"", "triangular or pert",
                         core::nearest_name(name, {"triangular", "pert"}));
}

std::vector<std::vector<double>> draw(const std::vector<core::Range<double>>& ranges, const Drawing& how,
                                      const Answers& answers) {
  std::vector<std::vector<double>> out(how.samples);
  core::parallel_for(how.samples, how.threads, [&](std::size_t i) {
    core::Random random(how.seed, i);
    std::vector<double> values = mids(ranges);
    for (std::size_t k = 0; k < ranges.size(); ++k)
      if (ranges[k].low < ranges[k].high)
        values[k] = how.distribution == Distribution::pert ? pert(ranges[k], random) : triangular(ranges[k], random);
    out[i] = answers(values);
  });
  return out;
}

std::vector<Swing> tornado(const std::vector<core::Range<double>>& ranges,
                           const std::function<double(const std::vector<double>& values)>& answer) {
  std::vector<Swing> out;
  std::vector<double> values = mids(ranges);
  for (std::size_t k = 0; k < ranges.size(); ++k) {
    if (ranges[k].low == ranges[k].high) continue;
    Swing swing{k, 0, 0};
    values[k] = ranges[k].low;
    swing.at_low = answer(values);
    values[k] = ranges[k].high;
    swing.at_high = answer(values);
    values[k] = ranges[k].mid;
    out.push_back(swing);
  }
  std::stable_sort(out.begin(), out.end(), [](const Swing& a, const Swing& b) { return a.width() > b.width(); });
  return out;
}

}  // namespace wordline::fab
