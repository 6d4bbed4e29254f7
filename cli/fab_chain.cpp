// wordline fab chain: what a process that varies less is worth, from sigma to the cost of a token.
#include "fab_chain.h"

#include "catalog_file.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "fab_commands.h"
#include "output.h"
#include "wordline/core/document.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/fab/capability.h"
#include "wordline/plan/words.h"

namespace wordline::cli {

namespace {

struct Options {
  StudyOptions study;
  std::optional<double> cpk, layers, sigma_reduction;
  std::optional<std::filesystem::path> plan;
  std::string budget;
};

// The chain's short options are settings of its file.
Common with_settings(const Options& options, const Common& common) {
  Common out = common;
  for (const auto& [key, value] : {std::pair{"process.cpk", options.cpk},
                                   {"process.layers", options.layers},
                                   {"process.sigma_reduction", options.sigma_reduction}})
    if (value) out.settings.push_back(fmt::format("{}={}", key, *value));
  return out;
}

std::vector<ChainStep> steps_of(const ChainReport& of) {
  const auto& [before, after] = of.chain;
  std::vector<ChainStep> steps;
  const auto add = [&](const char* key, const std::string& name, double b, double a) {
    steps.push_back({key, name, b, a});
  };
  add("sigma", "sigma, over that of before", 1, before.cpk / after.cpk);
  add("cpk", "Cpk", before.cpk, after.cpk);
  add("outside_ppm", "outside the limits, ppm of a layer", 1e6 * before.outside, 1e6 * after.outside);
  add("parametric_yield_pct", "within them in all layers, %", 100 * before.parametric_yield,
      100 * after.parametric_yield);
  add("die_yield_pct", "good DRAM dies, %", 100 * before.die_yield, 100 * after.die_yield);
  add("stack_yield_pct", "good stacks, % of those begun", 100 * before.stack.good, 100 * after.stack.good);
  add("dies_per_good_stack", "dies made for a good stack", before.stack.dies_per_good, after.stack.dies_per_good);
  add("stack_usd", "a good stack, USD", before.stack.cost_per_good.value(), after.stack.cost_per_good.value());
  add("usd_per_gb", "1 GB of it, USD", fab::usd_per_gb(before.stack.cost_per_byte),
      fab::usd_per_gb(after.stack.cost_per_byte));
  add("memory_usd", "memory of an accelerator, USD", before.memory.value(), after.memory.value());
  add("accelerator_usd", "the accelerator, memory at cost, USD", before.accelerator.value(), after.accelerator.value());
  for (const auto& cost : of.tokens)
    add("usd_per_mtok", fmt::format("1 M tokens, {}, USD", of.plan->scenario.model_titles[cost.model]),
        cost.before.mid.value(), cost.after.mid.value());
  return steps;
}

ChainReport answer_of(const Options& options, const Common& common, core::Catalog& catalog) {
  ChainReport of;
  const std::string name = options.study.put_into(catalog, "fab/chains", with_settings(options, common));
  of.spec = plan::load_chain(catalog, name, {std::make_shared<std::string>("NAME")});
  std::optional<plan::Scenario> scenario;
  if (options.plan) scenario = plan::read_scenario(core::read_document(*options.plan), catalog);
  if (!options.budget.empty()) {
    of.budget = plan::load_budget(catalog, named_file(catalog, "fab/budgets", options.budget, "--budget", {}),
                                  {std::make_shared<std::string>("--budget")});
  }
  of.chain = plan::chain_of(of.spec);
  of.fall = plan::price_fall(of.spec, of.chain);
  const auto& range = of.spec.cpk.range();
  for (const double cpk : {range.low, range.mid, range.high})
    if (of.at_cpk.empty() || cpk > of.at_cpk.back().before.cpk) of.at_cpk.push_back(plan::chain_of(of.spec, cpk));
  for (int i = 10; i <= 40; ++i)
    if (fab::parametric_yield(fab::outside_of(i * 0.05), of.spec.layers) >= plan::least_parametric_yield)
      of.curve.push_back(plan::chain_of(of.spec, i * 0.05));
  of.study = plan::study_of(of.spec, options.study.drawing(common));
  if (scenario) {
    of.plan = plan::make_plan(*scenario, catalog, {common.threads, nullptr});
    of.tokens = plan::token_costs(*of.plan, of.spec.chip, of.fall);
    if (of.tokens.empty())
      throw core::InputError({std::make_shared<std::string>(options.plan->string())},
                             "no candidate on " + of.spec.chip + " that keeps the promises and has a price", "one");
  }
  if (of.budget) {
    std::optional<double> users;
    if (!of.tokens.empty()) users = plan::users_per_chip(*of.plan, of.tokens.front());
    of.budget_before = plan::budget_of(*of.budget, of.spec, of.chain.before, users);
    of.budget_after = plan::budget_of(*of.budget, of.spec, of.chain.after, users);
  }
  of.steps = steps_of(of);
  return of;
}

std::string change_text(double change) {
  return change == 0               ? "0 %"
         : std::abs(change) < 5e-4 ? fmt::format("{:+.1g} %", 100 * change)
                                   : fmt::format("{:+.1f} %", 100 * change);
}

std::string cpk_text(const ChainReport& of) {
  std::string text = fmt::format("\n{:<18}{:>12}{:>14}{:>16}\n", "Cpk", "yield won", "a stack, USD", "memory, USD");
  for (const auto& [before, after] : of.at_cpk) {
    const plan::Chain chain{before, after};
    text +=
        fmt::format("{:<18}{:>10.1f} %{:>14.2f}{:>16.2f}{}\n", fmt::format("{:.2f} -> {:.2f}", before.cpk, after.cpk),
                    100 * chain.yield_won(), (after.stack.cost_per_good - before.stack.cost_per_good).value(),
                    -chain.saved().value(), chain.nil() ? "   nothing to be had here" : "");
  }
  return text;
}

std::string tokens_text(const ChainReport& of) {
  std::string text;
  for (const auto& cost : of.tokens) {
    text +=
        fmt::format("{} on {}: {} USD a million tokens, {} before", of.plan->scenario.model_titles[cost.model],
                    plan::replica_name(*cost.outcome), plan::plain(cost.after.map([](auto x) { return x.value(); })),
                    plan::plain(cost.before.map([](auto x) { return x.value(); })));
    if (!cost.cheapest_before)
      text += cost.cheapest_after ? "; now the cheapest of the plan" : "; another candidate of the plan is cheaper";
    text += "\n";
  }
  return text;
}

std::string budget_text(const ChainReport& of) {
  if (!of.budget) return "";
  std::string text =
      fmt::format("\n{:<44}{:>12}{:>12}{:>12}{:>14}\n", of.budget->title, "low", "mid", "high", "mid, after");
  for (const auto& row : budget_rows(of))
    text += fmt::format("{:<44}{:>12}{:>12}{:>12}{:>14}\n", row.name, three_digits(row.before.low),
                        three_digits(row.before.mid), three_digits(row.before.high), three_digits(row.after.mid));
  return text +
         "low and high take every assumption at its end: the true spread is narrower; all of it as this one "
         "accelerator is a "
         "measure, not a forecast\n";
}

std::string words(const ChainReport& of, const core::Catalog& catalog) {
  std::string text = fmt::format(
      "{}\nsigma falls by {:.1f} %, over {:g} layers of each DRAM die\n\n{:<44}{:>12}{:>12}{:>10}\n", of.spec.title,
      100 * double(of.spec.sigma_reduction), double(of.spec.layers), "", "before", "after", "change");
  for (const auto& step : of.steps)
    text +=
        fmt::format("{:<44}{:>12.5g}{:>12.5g}{:>10}\n", step.name, step.before, step.after, change_text(step.change()));
  text += fmt::format("the chip's price falls by {:.2f} USD (pass-through {:g}, sellers' margin {:g})\n",
                      of.fall.value(), double(of.spec.pass_through), double(of.spec.seller_margin));
  text += tokens_text(of) + verdict(of.chain) + "\n" + cpk_text(of);
  text += fmt::format("\nsaved in the memory of an accelerator: {} USD (5 to 95 % of {} draws)\n",
                      spread(of.study.answers[0]), of.study.drawing.samples);
  return text + tornado_text(of.study, catalog.facts(), "fab/chains/" + of.spec.name) + budget_text(of);
}

Json chain_json(const plan::Chain& chain) {
  return {{"cpk_before", chain.before.cpk},
          {"cpk_after", chain.after.cpk},
          {"parametric_yield_before", chain.before.parametric_yield},
          {"parametric_yield_after", chain.after.parametric_yield},
          {"stack_usd_before", chain.before.stack.cost_per_good.value()},
          {"stack_usd_after", chain.after.stack.cost_per_good.value()},
          {"memory_saved_usd", chain.saved().value()},
          {"nil", chain.nil()}};
}

Json document_of(const ChainReport& of, const core::Catalog& catalog) {
  Json document = core::result_document("fab.chain", catalog);
  document["chain"] = of.spec.name;
  document["package"] = of.spec.package.name;
  document["chip"] = of.spec.chip;
  document["layers"] = double(of.spec.layers);
  document["sigma_reduction"] = double(of.spec.sigma_reduction);
  document["steps"] = Json::array();
  for (const auto& step : of.steps)
    document["steps"].push_back(
        {{"key", step.key}, {"name", step.name}, {"before", step.before}, {"after", step.after}});
  document["price_fall_usd"] = of.fall.value();
  document["nil"] = of.chain.nil();
  document["verdict"] = verdict(of.chain);
  for (const auto& [key, chains] : {std::pair{"at_cpk", &of.at_cpk}, {"curve", &of.curve}}) {
    document[key] = Json::array();
    for (const auto& chain : *chains) document[key].push_back(chain_json(chain));
  }
  if (of.plan) {
    document["tokens"] = Json::array();
    for (const auto& cost : of.tokens)
      document["tokens"].push_back(
          {{"model", of.plan->scenario.models[cost.model].name},
           {"replica", plan::short_name(*cost.outcome)},
           {"chips", cost.outcome->chips},
           {"usd_per_mtok_before", core::range_json(cost.before.map([](auto x) { return x.value(); }))},
           {"usd_per_mtok_after", core::range_json(cost.after.map([](auto x) { return x.value(); }))},
           {"cheapest_before", cost.cheapest_before},
           {"cheapest_after", cost.cheapest_after}});
  }
  if (of.budget) {
    document["budget"] = {{"name", of.budget->name}, {"title", of.budget->title}};
    for (const auto& row : budget_rows(of))
      document["budget"][row.key] = {{"before", core::range_json(row.before)}, {"after", core::range_json(row.after)}};
  }
  put_study(document, of.study, catalog.facts(), "fab/chains/" + of.spec.name);
  document["assumed"] = core::facts_json(of.plan ? of.plan->facts : catalog.facts(), "assumed");
  return document;
}

std::string csv_of(const ChainReport& of) {
  std::string text =
      "cpk_before,cpk_after,parametric_yield_before,parametric_yield_after,stack_usd_before,stack_usd_after,memory_"
      "saved_usd\n";
  for (const auto& [before, after] : of.curve)
    text += fmt::format("{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g}\n", before.cpk, after.cpk,
                        before.parametric_yield, after.parametric_yield, before.stack.cost_per_good.value(),
                        after.stack.cost_per_good.value(), (before.memory - after.memory).value());
  return text;
}

int run(const Options& options, const Common& common) {
  auto catalog = core::Catalog::open(common.catalogs);
  const ChainReport of = answer_of(options, common, catalog);
  if (options.study.report) write_chain_report(*options.study.report, of, catalog);
  if (common.csv) core::write_text(*common.csv, csv_of(of));
  write_result(common, document_of(of, catalog), words(of, catalog));
  return core::exit_done;
}

}  // namespace

std::string verdict(const plan::Chain& chain) {
  const std::string won = fmt::format("Cpk {:.2f} -> {:.2f} wins {:.1f} % of yield", chain.before.cpk, chain.after.cpk,
                                      100 * chain.yield_won());
  if (chain.nil()) return won + ": nothing to be had here";
  return won + fmt::format(", and {:.1f} % of what the memory costs", 100 * (chain.saved() / chain.before.memory));
}

std::vector<BudgetRow> budget_rows(const ChainReport& of) {
  const auto &b = *of.budget_before, &a = *of.budget_after;
  const auto billions = [](const core::Range<core::Usd>& usd) {
    return usd.map([](core::Usd x) { return x.value() / 1e9; });
  };
  const auto thousands = [](const core::Range<double>& r) { return r.map([](double x) { return x / 1e3; }); };
  const auto millions = [](const core::Range<double>& r) { return r.map([](double x) { return x / 1e6; }); };
  std::vector<BudgetRow> rows = {
      {"investment_bn_usd", "investment, bn USD", billions(b.investment), billions(a.investment)},
      {"wafers_a_month_thousand", "wafers begun a month in the end, thousand", thousands(b.wafers_a_month),
       thousands(a.wafers_a_month)},
      {"wafers_million", "wafers begun in all, million", millions(b.wafers), millions(a.wafers)},
      {"stacks_a_wafer", "good stacks a wafer", core::exactly(b.stacks_a_wafer), core::exactly(a.stacks_a_wafer)},
      {"stacks_million", "good stacks, million", millions(b.stacks), millions(a.stacks)},
      {"accelerators_million", fmt::format("as {}, million", of.spec.package.title), millions(b.accelerators),
       millions(a.accelerators)}};
  if (b.users)
    rows.push_back(
        {"users_million", "users they could serve at the end, million", millions(*b.users), millions(*a.users)});
  return rows;
}

void add_fab_chain(Args& fab) {
  auto& args =
      fab.command("chain", "what less spread in a process is worth: sigma, Cpk, yield, stacks, memory, tokens");
  auto o = std::make_shared<Options>();
  o->study.add_to(args, "chain", "a name in catalog/fab/chains, or such a file");
  args.option("--cpk", o->cpk, "the process's Cpk before, instead of the file's range").called("CPK");
  args.option("--layers", o->layers, "layers of a DRAM die that must lie within their limits").called("N");
  args.option("--sigma-reduction", o->sigma_reduction, "share of sigma that goes away").called("SHARE");
  args.option("--plan", o->plan,
              "a scenario of `wordline plan` with candidates on the chain's chip: what its tokens then cost")
      .called("SCENARIO.toml");
  args.option("--budget", o->budget,
              "what a budget for such lines comes to: a name in catalog/fab/budgets, or such a file")
      .called("NAME|FILE");
  args.footer(
      "Example: wordline fab chain hbm3e-h200 --plan examples/04_from_sigma_to_tokens/scenario.toml --report "
      "chain.html");
  args.action([o, &common = args.common()] { return run(*o, common); });
}

}  // namespace wordline::cli
