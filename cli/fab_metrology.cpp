// wordline fab metrology: a wafer's result before anyone measured it, as wafers come.
#include "fab_metrology.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "catalog_file.h"
#include "fab_commands.h"
#include "output.h"
#include "wordline/core/csv.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/fab/metrology/state_bytes.h"

namespace wordline::cli {

std::string csv_number(double x) { return std::isnan(x) ? "" : fmt::format("{:.7g}", x); }

std::shared_ptr<const fab::Bank> bank_of(core::Catalog& catalog, const MetrologyOptions& options,
                                         const Common& common) {
  const auto name = named_file(catalog, "fab/banks", options.bank, "--bank", common.settings);
  return std::make_shared<const fab::Bank>(fab::load_bank(catalog, name, {std::make_shared<std::string>("--bank")}));
}

namespace {

constexpr const char* answer_header = "wafer,event,prediction,low,high,measure,drift,shift,distance\n";

std::string answer_line(const fab::WaferRow& row, const fab::Answer& answer) {
  const auto& p = answer.prediction;
  const bool predicted = p.wafer >= 0;
  return fmt::format("{},{},{},{},{},{},{},{},{}\n", core::csv_field(row.wafer), fab::name_of(answer.event),
                     csv_number(p.value), csv_number(p.low), csv_number(p.high), predicted ? p.measure ? "1" : "0" : "",
                     answer.learned.drift ? 1 : 0, p.shift ? 1 : 0, csv_number(p.distance));
}

// Where answers go: of standard input each at once, to standard output or beside; of a file all of them at the end, so
// that bad input leaves nothing half-written.
class Answers {
 public:
  Answers(const Common& common, bool at_once) : file_(common.csv.value_or("-")), at_once_(at_once && file_ == "-") {}
  void add(const std::string& line) {
    if (!at_once_) {
      text_ += line;
      return;
    }
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
  }
  void finish() {
    if (!at_once_) core::write_text(file_, text_);
  }

 private:
  std::filesystem::path file_;
  std::string text_;
  bool at_once_;
};

struct Counts {
  std::map<std::string, std::int64_t> events;
  std::int64_t lines = 0, refused = 0, missing = 0, out_of_order = 0, drifts = 0, shifts = 0, asked_for = 0;

  void add(const fab::WaferRow& row, const fab::Answer& answer) {
    ++events[fab::name_of(answer.event)];
    if (answer.prediction.wafer >= 0) missing += static_cast<std::int64_t>(row.missing);
    out_of_order += answer.out_of_order;
    drifts += answer.learned.drift;
    shifts += answer.prediction.shift;
    asked_for += answer.prediction.measure;
  }
};

nlohmann::ordered_json to_json(const Counts& counts, const fab::Bank& bank, const core::Catalog& catalog) {
  auto document = core::result_document("fab.metrology", catalog);
  document["bank"] = bank.name;
  document["lines"] = counts.lines;
  for (const auto& [event, n] : counts.events) document["events"][event] = n;
  document["lines_refused"] = counts.refused;
  document["missing_values"] = counts.missing;
  document["wafers_out_of_order"] = counts.out_of_order;
  document["drifts_seen"] = counts.drifts;
  document["shifts_seen"] = counts.shifts;
  document["measurements_asked_for"] = counts.asked_for;
  return document;
}

std::vector<std::string> warnings(const Counts& counts) {
  std::vector<std::string> out;
  const auto count = [&](std::int64_t n, const char* what) {
    if (n > 0) out.push_back(fmt::format("{} {}", n, what));
  };
  count(counts.refused, "lines could not be read and were left out");
  count(counts.missing, "missing values were taken as their feature's mean");
  count(counts.out_of_order, "wafers were earlier than the one before: taken as they came");
  const auto event = [&](const char* name, const char* what) {
    if (const auto found = counts.events.find(name); found != counts.events.end()) count(found->second, what);
  };
  event("repeated", "wafers came again and were passed over");
  event("unknown", "labels were for wafers that are not remembered");
  event("unreadable", "wafers had half of their features missing or more");
  event("disbelieved", "labels were beyond the limits and not believed");
  return out;
}

}  // namespace

int run_metrology(const MetrologyOptions& o, const Common& common) {
  if (o.sampling || o.delay || o.warm_up_share || o.choose || o.report)
    throw core::UsageError("--sampling, --delay, --warm-up-share, --choose and --report want --replay");
  if (common.json == "-" && common.csv.value_or("-") == "-")
    throw core::UsageError("--json - and the answers would both go to standard output: say --csv FILE");
  auto catalog = core::Catalog::open(common.catalogs);
  const auto bank = bank_of(catalog, o, common);
  fab::WaferReader reader(o.wafers, o.columns);
  fab::Metrology metrology(bank, reader.features(),
                           {static_cast<std::size_t>(o.warm_up), o.budget.value_or(1), o.label_limits()});
  const bool stream = o.wafers == "-";
  const auto save = [&] {
    if (o.state) fab::write_state(o.state->string(), fab::Metrology::state_kind, metrology.save());
  };
  if (o.state && std::filesystem::exists(*o.state))
    metrology.restore(fab::read_state(o.state->string(), fab::Metrology::state_kind), o.state->string());

  Answers answers(common, stream);
  answers.add(answer_header);
  Counts counts;
  fab::WaferRow row;
  while (true) {
    ++counts.lines;
    try {
      if (!reader.next(row)) break;
      const auto answer = metrology.take(row);
      counts.add(row, answer);
      answers.add(answer_line(row, answer));
    } catch (const core::InputError& error) {
      if (!stream) throw;  // a file is mended and read again; a tool goes on
      ++counts.refused;
      tell({error.what()}, common);
      answers.add(",refused,,,,,,,\n");
    }
    if (o.save_every > 0 && counts.lines % o.save_every == 0 && stream) save();
  }
  --counts.lines;
  save();
  answers.finish();
  tell(warnings(counts), common);
  if (common.json) core::write_text(*common.json, core::to_text(to_json(counts, *bank, catalog)));
  return core::exit_done;
}

void add_fab_metrology(Args& fab) {
  auto& args = fab.command("metrology", "a wafer's result before anyone measured it: virtual metrology");
  auto o = std::make_shared<MetrologyOptions>();
  args.positional("WAFERS", o->wafers, "CSV, a row a wafer; - is standard input: a line in, an answer out").required();
  args.option("--bank", o->bank, "experts: a name in the catalogue's fab/banks, or a file").called("NAME|FILE.toml");
  args.option("--label-column", o->columns.label, "the column of measured results");
  args.option("--wafer-column", o->columns.wafer, "the column that names wafers; rows count where there is none");
  args.option("--chamber-column", o->columns.chamber, "the column of chambers, each predicted apart");
  args.option("--time-column", o->columns.time, "the column of times, in seconds");
  args.option("--ignore", o->columns.ignore, "a column that is no feature; repeat");
  args.option("--least-label", o->least_label, "labels below this are not believed");
  args.option("--most-label", o->most_label, "labels above this are not believed");
  args.option("--warm-up", o->warm_up, "labelled wafers of a chamber before its experts begin; 0: the bank's");
  args.option("--budget", o->budget, "measurements a wafer that may be asked for, 0 to 1");
  args.option("--state", o->state, "go on from this file where it is there, and leave the state in it").called("FILE");
  args.option("--save-every", o->save_every, "of standard input, save the state every so many lines; 0: at the end");
  args.option("--replay", o->replay, "all labels are known: hold them back, and say how wrong the predictions were");
  args.option("--sampling", o->sampling, "replay: one of so many wafers is measured").called("N");
  args.option("--delay", o->delay, "replay: its label comes so many wafers later; without it, as --sampling")
      .called("N");
  args.option("--choose", o->choose, "replay: measure the wafers that are asked for, not every N-th");
  args.option("--warm-up-share", o->warm_up_share, "replay: this share of each chamber's wafers warms up");
  args.option("--report", o->report, "replay: write a report to this HTML file").called("FILE.html");
  args.footer(
      "Answers are CSV on standard output (--csv FILE: there). A line with a wafer's name and a label alone is a late "
      "label.\nExample: wordline fab metrology wafers.csv --replay --sampling 25 --report metrology.html");
  args.action([o, &common = args.common()] {
    if (o->warm_up < 0 || (o->warm_up > 0 && o->warm_up < 10)) throw core::UsageError("--warm-up: 10 wafers or more");
    if (o->budget && !(*o->budget > 0 && *o->budget <= 1)) throw core::UsageError("--budget: above 0, at most 1");
    return o->replay ? replay_metrology(*o, common) : run_metrology(*o, common);
  });
}

}  // namespace wordline::cli
