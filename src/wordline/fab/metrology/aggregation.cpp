#include "wordline/fab/metrology/aggregation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "wordline/core/policy_table.h"

namespace wordline::fab {

namespace policy {
#define WORDLINE_POLICY(stem) std::unique_ptr<Aggregation> stem(const core::Reader& table);
#include "wordline/fab/policy/aggregation.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

using Make = std::unique_ptr<Aggregation> (*)(const core::Reader&);

const std::vector<core::Policy<Make>>& table() {
  static const std::vector<core::Policy<Make>> all = {
#define WORDLINE_POLICY(stem) {#stem, policy::stem},
#include "wordline/fab/policy/aggregation.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

}  // namespace

std::vector<std::string> aggregation_policies() { return core::names_of(table()); }

std::unique_ptr<Aggregation> make_aggregation(const core::Reader& settings) {
  return core::maker_of(table(), settings.choice("policy", aggregation_policies()), "the aggregation")(settings);
}

void Aggregation::weigh(const std::vector<double>& logs) {
  const double most = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) sum += weights_[i] = std::exp(logs[i] - most);
  for (double& w : weights_) w = sum > 0 ? w / sum : 1 / static_cast<double>(weights_.size());  // no number: anew
}

double aggregate_of(const std::vector<double>& opinions, const std::vector<double>& weights) {
  double sum = 0, weight = 0, plain = 0, awake = 0;
  for (std::size_t i = 0; i < opinions.size(); ++i) {
    if (std::isnan(opinions[i])) continue;
    sum += weights[i] * opinions[i];
    weight += weights[i];
    plain += opinions[i];
    awake += 1;
  }
  if (awake == 0) return std::numeric_limits<double>::quiet_NaN();
  return weight > 0 ? sum / weight : plain / awake;
}

}  // namespace wordline::fab
