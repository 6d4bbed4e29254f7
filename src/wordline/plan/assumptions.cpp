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
  if (!best) return "";
  const std::string none = plan.scenario.cost_choice == "rent" ? "nothing: the rent covers it" : "nothing";
  if (found == pins().end()) return plan.scenario.cost_choice == "rent" ? none : "the bill, in proportion";
  const auto low = with_price(plan, *best, found->second, false), high = with_price(plan, *best, found->second, true);
  const std::string cost = change(low.first, high.first, best->bill.usd_per_mtok.mid.value());
  const std::string power = change(low.second, high.second, best->facility.value());
  if (cost.empty() && power.empty()) return none;
  return (cost.empty() ? "cost: nothing" : "cost " + cost) + (power.empty() ? "" : "; power " + power);
}

// What a quarter more of a resource would change for the cheapest, as it was tried.
std::string quarter(const Outcome& best, const std::string& resource) {
  return fmt::format("{}: a quarter more is {:+.0f} % rate", resource, 100 * gain_from(best.replica.gains, resource));
}

// How the cheapest moves with a number of its own chip's file.
std::string chip_effect(const Plan& plan, const Outcome& best, const std::string& path) {
  const bool rents = plan.scenario.cost_choice == "rent";
  if (path.starts_with("kernels.")) return quarter(best, "launch");
  if (path.starts_with("port.")) return quarter(best, "link");
  if (path.starts_with("power.")) return rents ? "power; the rent covers it" : "power and its bill";
  if (path.starts_with("price.") && path == (rents ? "price.rent" : "price.buy")) {
    const auto& usd = best.bill.usd_per_mtok;
    return "cost " + change(usd.low.value(), usd.high.value(), usd.mid.value());
  }
  return path.starts_with("price.") ? "nothing: the other way to pay" : "its rate";
}

// What the number can change: of the cheapest candidate of each model, or only of other rows.
std::string touches(const Plan& plan, const core::Fact& fact) {
  if (fact.subject == "scenario") return "the question itself";
  if (fact.subject.starts_with("prices/")) return price_effect(plan, fact);
  const Outcome* first = plan.best(0);
  if (!fact.subject.starts_with("chips/")) return first ? quarter(*first, "memory bandwidth") : "the simulated memory";
  const std::string chip = fact.subject.substr(6);
  for (std::size_t model = 0; model < plan.scenario.models.size(); ++model)
    if (const Outcome* best = plan.best(model); best && best->candidate.chip == chip)
      return chip_effect(plan, *best, fact.path);
  return "only the rows of " + chip;
}

// The assumed facts, those of one file with one source together.
std::vector<std::vector<const core::Fact*>> assumed_groups(const Plan& plan) {
  std::vector<std::vector<const core::Fact*>> groups;
  for (const auto& fact : plan.facts) {
    if (fact.kind != "assumed") continue;
    const auto kin = [&](const auto& group) {
      const bool memory = fact.subject.starts_with("dram/") || fact.subject.starts_with("memory/");
      return memory && group.front()->subject == fact.subject && group.front()->source == fact.source;
    };
    const auto group = std::find_if(groups.begin(), groups.end(), kin);
    if (group == groups.end())
      groups.push_back({&fact});
    else
      group->push_back(&fact);
  }
  return groups;
}

Json row_of(const Plan& plan, const std::vector<const core::Fact*>& group) {
  std::string paths, values;
  for (const auto* fact : group) {
    paths += (paths.empty() ? "" : ", ") + fact->path;
    values += (values.empty() ? "" : ", ") + fact->value;
  }
  const std::string title = group.size() == 1 ? paths : fmt::format("{} numbers", group.size());
  const std::string note = group.front()->subject + (group.size() == 1 ? "" : ": " + paths);
  return {{"what", {{"text", title}, {"note", note}}},
          {"value", values},
          {"effect", touches(plan, *group.front())},
          {"source", group.front()->source}};
}

}  // namespace

Json assumptions_section(const Plan& plan) {
  const auto groups = assumed_groups(plan);
  std::size_t count = 0;
  Json rows = Json::array();
  for (const bool own : {true, false})  // first what moves the cheapest
    for (const auto& group : groups)
      if (own != touches(plan, *group.front()).starts_with("only")) rows.push_back(row_of(plan, group));
  for (const auto& group : groups) count += group.size();
  Json out =
      section("assumptions", "assumed", "What is assumed",
              {fmt::format("{} of the {} numbers behind this report are assumed: nobody states them, or they are "
                           "choices of this scenario. The others are standards, datasheets, measurements, or "
                           "derived from those. The third column tells how far the cheapest candidate moves when "
                           "the number goes from one end of its range to the other.",
                           count, plan.facts.size())});
  out["facts"] = rows;
  return out;
}

}  // namespace wordline::plan
