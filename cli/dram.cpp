// wordline dram: the room's subcommands; here `audit`: a command trace against the rule table of a part.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "args.h"
#include "dram.h"
#include "dram_part.h"
#include "dram_probe.h"
#include "output.h"
#include "wordline/core/catalog.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"
#include "wordline/dram/auditor.h"
#include "wordline/dram/part.h"
#include "wordline/dram/trace.h"

namespace wordline::cli {

namespace {

struct Options {
  PartOptions part;
  std::filesystem::path trace;
  bool no_refresh = false;
};

nlohmann::ordered_json violation_json(const dram::Violation& violation) {
  nlohmann::ordered_json out = {{"tick", violation.tick}, {"rule", violation.rule}};
  if (violation.earliest >= 0) out["earliest_tick"] = violation.earliest;
  out["message"] = violation.message;
  return out;
}

int audit(const Options& options, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  const auto part = options.part.load(catalog);
  dram::Auditor auditor(part.standard, !options.no_refresh);
  dram::Tick last = 0;
  for (const auto& command : dram::read_trace(part.standard, options.trace)) {
    auditor.take(command);
    last = command.tick;
  }
  auditor.finish(last);

  auto document = core::result_document("dram.audit", catalog);
  document["part"] = part.name;
  document["commands"] = auditor.commands();
  document["violations"] = auditor.violation_count();
  document["first_violations"] = nlohmann::ordered_json::array();
  std::string text = fmt::format("{} commands, {} violations\n", auditor.commands(), auditor.violation_count());
  for (const auto& violation : auditor.violations()) {
    document["first_violations"].push_back(violation_json(violation));
    text += violation.message + "\n";
  }
  write_result(common, document, text);
  return auditor.violation_count() == 0 ? core::exit_done : core::exit_answer_is_no;
}

}  // namespace

void add_dram(Args& program) {
  Args& dram = program.command("dram", "DRAM commands alone");
  Args& run = dram.command("audit", "replays a command trace and names each violated rule with its tick");
  auto options = std::make_shared<Options>();
  options->part.add_to(run);
  run.positional("TRACE", options->trace, "commands of one channel: tick,command,<levels>,row,column").required();
  run.option("--no-refresh", options->no_refresh, "do not ask for refreshes");
  run.footer("Exit code 1 where a rule is violated.\nExample: wordline dram audit ddr5-4800-x8-16gb trace.csv");
  run.action([options, &common = run.common()] { return audit(*options, common); });
  add_dram_probe(dram);
  add_dram_data(dram);
  add_dram_energy(dram);
}

}  // namespace wordline::cli
