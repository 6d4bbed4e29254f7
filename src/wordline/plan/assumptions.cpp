// The numbers that nobody states, and how far the answer moves with them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "wordline/plan/report_parts.h"
#include "wordline/plan/words.h"

namespace wordline::plan {

namespace {

// Sets one of the prices to its low or its high value.
using Pin = std::function<void(Prices&, bool high)>;

template <class T>
Pin pin(core::Range<T> Prices::*member) {
  return [member](Prices& prices, bool high) {
    prices.*member = core::exactly(high ? (prices.*member).high : (prices.*member).low);
  };
}

const std::map<std::string, Pin>& pins() {
  static const std::map<std::string, Pin> table = {{"exchange_rate", pin(&Prices::exchange_rate)},
                                                   {"tariff", pin(&Prices::tariff)},
                                                   {"pue", pin(&Prices::pue)},
                                                   {"hosting", pin(&Prices::hosting)},
                                                   {"host_share", pin(&Prices::host_share)},
                                                   {"network_share", pin(&Prices::network_share)},
                                                   {"host_power_share", pin(&Prices::host_power_share)},
                                                   {"utilisation", pin(&Prices::utilisation)},
                                                   {"upkeep_share", pin(&Prices::upkeep_share)}};
  return table;
}

// The middle cost and power of the best candidate with one price at an end of its range.
std::pair<double, double> with_price(const Plan& plan, const Outcome& best, const Pin& set, bool high) {
  Scenario scenario = plan.scenario;
  set(scenario.prices, high);
  chip::Chip chip;  // its price is all that counts here
  chip.price = best.price;
  const Bill bill = bill_of(scenario, chip, static_cast<double>(best.chips), best.chips_peak, best.chips_mean,
                            plan.demand.mean.value() * plan.mean_output_tokens);
  return {bill.usd_per_mtok.mid.value(), facility_power(best.chips_peak, scenario.prices).mid.value()};
}

std::string change(double low, double high, double mid) {
  const double down = 100 * (low / mid - 1), up = 100 * (high / mid - 1);
  if (std::abs(down) < 0.05 && std::abs(up) < 0.05) return "";
  return fmt::format("{:+.1f} to {:+.1f} %", std::min(down, up), std::max(down, up));
}

std::string price_effect(const Plan& plan, const core::Fact& fact) {
  const Outcome* best = plan.best(0);
  const auto found = pins().find(fact.path);
  if (!best || found == pins().end()) return "";
  const auto low = with_price(plan, *best, found->second, false), high = with_price(plan, *best, found->second, true);
  const std::string cost = change(low.first, high.first, best->bill.usd_per_mtok.mid.value());
  const std::string power = change(low.second, high.second, best->facility.value());
  if (cost.empty() && power.empty())
    return plan.scenario.cost_choice == "rent" ? "nothing: the rent covers it" : "nothing";
  return (cost.empty() ? "cost: nothing" : "cost " + cost) + (power.empty() ? "" : "; power " + power);
}

// Whose simulation the number enters, where it is a chip's own.
std::string touches(const Plan& plan, const core::Fact& fact) {
  if (fact.subject.starts_with("prices/")) return price_effect(plan, fact);
  if (fact.subject == "scenario") return "the question itself";
  if (!fact.subject.starts_with("chips/")) return "the simulation";
  const std::string chip = fact.subject.substr(6);
  for (std::size_t model = 0; model < plan.scenario.models.size(); ++model)
    if (const Outcome* best = plan.best(model); best && best->candidate.chip == chip)
      return "the cheapest for " + plan.scenario.model_titles[model];
  return "only the rows of " + chip;
}

}  // namespace

Json assumptions_section(const Plan& plan) {
  Json facts = Json::array();
  for (const auto& fact : plan.facts)
    if (fact.kind == "assumed")
      facts.push_back({{"what", {{"text", fact.path}, {"note", fact.subject}}},
                       {"value", fact.value},
                       {"effect", touches(plan, fact)},
                       {"source", fact.source}});
  Json out = section(
      "assumptions", "assumed", "What is assumed",
      {fmt::format("{} of the {} numbers behind this report are assumed: nobody states them, or they are choices of "
                   "this scenario. The others are standards, datasheets, measurements, or derived from those.",
                   facts.size(), plan.facts.size())});
  out["effect_hint"] = "How far the cheapest candidate of the first model moves when the number goes from low to high";
  out["facts"] = facts;
  return out;
}

}  // namespace wordline::plan
