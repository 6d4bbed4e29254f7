#include "wordline/chip/expert_loads.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace wordline::chip {

namespace {

// Chance that a token goes to the expert of that place, for all places: `top_k` in all, none above 1. What a capped one
// cannot take falls on the others in proportion.
std::vector<double> chances(int experts, int top_k, double skew) {
  std::vector<double> weights(static_cast<std::size_t>(experts));
  double rest = 0;
  for (int e = 0; e < experts; ++e) rest += weights[static_cast<std::size_t>(e)] = std::pow(e + 1.0, -skew);
  double left = std::min(top_k, experts);
  std::vector<double> out(weights.size());
  for (std::size_t e = 0; e < weights.size(); ++e) {  // in falling order: once one fits, all later ones do
    out[e] = std::min(1.0, left * weights[e] / rest);
    left -= out[e];
    rest -= weights[e];
  }
  return out;
}

}  // namespace

std::vector<ExpertLoad> expert_loads(const Experts& w) {
  const auto tokens = static_cast<double>(w.tokens);
  const auto load = [&](double chance, double experts) {
    const double used = 1 - std::pow(1 - chance, tokens);
    return ExpertLoad{tokens * chance / used, experts * used};
  };
  if (w.tokens <= 0) return {};
  if (w.skew == 0) {
    const double here = std::max(1.0, static_cast<double>(w.experts) / w.ranks);
    return {load(std::min(1.0, static_cast<double>(w.top_k) / w.experts), here)};
  }
  std::map<double, ExpertLoad> classes;  // by the power of two that the rows lie under
  const auto all = chances(w.experts, w.top_k, w.skew);
  for (std::size_t e = 0; e < all.size(); e += static_cast<std::size_t>(w.ranks)) {
    const ExpertLoad one = load(all[e], 1);
    ExpertLoad& taken = classes[std::ceil(std::log2(one.rows))];
    taken.rows += one.rows * one.experts;
    taken.experts += one.experts;
  }
  std::vector<ExpertLoad> out;
  for (const auto& [key, sum] : classes) out.push_back({sum.rows / sum.experts, sum.experts});
  return out;
}

}  // namespace wordline::chip
