#include "wordline/plan/outcome.h"

#include <algorithm>
#include <tuple>

namespace wordline::plan {

Bill bill_of(const Scenario& scenario, const chip::Chip& chip, double chips, core::Watts peak, core::Watts mean,
             double tokens_per_second) {
  Bill bill;
  Purchase purchase{chips, {}, {}, peak, mean};
  if (chip.price.rent) purchase.rent = *chip.price.rent;
  if (chip.price.buy) purchase.price = *chip.price.buy;
  bill.known = scenario.cost_choice == "rent" ? chip.price.rent.has_value() : chip.price.buy.has_value();
  if (!bill.known) return bill;
  bill.month = cost_policy(scenario.cost_choice)(purchase, scenario.prices);
  bill.usd_per_mtok = per_million(bill.month.total(), tokens_per_second);
  bill.krw_per_mtok = in_won(bill.usd_per_mtok, scenario.prices);
  return bill;
}

void size_fleet(const Scenario& scenario, const Demand& demand, double mean_output_tokens, const chip::Chip& chip,
                double rps, Outcome& outcome) {
  const double tp = outcome.candidate.tp;
  outcome.fleet = fleet_for(demand.burst, core::Hertz(rps), scenario.replicas_per_spare);
  const double replicas = static_cast<double>(outcome.fleet.replicas());
  outcome.chips = outcome.fleet.replicas() * outcome.candidate.tp;
  // Power grows with the load a replica carries, from idle to what it draws at its highest rate.
  const core::Watts span = outcome.replica.busy - outcome.replica.idle;
  const auto power = [&](core::Hertz load) {
    const double carried = std::min(1.0, load.value() / (replicas * outcome.replica.max_rps));
    return (outcome.replica.idle + span * carried) * replicas;
  };
  outcome.chips_peak = power(demand.burst);
  outcome.chips_mean = power(demand.mean);
  outcome.facility = facility_power(outcome.chips_peak, scenario.prices).mid;
  outcome.bill = bill_of(scenario, chip, replicas * tp, outcome.chips_peak, outcome.chips_mean,
                         demand.mean.value() * mean_output_tokens);
}

void rank(const Scenario& scenario, std::vector<Outcome>& outcomes) {
  const auto missed = [&](const Outcome& o) {
    return std::max(o.replica.at.ttft.p99 / scenario.slo.ttft, o.replica.at.tpot.p99 / scenario.slo.tpot);
  };
  const auto key = [&](const Outcome& o) {
    const int group = o.replica.meets ? (o.bill.known ? 0 : 1) : o.replica.fits ? 2 : 3;
    const double by = group == 0   ? o.bill.usd_per_mtok.mid.value()
                      : group == 1 ? static_cast<double>(o.chips)
                      : group == 2 ? missed(o)
                                   : o.replica.short_gb;
    return std::make_tuple(o.candidate.model, group, by);
  };
  std::stable_sort(outcomes.begin(), outcomes.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

}  // namespace wordline::plan
