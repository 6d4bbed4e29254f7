#include "wordline/plan/fab_chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/core/error.h"
#include "wordline/fab/capability.h"
#include "wordline/fab/fields.h"
#include "wordline/fab/study.h"

namespace wordline::plan {

namespace {

template <class Visit>
void fields(ChainSpec& spec, Visit&& visit) {
  visit.need("process.cpk", spec.cpk, fab::Limit::above_zero);
  visit.need("process.layers", spec.layers);
  visit.need("process.sigma_reduction", spec.sigma_reduction, fab::Limit::share);
  visit.need("price.pass_through", spec.pass_through);
  visit.need("price.seller_margin", spec.seller_margin, fab::Limit::share);
}

// Stacks at what they cost, not at what they are sold at.
core::Usd cost_of_memory(const fab::PackageSpec& package, const fab::PackageResult& built) {
  core::Usd memory;
  for (const auto& stacks : package.stacks)
    memory += fab::result_of(stacks.stack).cost_per_shipped * static_cast<double>(stacks.count) * built.begun_per_good;
  return memory;
}

}  // namespace

ChainSpec load_chain(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at) {
  const std::string kind = "fab/chains";
  fab::FieldReader file(catalog.read(kind, name, asked_at), kind + "/" + name);
  const core::Reader& top = file.table("");
  ChainSpec spec;
  spec.name = name;
  spec.title = top.text("title");
  spec.package = fab::load_package(catalog, top.text("package"), top.where("package"));
  if (spec.package.stacks.empty()) top.fail("package", "a package with stacks");
  spec.chip = top.text("chip");
  catalog.load("chips", spec.chip, top.where("chip"));
  fields(spec, file);
  if (spec.sigma_reduction.range().high >= 1) file.table("process").fail("sigma_reduction", "a share from 0, below 1");
  if (spec.seller_margin.range().high >= 1) file.table("price").fail("seller_margin", "a share from 0, below 1");
  const double worst = fab::parametric_yield(fab::outside_of(spec.cpk.range().low), spec.layers.range().high);
  if (!(worst >= least_parametric_yield))
    file.table("process").fail(
        "cpk", fmt::format("one at which at least a die in 1,000 lies within its limits in all {:g} layers",
                           spec.layers.range().high));
  file.finish();
  return spec;
}

fab::Inputs inputs_of(ChainSpec& spec) {
  fab::Inputs inputs;
  fields(spec, fab::InputCollector{inputs});
  for (auto& input : fab::inputs_of(spec.package)) inputs.push_back(std::move(input));
  return inputs;
}

ChainEnd chain_at(const ChainSpec& spec, double cpk) {
  ChainEnd end;
  end.cpk = cpk;
  end.outside = fab::outside_of(cpk);
  end.parametric_yield = fab::parametric_yield(end.outside, spec.layers);
  fab::PackageSpec package = spec.package;
  // Its maker's margin would make a saving of what the memory costs look larger than it is.
  for (auto& stacks : package.stacks) {
    stacks.stack.dram.parametric_yield.now() *= end.parametric_yield;
    stacks.stack.gross_margin.now() = 0;
  }
  end.die_yield = fab::supply_of(package.stacks.front().stack.dram).yield;
  end.stack = fab::result_of(package.stacks.front().stack);
  end.package = fab::package_of(fab::design_of(package));
  end.memory = cost_of_memory(package, end.package);
  end.accelerator = end.package.cost_per_good;
  return end;
}

Chain chain_of(const ChainSpec& spec) { return chain_of(spec, spec.cpk); }

Chain chain_of(const ChainSpec& spec, double cpk) {
  return {chain_at(spec, cpk), chain_at(spec, cpk / (1 - double(spec.sigma_reduction)))};
}

core::Usd price_fall(const ChainSpec& spec, const Chain& chain) {
  return chain.saved() * double(spec.pass_through) / (1 - double(spec.seller_margin));
}

fab::Study study_of(const ChainSpec& spec, const fab::Drawing& how) {
  return fab::study(spec, how, {"saved_usd", "stack_saved_usd", "yield_won", "price_fall_usd"}, [](const ChainSpec& s) {
    const Chain chain = chain_of(s);
    return std::vector<double>{chain.saved().value(),
                               (chain.before.stack.cost_per_good - chain.after.stack.cost_per_good).value(),
                               chain.yield_won(), price_fall(s, chain).value()};
  });
}

std::vector<TokenCost> token_costs(const Plan& plan, const std::string& chip, core::Usd fall) {
  const Prices& prices = plan.scenario.prices;
  const auto tokens_per_second = plan.demand.mean.value() * plan.mean_output_tokens;
  const auto after = [&](const Outcome& outcome) {
    if (outcome.candidate.chip != chip) return outcome.bill.usd_per_mtok;
    const core::Usd all = fall * static_cast<double>(outcome.chips);
    const auto less = [&](double used, double upkeep) { return a_month(all, prices.amortisation, used, upkeep); };
    const core::Range<core::Usd> saved = per_million(
        {less(prices.utilisation.high, prices.upkeep_share.low), less(prices.utilisation.mid, prices.upkeep_share.mid),
         less(prices.utilisation.low, prices.upkeep_share.high)},
        tokens_per_second);
    const auto& usd = outcome.bill.usd_per_mtok;
    return core::Range<core::Usd>{usd.low - saved.low, usd.mid - saved.mid, usd.high - saved.high};
  };
  std::vector<TokenCost> costs;
  for (std::size_t model = 0; model < plan.scenario.models.size(); ++model) {
    TokenCost cost;
    cost.model = model;
    core::Usd least_before(1e300), least_after(1e300);
    for (const auto& outcome : plan.outcomes) {  // ranked: the first of a chip is its cheapest
      if (outcome.candidate.model != model || !outcome.replica.meets || !outcome.bill.known) continue;
      least_before = std::min(least_before, outcome.bill.usd_per_mtok.mid);
      least_after = std::min(least_after, after(outcome).mid);
      if (outcome.candidate.chip != chip) continue;
      const auto now = after(outcome);
      if (cost.outcome && !(now.mid < cost.after.mid)) continue;
      cost.outcome = &outcome;
      cost.before = outcome.bill.usd_per_mtok;
      cost.after = now;
    }
    if (!cost.outcome) continue;
    cost.cheapest_before = cost.before.mid <= least_before;
    cost.cheapest_after = cost.after.mid <= least_after;
    costs.push_back(cost);
  }
  return costs;
}

}  // namespace wordline::plan
