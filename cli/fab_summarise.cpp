// wordline fab summarise: sensor traces to one row of numbers a wafer.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "fab_commands.h"
#include "output.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/fab/metrology/summarise.h"

namespace wordline::cli {

namespace {

struct Options {
  std::vector<std::filesystem::path> traces;
  fab::TraceColumns columns;
  std::vector<std::string> cuts;
  std::string at;
};

double number(const char* option, std::string_view text) {
  double x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error != std::errc{} || end != text.data() + text.size())
    throw core::UsageError(fmt::format("{}: found \"{}\"; wanted a number", option, text));
  return x;
}

// "COLUMN" or "COLUMN:THRESHOLD", several of the latter; or the times.
fab::StepRule rule_of(const Options& options) {
  fab::StepRule rule;
  for (const auto& cut : options.cuts) {
    const auto colon = cut.rfind(':');
    if (colon != std::string::npos)
      rule.levels.push_back({cut.substr(0, colon), number("--cut-at", std::string_view(cut).substr(colon + 1))});
    else
      rule.changes_of = cut;
  }
  for (std::string_view rest = options.at; !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    rule.at.push_back(number("--cut-times", rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  const bool changes = !rule.changes_of.empty();
  if ((changes && options.cuts.size() > 1) || (!options.cuts.empty() && !rule.at.empty()))
    throw core::UsageError(
        "steps begin by one rule: one --cut-at COLUMN, or --cut-at COLUMN:THRESHOLD, or --cut-times");
  return rule;
}

nlohmann::ordered_json to_json(const fab::TraceFaults& faults) {
  nlohmann::ordered_json out;
  for (const auto& [name, count] : fab::counts(faults)) out[name] = count;
  return out;
}

nlohmann::ordered_json to_json(const fab::WaferSummary& wafer, const std::vector<std::string>& kept,
                               const std::vector<std::string>& signals) {
  nlohmann::ordered_json out = {{"wafer", wafer.wafer}, {"time_s", wafer.start}};
  for (std::size_t i = 0; i < kept.size(); ++i) out["kept"][kept[i]] = wafer.kept[i];
  out["longest_gap_s"] = wafer.longest_gap;
  out["faults"] = to_json(wafer.faults);
  out["steps"] = nlohmann::ordered_json::array();
  for (const auto& step : wafer.steps) {
    auto& one = out["steps"].emplace_back(nlohmann::ordered_json{
        {"step", step.step}, {"rows", step.rows}, {"visits", step.visits}, {"duration_s", step.duration}});
    for (std::size_t i = 0; i < signals.size(); ++i) {
      const auto& s = step.signals[i];
      one["signals"][signals[i]] = {{"count", s.count}, {"mean", s.mean},   {"std", s.std},  {"min", s.min},
                                    {"max", s.max},     {"slope", s.slope}, {"area", s.area}};
    }
  }
  return out;
}

// What could not be used as it stands, in words; empty where there is none.
std::string words(const fab::TraceFaults& faults) {
  std::string out;
  for (const auto& [name, count] : fab::counts(faults)) {
    if (count == 0) continue;
    std::string what = name;
    std::replace(what.begin(), what.end(), '_', ' ');
    if (count == 1) what.erase(std::min(what.find("s "), what.size() - 1), 1);  // one row, one value
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, what);
  }
  return out;
}

int run(const Options& options, const Common& common) {
  if (!common.settings.empty()) throw core::UsageError("wordline fab summarise: --set has nothing to change here");
  const fab::StepRule rule = rule_of(options);
  const auto catalog = core::Catalog::open(common.catalogs);
  auto document = core::result_document("fab.summarise", catalog);
  auto wafers = nlohmann::ordered_json::array();
  std::vector<std::string> signals, unusable;
  std::optional<fab::SummaryTable> table;
  std::map<std::string, std::string> seen;  // wafers, and where
  fab::TraceFaults faults;
  std::uint64_t rows = 0;
  for (const auto& file : options.traces) {
    fab::TraceReader reader(file, options.columns);
    if (!table) {
      signals = reader.signals();
      table.emplace(signals, options.columns.keep);
    }
    if (reader.signals() != signals)
      throw core::InputError(reader.where(), fmt::format("the signals {}", fmt::join(reader.signals(), ", ")),
                             fmt::format("those of {}: {}", options.traces[0].string(), fmt::join(signals, ", ")));
    fab::Trace trace;
    while (reader.next(trace)) {
      const auto [earlier, fresh] = seen.emplace(trace.wafer, to_string(trace.where));
      if (!fresh)
        throw core::InputError(trace.where, fmt::format("a second wafer \"{}\"", trace.wafer),
                               "each wafer once; the other is at " + earlier->second);
      faults.add(trace.faults);
      if (trace.times.empty()) {
        unusable.push_back(trace.wafer);
        continue;
      }
      rows += trace.times.size();
      fab::cut(trace, signals, rule);
      const auto summary = fab::summarise(trace, signals.size());
      table->add(summary);
      if (common.json) wafers.push_back(to_json(summary, options.columns.keep, signals));
    }
  }
  if (rows == 0)
    throw core::InputError({std::make_shared<const std::string>(options.traces.back().string()), 1, 1},
                           "no row of a wafer that can be used", "one with a time");
  document["signals"] = signals;
  document["steps"] = table->steps();
  document["rows"] = rows;
  document["faults"] = to_json(faults);
  document["wafers_left_out"] = unusable;
  document["wafers"] = std::move(wafers);
  const auto count = seen.size() - unusable.size();
  std::string text =
      fmt::format("{} wafer{}, {} rows, {} signal{}, {} step{}\n", count, count == 1 ? "" : "s", rows, signals.size(),
                  signals.size() == 1 ? "" : "s", table->steps().size(), table->steps().size() == 1 ? "" : "s");
  std::vector<std::string> warnings;
  if (auto what = words(faults); !what.empty()) warnings.push_back(std::move(what));
  if (!unusable.empty())
    warnings.push_back(fmt::format("left out, for no row can be used: {}", fmt::join(unusable, ", ")));
  if (common.csv) core::write_text(*common.csv, table->csv());
  tell(warnings, common);
  write_result(common, document, text);
  return core::exit_done;
}

}  // namespace

void add_fab_summarise(Args& fab) {
  auto& args = fab.command("summarise", "sensor traces to one row of numbers a wafer, for `fab metrology`");
  auto options = std::make_shared<Options>();
  args.positional("TRACE", options->traces,
                  "CSV with a header: time in seconds, a column a signal, perhaps wafer and step; - is standard input")
      .required();
  args.option("--time-column", options->columns.time, "the column of times");
  args.option("--wafer-column", options->columns.wafer, "the column that names wafers (else \"wafer\", else the file)");
  args.option("--step-column", options->columns.step, "the column that names recipe steps (else \"step\")");
  args.option("--start-column", options->columns.start,
              "the column with the time at which the wafer began (else its first time)");
  args.option("--keep", options->columns.keep, "a column that holds for the whole wafer (chamber, label); repeat");
  args.option("--ignore", options->columns.ignore, "a column that is no signal; repeat");
  args.option("--cut-at", options->cuts,
              "steps begin where this column changes, or crosses a threshold (COLUMN:THRESHOLD; repeat)")
      .called("COLUMN[:THRESHOLD]");
  args.option("--cut-times", options->at, "steps begin at these seconds of a wafer, with commas between");
  args.footer(
      "--csv FILE takes the rows (- is standard output).\n"
      "Example: wordline fab summarise lot7/*.csv --keep chamber --csv - | wordline fab metrology -");
  args.action([options, &common = args.common()] { return run(*options, common); });
}

}  // namespace wordline::cli
