#include "wordline/fab/cluster_fit.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::fab {

namespace {

constexpr double least_chance = 1e-300;  // so that a model that rules out what was seen stays comparable
constexpr double least_clustering = 0.05, most_clustering = 1e4;

struct Peak {
  double at, height;
};
// The top of a function that rises and then falls, by golden section.
template <class F>
Peak highest(F f, double low, double high) {
  constexpr double ratio = 1 / std::numbers::phi;
  double left = high - ratio * (high - low), right = low + ratio * (high - low);
  double at_left = f(left), at_right = f(right);
  while (high - low > 1e-6) {
    if (at_left > at_right) {
      high = right, right = left, at_right = at_left;
      left = high - ratio * (high - low), at_left = f(left);
    } else {
      low = left, left = right, at_left = at_right;
      right = low + ratio * (high - low), at_right = f(right);
    }
  }
  return {0.5 * (low + high), f(0.5 * (low + high))};
}

// A yield model at one clustering.
struct Law {
  YieldModel model;
  double clustering;
  std::vector<DensityPoint> points;
};

double log_likelihood(const Law& law, double faults, const WindowCounts& counts, FitTo to) {
  const int dies = counts.side * counts.side;
  if (to == FitTo::counts) {
    const auto chance = bad_dies(law.points, faults, dies);
    double sum = 0;
    for (std::size_t bad = 0; bad < chance.size(); ++bad)
      sum += static_cast<double>(counts.windows[bad]) * std::log(std::max(chance[bad], least_chance));
    return sum;
  }
  const double free = law.model.yield(dies * faults, law.clustering);
  const auto good = static_cast<double>(counts.windows[0]), bad = static_cast<double>(counts.total()) - good;
  return good * std::log(std::max(free, least_chance)) + bad * std::log(std::max(1 - free, least_chance));
}

void check(const std::vector<WindowCounts>& windows, FitTo to) {
  bool good = false, bad = false;
  for (const auto& counts : windows) {
    good = good || (to == FitTo::counts ? counts.total() > counts.windows.back() : counts.windows.front() > 0);
    bad = bad || counts.total() > counts.windows.front();
  }
  if (good && bad) return;
  throw core::InputError({},
                         good  ? "no window with a bad die"
                         : bad ? "bad dies only"
                               : "no full window of dies",
                         "windows with good and bad dies to fit to");
}

}  // namespace

std::vector<double> bad_dies(const std::vector<DensityPoint>& law, double faults, int dies) {
  const auto n = static_cast<std::size_t>(dies);
  std::vector<double> choose(n + 1, 1), chance(n + 1), good_powers(n + 1, 1);
  for (std::size_t i = 1; i <= n; ++i)
    choose[i] = choose[i - 1] * static_cast<double>(n - i + 1) / static_cast<double>(i);
  for (const auto& [relative, weight] : law) {
    const double good = std::exp(-relative * faults), bad = -std::expm1(-relative * faults);
    for (std::size_t i = 1; i <= n; ++i) good_powers[i] = good_powers[i - 1] * good;
    double bad_power = weight;
    for (std::size_t i = 0; i <= n; ++i, bad_power *= bad) chance[i] += bad_power * good_powers[n - i];
  }
  for (std::size_t i = 0; i <= n; ++i) chance[i] *= choose[i];
  return chance;
}

double ClusterFit::fault_free(int side) const { return yield_model(model).yield(side * side * faults, clustering); }

ClusterFit fit_clustering(const std::string& name, const std::vector<WindowCounts>& windows, FitTo to) {
  const auto model = yield_model(name);
  check(windows, to);
  const auto best_faults = [&](double clustering) {
    const Law law{model, clustering, model.law(clustering)};
    return highest(
        [&](double log_faults) {
          double sum = 0;
          for (const auto& counts : windows) sum += log_likelihood(law, std::exp(log_faults), counts, to);
          return sum;
        },
        std::log(1e-6), std::log(100.0));
  };
  ClusterFit fit;
  fit.model = name;
  Peak best = best_faults(fit.clustering);
  if (model.clusters) {
    const auto clustering = highest([&](double log) { return best_faults(std::exp(log)).height; },
                                    std::log(least_clustering), std::log(most_clustering));
    if (clustering.height > best.height && std::exp(clustering.at) < 0.999 * most_clustering) {
      fit.clustering = std::exp(clustering.at);
      best = best_faults(fit.clustering);
    }
  }
  fit.faults = std::exp(best.at);
  fit.log_likelihood = best.height;
  return fit;
}

double worst_miss(const ClusterFit& fit, const std::vector<WindowCounts>& windows) {
  double worst = 0;
  for (const auto& counts : windows)
    if (counts.total() > 0) worst = std::max(worst, std::abs(fit.fault_free(counts.side) - counts.fault_free()));
  return worst;
}

}  // namespace wordline::fab
