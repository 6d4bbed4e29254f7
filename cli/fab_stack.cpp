// wordline fab stack: what a stack of DRAM dies yields and costs, with which tests, bonded how, and how many a line
// makes.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "fab_commands.h"
#include "fab_stack_report.h"
#include "output.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

struct Options {
  StudyOptions study;
  std::optional<double> demand;
};

double in_months(core::Seconds time) { return time.in(core::months(1)); }

Json flow_json(const fab::StackResult& r) {
  return {{"flow", fab::name_of(r.flow)},
          {"good", r.good},
          {"escapes", r.escapes},
          {"cost_per_good_usd", r.cost_per_good.value()},
          {"with_escapes_usd", r.objective.value()}};
}

Json yield_json(const StackReport& of) {
  const fab::StackDesign design = fab::design_of(of.spec);
  const fab::StackResult& r = of.result;
  return {{"dram_die", design.dram.yield},
          {"base_die", design.base.yield},
          {"dram_quality", r.dram.quality},
          {"base_quality", r.base.quality},
          {"tsv", fab::tsv_yield(design.tsvs)},
          {"interface", r.interface_yield},
          {"good", r.good},
          {"shipped", r.shipped},
          {"escapes", r.escapes}};
}

Json capacity_json(const StackReport& of, std::optional<double> demand) {
  const fab::Line line = fab::line_of(of.spec, of.result);
  const fab::Capacity capacity = fab::capacity_of(line);
  Json out = {{"wafer_starts_per_month", line.wafer_starts * core::months(1)},
              {"cycle_time_months", in_months(line.cycle_time)},
              {"stacks_per_wafer", line.good_per_wafer},
              {"stacks_per_month", capacity.products_per_month},
              {"gb_per_month", capacity.bytes_per_month.in(core::gibibytes(1))},
              {"wafers_in_progress", capacity.wafers_in_progress},
              {"bonders", fab::bonders_of(of.spec, of.result, capacity.products_per_month / core::months(1))}};
  if (demand) {
    const fab::Order order = fab::order_of(line, *demand);
    out["demand"] = {{"stacks", *demand}, {"wafers", order.wafers}, {"months", in_months(order.until_done)}};
  }
  return out;
}

Json document_of(const StackReport& of, std::optional<double> demand, const core::Catalog& catalog) {
  const fab::StackSpec& spec = of.spec;
  const fab::StackResult& r = of.result;
  Json document = core::result_document("fab.stack", catalog);
  document["stack"] = spec.name;
  document["title"] = spec.title;
  document["layers"] = spec.layers;
  document["spare_layers"] = spec.spare_layers;
  document["capacity_gb"] = spec.capacity().in(core::gibibytes(1));
  document["bonding"] = fab::name_of(spec.bonding);
  document["flow"] = fab::name_of(r.flow);
  document["yield"] = yield_json(of);
  document["steps"] = steps_json(r.steps);
  document["cost_per_good_usd"] = r.cost_per_good.value();
  document["cost_per_shipped_usd"] = r.cost_per_shipped.value();
  document["usd_per_gb"] = fab::usd_per_gb(r.cost_per_byte);
  document["price_usd"] = fab::price_of(spec, r).value();
  document["dram_dies_per_good"] = r.dies_per_good;
  document["base_dies_per_good"] = r.bases_per_good;
  document["bonds_per_good"] = r.bonds_per_good;
  document["wafers_per_good"] = fab::wafers_of(spec, r);
  document["lines"] = lines_json(r.lines);
  for (const auto& flow : of.flows) document["flows"].push_back(flow_json(flow));
  for (const auto& [bonding, points] : of.heights) {
    Json& all = document["heights"][fab::name_of(bonding)] = Json::array();
    for (const auto& p : points)
      all.push_back({{"layers", p.layers},
                     {"flow", fab::name_of(p.result.flow)},
                     {"good", p.result.good},
                     {"usd_per_gb", fab::usd_per_gb(p.result.cost_per_byte)}});
  }
  document["capacity"] = capacity_json(of, demand);
  const core::Facts facts = catalog.facts();
  put_study(document, of.study, facts, "fab/stacks/" + spec.name);
  document["assumed"] = core::facts_json(facts, "assumed");
  return document;
}

std::string words(const StackReport& of, const Json& document, const core::Catalog& catalog) {
  const fab::StackResult& r = of.result;
  const Json& y = document["yield"];
  std::string text =
      fmt::format("{}: {} bonding, tests: {}\n", of.spec.title, fab::name_of(of.spec.bonding), fab::name_of(r.flow));
  const auto& answers = of.study.answers;
  text += fmt::format("a good one costs {} USD,\n{} USD/GB; at its maker's margin {} USD\n", spread(answers[0]),
                      spread(answers[1]), spread(answers[2]));
  text += fmt::format("(all inputs at mid; of {} draws the median, 5 and 95 %)\n", of.study.drawing.samples);
  text += fmt::format(
      "of those begun {:.2f} % are good; of those shipped {:.0f} ppm are not; a good one takes {:.2f} DRAM dies, "
      "{:.5f} "
      "wafers\n",
      100 * r.good, 1e6 * r.escapes, r.dies_per_good, fab::wafers_of(of.spec, r));
  text += fmt::format("yield of a DRAM die {:.4f}, of the base {:.4f}, of an interface {:.5f}\n",
                      y["dram_die"].get<double>(), y["base_die"].get<double>(), r.interface_yield);
  text += fmt::format("\n{:<18}{:>10}{:>10}\n", "step", "reached", "passed");
  for (const auto& step : r.steps)
    text += fmt::format("{:<18}{:>10.5f}{:>10.5f}\n", step.name, step.reached, step.passed);
  text += lines_text(r.lines);
  text += fmt::format("\n{:<18}{:>10}{:>14}{:>12}{:>20}\n", "tests", "good", "escapes, ppm", "USD", "USD with escapes");
  for (const auto& flow : of.flows)
    text += fmt::format("{:<18}{:>10.5f}{:>14.0f}{:>12.2f}{:>20.2f}\n", fab::name_of(flow.flow), flow.good,
                        1e6 * flow.escapes, flow.cost_per_good.value(), flow.objective.value());
  const Json& c = document["capacity"];
  text += fmt::format("\n{} wafers a month make {} stacks or {} GB a month, with {} bonders that never rest;\n",
                      count(c["wafer_starts_per_month"].get<double>()), count(c["stacks_per_month"].get<double>()),
                      count(c["gb_per_month"].get<double>()), count(c["bonders"].get<double>()));
  text += fmt::format("{} wafers are under way for {:.1f} months\n", count(c["wafers_in_progress"].get<double>()),
                      c["cycle_time_months"].get<double>());
  if (c.contains("demand"))
    text += fmt::format("{} stacks take {} wafers, the last stack comes after {:.1f} months\n",
                        count(c["demand"]["stacks"].get<double>()), count(c["demand"]["wafers"].get<double>()),
                        c["demand"]["months"].get<double>());
  return text + tornado_text(of.study, catalog.facts(), "fab/stacks/" + of.spec.name);
}

std::string csv_of(const Json& lines) {
  std::string out = "name,good_usd,lost_usd\n";
  for (const Json& line : lines)
    out += line["name"].get<std::string>() + "," + line["good_usd"].dump() + "," + line["lost_usd"].dump() + "\n";
  return out;
}

int run(const Options& options, const Common& common) {
  if (options.demand && !(*options.demand > 0)) throw core::UsageError("--demand must be above 0");
  auto catalog = core::Catalog::open(common.catalogs);
  const std::string name = options.study.put_into(catalog, "fab/stacks", common);
  const StackReport of = stack_report(fab::load_stack(catalog, name, {std::make_shared<std::string>("NAME")}),
                                      options.study.drawing(common));
  const Json document = document_of(of, options.demand, catalog);
  if (options.study.report) write_stack_report(*options.study.report, of, document, catalog);
  if (common.csv) core::write_text(*common.csv, csv_of(document["lines"]));
  write_result(common, document, words(of, document, catalog));
  return core::exit_done;
}

}  // namespace

void add_fab_stack(Args& fab) {
  auto& args = fab.command("stack", "what a good stack of DRAM dies costs, step by step, and how sure that is");
  auto o = std::make_shared<Options>();
  o->study.add_to(args, "stack", "a name in catalog/fab/stacks, or such a file");
  args.option("--demand", o->demand, "stacks that are wanted: wafers and months that they take").called("N");
  args.footer("Example: wordline fab stack hbm3e-12h --set bonding.method=w2w --report stack.html");
  args.action([o, &common = args.common()] { return run(*o, common); });
}

}  // namespace wordline::cli
