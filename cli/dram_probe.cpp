// wordline dram probe: a timing script against the tables of a part.
#include "dram_probe.h"

#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "dram_part.h"
#include "output.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/dram/probe.h"

namespace wordline::cli {

namespace {

struct Options {
  PartOptions part;
  std::string script;
};

std::string text_of(const std::string& script) {
  if (script != "-") return core::read_text(script);
  return {std::istreambuf_iterator<char>(std::cin), {}};
}

nlohmann::ordered_json answer_json(const dram::Probe& probe, const dram::ProbeAnswer& answer, int per_clock) {
  nlohmann::ordered_json out = {{"line", answer.where.line}, {"command", answer.command}};
  if (!answer.rule.empty()) out["rule"] = answer.rule;
  if (!answer.needs.empty()) out["needs"] = answer.needs;
  if (answer.earliest >= 0) out["earliest_clock"] = static_cast<double>(answer.earliest) / per_clock;
  out["text"] = probe.line(answer);
  return out;
}

int probe(const Options& options, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  const auto part = options.part.load(catalog);
  dram::Probe probe(part.standard);
  const auto answers = probe.run(text_of(options.script), options.script);
  auto document = core::result_document("dram.probe", catalog);
  document["part"] = part.name;
  document["answers"] = nlohmann::ordered_json::array();
  std::string text;
  for (const auto& answer : answers) {
    document["answers"].push_back(answer_json(probe, answer, part.standard.ticks_per_clock));
    text += probe.line(answer) + "\n";
  }
  write_result(common, document, text);
  if (answers.empty() || answers.back().legal()) return core::exit_done;
  const auto& last = answers.back();
  const std::string legal_when = last.earliest < 0
                                     ? fmt::format("{}: needs {} first", last.why, last.needs)
                                     : fmt::format("earliest legal clock {}", probe.clocks(last.earliest));
  fmt::print(stderr, "{}: {} at clock {} is illegal: {}: {}\n", to_string(last.where), last.command,
             probe.clocks(last.asked), last.rule, legal_when);
  return core::exit_answer_is_no;
}

}  // namespace

void add_dram_probe(Args& dram) {
  Args& run = dram.command("probe", "runs a timing script against the tables of a part");
  auto options = std::make_shared<Options>();
  options->part.add_to(run);
  run.positional("SCRIPT", options->script,
                 "lines `issue CMD field=n ... @clock`, `earliest CMD field=n ... [@from]`; - is standard input")
      .required();
  run.footer(
      "Clocks are the DRAM's, .5 where the standard has half clocks, and never decrease. Exit code 1 at the first "
      "issue "
      "that is illegal.\nExample: echo 'earliest ACT bankgroup=0 bank=0' | wordline dram probe ddr5-4800-x8-16gb -");
  run.action([options, &common = run.common()] { return probe(*options, common); });
}

}  // namespace wordline::cli
