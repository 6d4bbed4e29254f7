#include "wordline/plan/cost.h"

#include <map>

namespace wordline::plan {

namespace cost {
#define WORDLINE_POLICY(name) MonthlyCost name(const Purchase&, const Prices&);
#include "wordline/plan/policy/cost.inc"
#undef WORDLINE_POLICY
}  // namespace cost

namespace {

const std::map<std::string, CostPolicy>& policies() {
  static const std::map<std::string, CostPolicy> table = {
#define WORDLINE_POLICY(name) {#name, &cost::name},
#include "wordline/plan/policy/cost.inc"
#undef WORDLINE_POLICY
  };
  return table;
}

// A share that must lie in a span, given as one number or as a range.
core::Range<double> shares(const core::Reader& table, std::string_view key, double min, double max) {
  const core::Range<double> range = table.number_range(key);
  if (range.low < min || range.high > max)
    table.fail(key, max < 1e6 ? "a number from " + std::to_string(min) + " to " + std::to_string(max)
                              : "a number of at least " + std::to_string(min));
  return range;
}

}  // namespace

Prices Prices::read(const core::Reader& table) {
  Prices p;
  p.exchange_rate = table.range<core::KrwPerUsd>("exchange_rate");
  p.tariff = table.range<core::KrwPerEnergy>("tariff");
  p.pue = shares(table, "pue", 1, 1e9);
  p.hosting = table.range<UsdPerEnergy>("hosting");
  p.host_share = shares(table, "host_share", 0, 1e9);
  p.network_share = shares(table, "network_share", 0, 1e9);
  p.host_power_share = shares(table, "host_power_share", 0, 1e9);
  p.amortisation = table.quantity<core::Seconds>("amortisation");
  p.utilisation = shares(table, "utilisation", 0.01, 1);
  p.upkeep_share = shares(table, "upkeep_share", 0, 1e9);
  if (p.exchange_rate.low.value() <= 0) table.fail("exchange_rate", "a rate above 0");
  if (p.amortisation < core::months(1)) table.fail("amortisation", "a time of at least a month");
  return p;
}

std::vector<std::string> cost_policies() {
  std::vector<std::string> names;
  for (const auto& [name, policy] : policies()) names.push_back(name);
  return names;
}

CostPolicy cost_policy(const std::string& name) {
  const auto found = policies().find(name);
  if (found == policies().end())
    throw core::InputError({}, "the cost choice \"" + name + "\"", "one that `wordline list` shows",
                           core::nearest_name(name, cost_policies()));
  return found->second;
}

core::Usd a_month(core::Usd paid, core::Seconds life, double utilisation, double upkeep_share) {
  return paid * (core::months(1) / life / utilisation + upkeep_share / 12);
}

core::Range<core::Watts> facility_power(core::Watts chips, const Prices& p) {
  return {chips * (1 + p.host_power_share.low) * p.pue.low, chips * (1 + p.host_power_share.mid) * p.pue.mid,
          chips * (1 + p.host_power_share.high) * p.pue.high};
}

core::Range<core::Usd> per_million(core::Range<core::Usd> cost, double tokens_per_second) {
  const double millions = tokens_per_second * core::months(1).value() / 1e6;
  return cost.map([&](core::Usd usd) { return usd / millions; });
}

core::Range<core::Krw> in_won(core::Range<core::Usd> amount, const Prices& p) {
  return {amount.low * p.exchange_rate.low, amount.mid * p.exchange_rate.mid, amount.high * p.exchange_rate.high};
}

}  // namespace wordline::plan
