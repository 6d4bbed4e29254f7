// wordline fab control: run-to-run control with and without virtual metrology, and what the smaller spread is worth.
#include "fab_control.h"
#include "catalog_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "fab_commands.h"
#include "output.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

struct Options {
  std::string process = "drifting-film";
  std::vector<std::string> controllers;
  std::vector<double> vm_sigmas;
  std::optional<std::int64_t> sampling, delay;
  std::int64_t wafers = 8000;
  int runs = 40;
  std::optional<std::filesystem::path> replay, report;
  std::optional<double> target;
  std::optional<std::string> chamber;
};

void check(const Options& options) {
  for (const double sigma : options.vm_sigmas)
    if (!(sigma > 0)) throw core::UsageError("--vm-sigma must be above 0");
  for (const auto& [name, value] : {std::pair{"--sampling", options.sampling}, std::pair{"--delay", options.delay}})
    if (value && (*value < 1 || *value > 1000000))
      throw core::UsageError(fmt::format("{} must be 1 to 1,000,000", name));
  if (options.wafers < 100 || options.wafers > 1000000) throw core::UsageError("--wafers must be 100 to 1,000,000");
  if (options.runs < 2 || options.runs > 10000) throw core::UsageError("--runs must be 2 to 10,000");
  if (options.replay && !options.vm_sigmas.empty())
    throw core::UsageError("--vm-sigma goes with the simulated process: a replay has its own predictions");
  if ((options.target || options.chamber) && !options.replay)
    throw core::UsageError("--target and --chamber go with --replay");
}

// A stretch of 600 wafers of one run, about the first maintenance of its second half where there is one.
void add_stretch(ControlReport& report) {
  const auto wafers = report.record ? static_cast<std::int64_t>(report.record->wafers.size()) : report.settings.wafers;
  const std::int64_t between = report.process.maintenance_wafers, length = std::min<std::int64_t>(600, wafers);
  std::int64_t middle = wafers / 2;
  if (!report.record && between > 0) middle = std::min(wafers, (middle + between - 1) / between * between);
  report.stretch_from = std::clamp<std::int64_t>(middle - length / 3, 0, wafers - length);
  for (const bool best : {false, true}) {
    const fab::ControlRow& row = report.rows[best ? report.best : report.base];
    fab::LoopSettings loop = fab::settings_of(report.process);
    fab::ProcessPath path;
    if (report.record) {
      loop = fab::settings_of(*report.record, report.process);
      path = report.record->path;
      if (!row.vm_sd) path.prediction_error.clear();
    } else {
      path = fab::simulate(report.process, wafers, row.vm_sd.value_or(0), report.settings.seed, 0);
    }
    loop.keep_outcomes = true;
    const auto policy = fab::make_controller_policy(row.controller);
    const auto run = fab::run_loop(path, *policy->make(row.values, loop.noise_variance), loop);
    const auto from = run.outcomes.begin() + report.stretch_from;
    (best ? report.stretch_best : report.stretch_base).assign(from, from + length);
  }
}

// Cpk is the process's for sampled metrology with its best controller, and goes against sigma elsewhere.
void add_worth(ControlReport& report, const core::Catalog& catalog) {
  const auto& rows = report.rows;
  const auto stack = fab::load_stack(catalog, report.process.stack);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].vm_sd && (rows[report.base].vm_sd || rows[i].sigma.mean < rows[report.base].sigma.mean))
      report.base = i;
    if (rows[i].sigma.mean < rows[report.best].sigma.mean) report.best = i;
  }
  for (const auto& row : rows)
    report.worths.push_back(fab::worth_of(report.process.cpk * rows[report.base].sigma.mean / row.sigma.mean,
                                          report.process.layers, stack));
}

Json estimate_json(const fab::Estimate& e, bool interval) {
  Json out = {{"mean", e.mean}};
  if (interval) out["half_width_95"] = e.half_width;
  return out;
}

Json document_of(const ControlReport& report, const core::Catalog& catalog) {
  const fab::Process& p = report.process;
  Json document = core::result_document("fab.control", catalog);
  document["process"] = p.name;
  document["sampling"] = p.sampling;
  document["delay"] = p.delay;
  if (report.record) {
    const fab::Record& r = *report.record;
    document["replay"] = {{"file", report.record_file}, {"wafers", r.wafers.size()}, {"predicted", r.predicted},
                          {"left_out", r.left_out},     {"tuned_on", r.tuning},      {"target", r.target},
                          {"noise_sd", r.noise_sd}};
  } else {
    document["wafers"] = report.settings.wafers;
    document["runs"] = report.settings.runs;
    document["tuning_runs"] = report.settings.tuning_runs;
    document["seed"] = report.settings.seed;
  }
  document["layers"] = p.layers;
  document["stack"] = p.stack;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const fab::ControlRow& row = report.rows[i];
    const fab::Worth& worth = report.worths[i];
    Json one = {{"controller", row.controller}, {"metrology", row.vm_sd ? "virtual" : "sampled"}};
    if (row.vm_sd) one["vm_sigma"] = *row.vm_sd;
    one["parameters"] = Json::object();
    for (std::size_t k = 0; k < row.values.size(); ++k) one["parameters"][row.parameters[k]] = row.values[k];
    one["sigma"] = estimate_json(row.sigma, !report.record);
    if (row.change) one["change"] = estimate_json(*row.change, !report.record);
    one["cpk"] = worth.cpk;
    one["outside"] = worth.outside;
    one["parametric_yield"] = worth.parametric_yield;
    one["usd_per_good_stack"] = worth.cost_per_good.value();
    document["rows"].push_back(one);
  }
  document["nothing_gained"] = nothing_gained(report);
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");
  return document;
}

std::string words(const ControlReport& report) {
  const fab::Process& p = report.process;
  std::string text;
  if (report.record)
    text = fmt::format("{}: {} wafers, {} predicted; tuned on the first {}, judged on the others\n", report.record_file,
                       report.record->wafers.size(), report.record->predicted, report.record->tuning);
  else
    text = fmt::format("{}: {} runs of {} wafers; tuned on {} other runs\n", p.name, report.settings.runs,
                       report.settings.wafers, report.settings.tuning_runs);
  text += fmt::format(
      "1 of {} wafers measured, known {} wafers later; {:.0f} layers of {}'s dies, Cpk {} where sigma is {:.4}\n\n",
      p.sampling, p.delay, p.layers, p.stack, p.cpk, report.rows[report.base].sigma.mean);
  text += fmt::format("{:<13}{:<22}{:>16}{:>18}{:>7}{:>11}{:>12}\n", "controller", "metrology", "sigma", "change",
                      "Cpk", "yield", "USD a stack");
  const auto with = [&](double x, double half, int digits) {
    return report.record ? fmt::format("{:.{}f}", x, digits)
                         : fmt::format("{:.{}f} +- {:.{}f}", x, digits, half, digits);
  };
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const fab::ControlRow& row = report.rows[i];
    const fab::Worth& worth = report.worths[i];
    text += fmt::format("{:<13}{:<22}{:>16}{:>18}{:>7.2f}{:>9.2f} %{:>12.2f}\n", row.controller, mode_of(report, row),
                        with(row.sigma.mean, row.sigma.half_width, 3),
                        row.change ? with(100 * row.change->mean, 100 * row.change->half_width, 1) + " %" : "",
                        worth.cpk, 100 * worth.parametric_yield, worth.cost_per_good.value());
  }
  if (const auto why = nothing_gained(report); !why.empty()) text += "\n" + why + "\n";
  return text;
}

std::string csv_of(const Json& rows) {
  std::string out =
      "controller,metrology,vm_sigma,sigma,sigma_half_width_95,change,change_half_width_95,cpk,outside,"
      "parametric_yield,usd_per_good_stack\n";
  for (const Json& row : rows) {
    const auto part = [&](const char* key, const char* inner) {
      return row.contains(key) && row[key].contains(inner) ? row[key][inner].dump() : std::string();
    };
    out += row["controller"].get<std::string>() + "," + row["metrology"].get<std::string>() + "," +
           (row.contains("vm_sigma") ? row["vm_sigma"].dump() : "");
    for (const char* key : {"sigma", "change"}) out += "," + part(key, "mean") + "," + part(key, "half_width_95");
    for (const char* key : {"cpk", "outside", "parametric_yield", "usd_per_good_stack"}) out += "," + row[key].dump();
    out += "\n";
  }
  return out;
}

int run(const Options& options, const Common& common) {
  check(options);
  auto catalog = core::Catalog::open(common.catalogs);
  ControlReport report;
  report.process =
      fab::load_process(catalog, named_file(catalog, "fab/processes", options.process, "--process", common.settings));
  report.process.sampling = options.sampling.value_or(report.process.sampling);
  report.process.delay = options.delay.value_or(report.process.delay);
  if (!options.vm_sigmas.empty()) report.process.vm_sds = options.vm_sigmas;
  report.settings = {options.controllers, options.wafers, options.runs, 8, common.seed.value_or(1), common.threads};
  if (options.replay) {
    fab::RecordSettings settings;
    settings.target = options.target;
    settings.chamber = options.chamber;
    report.record = fab::read_record(*options.replay, settings);
    report.record_file = options.replay->string();
    report.rows = fab::compare(*report.record, report.process, report.settings);
  } else {
    report.rows = fab::compare(report.process, report.settings);
  }
  add_worth(report, catalog);
  const Json document = document_of(report, catalog);
  if (common.csv) core::write_text(*common.csv, csv_of(document["rows"]));
  if (options.report) {
    add_stretch(report);
    write_control_report(*options.report, report, catalog);
  }
  if (const auto left_out = report.record ? report.record->left_out : 0; left_out > 0)
    tell({fmt::format("{} row{} without a result left out", left_out, left_out == 1 ? "" : "s")}, common);
  write_result(common, document, words(report));
  return core::exit_done;
}

}  // namespace

std::string mode_of(const ControlReport& report, const fab::ControlRow& row) {
  if (!row.vm_sd) return "sampled";
  return report.record ? fmt::format("and predictions") : fmt::format("and virtual, sd {}", *row.vm_sd);
}

std::string nothing_gained(const ControlReport& report) {
  if (report.best == report.base) return "Nothing to gain: sigma is least with sampled metrology alone.";
  const double base = report.worths[report.base].cost_per_good.value();
  if (base - report.worths[report.best].cost_per_good.value() >= 0.005 * base) return "";
  return fmt::format("Nothing to gain in dollars: with a Cpk of {} hardly a wafer is outside its limits as it is.",
                     report.process.cpk);
}

void add_fab_control(Args& fab) {
  auto& args = fab.command("control", "run-to-run control with and without virtual metrology: sigma, Cpk, dollars");
  auto options = std::make_shared<Options>();
  args.option("--process", options->process, "a process of catalog/fab/processes, or a file").called("NAME|FILE");
  args.option("--controller", options->controllers, "double-ewma, ewma, kalman or none; repeat (else all)")
      .called("NAME");
  args.option("--vm-sigma", options->vm_sigmas, "deviation of virtual metrology's error; repeat (else the process's)");
  args.option("--sampling", options->sampling, "every so many wafers one is measured").called("N");
  args.option("--delay", options->delay, "its result is known before the wafer so many later is set").called("WAFERS");
  args.option("--wafers", options->wafers, "of a run; its first tenth is not judged");
  args.option("--runs", options->runs, "over which sigma is taken");
  args.option("--replay", options->replay,
              "recorded wafers instead, as `fab metrology --replay --csv` writes them: wafer, label (or disturbance), "
              "perhaps prediction with low and high, or with sigma")
      .called("FILE.csv");
  args.option("--chamber", options->chamber, "whose wafers of a replay").called("NAME");
  args.option("--target", options->target, "of a replay (else the mean of its first third)");
  args.option("--report", options->report, "write a report to this HTML file; it works offline").called("FILE.html");
  args.footer(
      "Each controller is tuned in each mode alike: the least mean square on runs (of a replay: its first third) that "
      "do "
      "not judge.\nExample: wordline fab control --controller ewma --vm-sigma 1 --set worth.cpk=1.33");
  args.action([options, &common = args.common()] { return run(*options, common); });
}

}  // namespace wordline::cli
