// wordline fab cost: what a whole accelerator takes to make, part by part, and how sure that is.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "fab_commands.h"
#include "fab_cost_report.h"
#include "output.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

Json dies_json(const fab::PackageSpec& spec) {
  Json out = Json::array();
  const auto add = [&](const fab::PackageDie& each) {
    const fab::DieSupply supply = fab::supply_of(each.die);
    const fab::PlacedChips placed =
        fab::tested_chips(each.name, each.count, supply, each.test.now(), fab::Group::logic);
    out.push_back({{"name", each.name},
                   {"count", each.count},
                   {"node", each.die.node},
                   {"area_mm2", core::SquareMetres(each.die.area).in(core::square_millimetres(1))},
                   {"dies_per_wafer", each.die.dies_per_wafer()},
                   {"yield", supply.yield},
                   {"cost_usd", supply.cost.value()},
                   {"cost_tested_usd", placed.cost.value()}});
  };
  for (const auto& die : spec.dies) add(die);
  if (spec.interposer) add(*spec.interposer);
  return out;
}

Json stacks_json(const fab::PackageSpec& spec) {
  Json out = Json::array();
  for (const auto& each : spec.stacks) {
    const fab::StackResult stack = fab::result_of(each.stack);
    out.push_back({{"name", each.name},
                   {"count", each.count},
                   {"stack", each.stack.name},
                   {"capacity_gb", each.stack.capacity().in(core::gibibytes(1))},
                   {"cost_per_good_usd", stack.cost_per_good.value()},
                   {"price_usd", fab::price_of(each.stack, stack).value()},
                   {"escapes", stack.escapes}});
  }
  return out;
}

Json document_of(const CostReport& of, const core::Catalog& catalog) {
  const fab::PackageResult& r = of.price.package;
  Json document = core::result_document("fab.cost", catalog);
  document["package"] = of.spec.name;
  document["title"] = of.spec.title;
  document["cost_usd"] = of.price.cost.value();
  document["sale_usd"] = of.price.sale.value();
  document["memory_usd"] = of.price.memory.value();
  document["memory_gb"] = of.price.capacity.in(core::gibibytes(1));
  for (const auto group : {fab::Group::logic, fab::Group::memory, fab::Group::packaging, fab::Group::test})
    document["groups"][fab::name_of(group)] = r.of(group).value();
  document["placed_yield"] = r.placed_yield;
  document["good"] = r.good;
  document["shipped"] = r.shipped;
  document["escapes"] = r.escapes;
  document["begun_per_good"] = r.begun_per_good;
  document["steps"] = steps_json(r.steps);
  document["lines"] = lines_json(of.lines());
  for (std::size_t i = 0; i < r.lines.size(); ++i) document["lines"][i]["group"] = fab::name_of(r.lines[i].group);
  document["dies"] = dies_json(of.spec);
  document["stacks"] = stacks_json(of.spec);
  const core::Facts facts = catalog.facts();
  put_study(document, of.study, facts, "fab/packages/" + of.spec.name);
  document["assumed"] = core::facts_json(facts, "assumed");
  return document;
}

std::string words(const CostReport& of, const Json& document, const core::Catalog& catalog) {
  const auto& answers = of.study.answers;
  const fab::PackageResult& r = of.price.package;
  std::string text = fmt::format("{}: a good one costs {} USD to make\n", of.spec.title, spread(answers[0]));
  if (!of.spec.stacks.empty())
    text += fmt::format("its {} GB of memory are bought at {} USD\n", three_digits(document["memory_gb"].get<double>()),
                        spread(answers[1]));
  if (of.price.sale > of.price.cost)
    text += fmt::format("at its vendor's margin it sells at {} USD\n", spread(answers[6]));
  text += fmt::format("(all inputs at mid; of {} draws the median, 5 and 95 %)\n", of.study.drawing.samples);
  text += fmt::format("of those begun {:.2f} % are good, of their joints all in {:.2f} %\n", 100 * r.good,
                      100 * r.placed_yield);
  text += fmt::format("\n{:<14}{:>6}  {:<20}{:>10}{:>12}{:>10}{:>12}\n", "die", "count", "node", "mm2", "a wafer",
                      "yield", "USD tested");
  for (const Json& die : document["dies"])
    text += fmt::format("{:<14}{:>6}  {:<20}{:>10.0f}{:>12.1f}{:>10.4f}{:>12.2f}\n", die["name"].get<std::string>(),
                        die["count"].get<int>(), die["node"].get<std::string>(), die["area_mm2"].get<double>(),
                        die["dies_per_wafer"].get<double>(), die["yield"].get<double>(),
                        die["cost_tested_usd"].get<double>());
  for (const Json& stack : document["stacks"])
    text += fmt::format("{:<14}{:>6}  {:<20} {:.2f} USD to make, bought at {:.2f}\n", stack["name"].get<std::string>(),
                        stack["count"].get<int>(), stack["stack"].get<std::string>(),
                        stack["cost_per_good_usd"].get<double>(), stack["price_usd"].get<double>());
  text += lines_text(of.lines());
  text += fmt::format("\n{:<36}{:>10}{:>22}\n", "by whom it goes to", "USD", "5 to 95 %");
  for (std::size_t i = 2; i < 6; ++i) {
    const auto group = static_cast<fab::Group>(i - 2);
    text += fmt::format(
        "{:<36}{:>10.0f}{:>22}\n", fab::name_of(group), r.of(group).value(),
        three_digits(answers[i].drawn.percentile(5)) + " to " + three_digits(answers[i].drawn.percentile(95)));
  }
  return text + tornado_text(of.study, catalog.facts(), "fab/packages/" + of.spec.name);
}

std::string csv_of(const Json& lines) {
  std::string out = "name,group,good_usd,lost_usd\n";
  for (const Json& line : lines)
    out += line["name"].get<std::string>() + "," + line["group"].get<std::string>() + "," + line["good_usd"].dump() +
           "," + line["lost_usd"].dump() + "\n";
  return out;
}

int run(const StudyOptions& options, const Common& common) {
  auto catalog = core::Catalog::open(common.catalogs);
  const std::string name = options.put_into(catalog, "fab/packages", common);
  const CostReport of =
      cost_report(fab::load_package(catalog, name, {std::make_shared<std::string>("NAME")}), options.drawing(common));
  const Json document = document_of(of, catalog);
  if (options.report) write_cost_report(*options.report, of, document, catalog);
  if (common.csv) core::write_text(*common.csv, csv_of(document["lines"]));
  write_result(common, document, words(of, document, catalog));
  return core::exit_done;
}

}  // namespace

void add_fab_cost(Args& fab) {
  auto& args = fab.command("cost", "what a whole accelerator takes to make: dies, stacks, interposer, assembly, test");
  auto o = std::make_shared<StudyOptions>();
  o->add_to(args, "package", "a name in catalog/fab/packages, or such a file");
  args.footer("Example: wordline fab cost h200-sxm --set stacks.hbm.stack=hbm3e-12h --report h200.html");
  args.action([o, &common = args.common()] { return run(*o, common); });
}

}  // namespace wordline::cli
