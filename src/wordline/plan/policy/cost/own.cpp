// Buy the chips: servers and network as shares of their price, written off over the years in which they serve; space by
// peak power, energy by mean power times PUE times tariff.
#include "wordline/plan/cost.h"

namespace wordline::plan::cost {

namespace {

// One bound of the range: each of its inputs is given for the bound it belongs to.
core::Usd hardware(const Purchase& purchase, core::Usd price, double host, double network, double upkeep, double used,
                   core::Seconds life) {
  return a_month(purchase.chips * price * (1 + host + network), life, used, upkeep);
}

core::Usd energy(core::Watts mean, double host, double pue, core::KrwPerEnergy tariff, core::KrwPerUsd rate) {
  return mean * core::months(1) * (1 + host) * pue * tariff / rate;
}

}  // namespace

// A strong won makes energy dear in dollars: the low bound pays the low tariff at the high rate.
MonthlyCost own(const Purchase& a, const Prices& p) {
  MonthlyCost cost;
  const auto life = p.amortisation;
  cost.hardware = {
      hardware(a, a.price.low, p.host_share.low, p.network_share.low, p.upkeep_share.low, p.utilisation.high, life),
      hardware(a, a.price.mid, p.host_share.mid, p.network_share.mid, p.upkeep_share.mid, p.utilisation.mid, life),
      hardware(a, a.price.high, p.host_share.high, p.network_share.high, p.upkeep_share.high, p.utilisation.low, life)};
  const auto space = [&](double host, UsdPerEnergy rent) { return a.peak_power * (1 + host) * core::months(1) * rent; };
  cost.hosting = {space(p.host_power_share.low, p.hosting.low), space(p.host_power_share.mid, p.hosting.mid),
                  space(p.host_power_share.high, p.hosting.high)};
  cost.energy = {energy(a.mean_power, p.host_power_share.low, p.pue.low, p.tariff.low, p.exchange_rate.high),
                 energy(a.mean_power, p.host_power_share.mid, p.pue.mid, p.tariff.mid, p.exchange_rate.mid),
                 energy(a.mean_power, p.host_power_share.high, p.pue.high, p.tariff.high, p.exchange_rate.low)};
  return cost;
}

}  // namespace wordline::plan::cost
