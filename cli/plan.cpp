// wordline plan SCENARIO: how many machines, of what, for how much money.
#include <nlohmann/json.hpp>

#include "args.h"
#include "output.h"
#include "web/page.h"
#include "wordline/core/catalog.h"
#include "wordline/core/document.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/plan/output.h"
#include "wordline/plan/plan.h"
#include "wordline/plan/words.h"
#include "wordline/serve/trace.h"

namespace wordline::cli {

namespace {

struct PlanFiles {
  std::filesystem::path scenario;
  std::optional<std::filesystem::path> report, trace;
};

int run_plan(const PlanFiles& files, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  core::Value document = core::read_document(files.scenario);
  for (const auto& setting : common.settings) core::set_value(document, setting);
  plan::Scenario scenario = plan::read_scenario(document, catalog);
  if (common.seed) scenario.search.seed = *common.seed;
  plan::PlanOptions options{common.threads, nullptr};
  if (files.trace) options.trace = std::make_shared<const serve::Workload>(serve::read_trace(*files.trace));

  const plan::Plan plan = plan::make_plan(scenario, catalog, options);
  if (files.report) core::write_text(*files.report, web::page(plan::report_of(plan, catalog)));
  if (common.csv) core::write_text(*common.csv, plan::to_csv(plan));
  write_result(common, plan::to_json(plan, catalog), plan::terminal_text(plan));
  return plan.possible() ? core::exit_done : core::exit_answer_is_no;
}

}  // namespace

void add_plan(Args& program) {
  auto& args = program.command("plan", "how many machines a service needs, which ones, and what its tokens cost");
  auto files = std::make_shared<PlanFiles>();
  args.positional("scenario", files->scenario, "the question, a TOML file").called("SCENARIO").required();
  args.option("--report", files->report, "write a report to this HTML file; it works offline").called("FILE.html");
  args.option("--trace", files->trace, "lengths and pattern of arrivals from this trace, in place of the scenario's")
      .called("FILE");
  args.footer(
      "Example: wordline plan examples/01_four_million_subscribers/scenario.toml --set cost.choice=own --report "
      "own.html");
  args.action([files, &common = args.common()] { return run_plan(*files, common); });
}

}  // namespace wordline::cli
