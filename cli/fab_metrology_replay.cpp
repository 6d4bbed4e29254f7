// wordline fab metrology --replay: virtual metrology tried on wafers that are all measured.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "fab_metrology.h"
#include "output.h"
#include "web/page.h"
#include "wordline/core/csv.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

struct Loaded {
  fab::WaferTable table;
  std::size_t disbelieved = 0, missing = 0, out_of_order = 0;
};

Loaded load(const MetrologyOptions& o) {
  Loaded out;
  fab::WaferReader reader(o.wafers, o.columns);
  if (!reader.has_label())
    throw core::InputError(reader.where(), fmt::format("no column \"{}\"", o.columns.label),
                           "the measured results: name their column by --label-column");
  auto& table = out.table;
  table.feature_names = reader.features();
  const auto limits = o.label_limits();
  fab::WaferRow row;
  while (reader.next(row)) {
    if ((limits.lower && row.label < *limits.lower) || (limits.upper && row.label > *limits.upper)) {
      ++out.disbelieved;
      continue;
    }
    out.missing += row.missing;
    out.out_of_order += !table.times.empty() && row.time < table.times.back();
    table.wafers.push_back(row.wafer);
    table.chambers.push_back(row.chamber);
    table.times.push_back(row.time);
    table.labels.push_back(row.label);
    table.features.insert(table.features.end(), row.features.begin(), row.features.end());
  }
  return out;
}

// Wafers in the order of their times, where all have one.
void sort_by_time(fab::WaferTable& table) {
  if (std::any_of(table.times.begin(), table.times.end(), [](double t) { return std::isnan(t); })) return;
  std::vector<std::size_t> order(table.rows());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return table.times[a] < table.times[b]; });
  fab::WaferTable sorted;
  sorted.feature_names = table.feature_names;
  for (const auto i : order) {
    sorted.wafers.push_back(table.wafers[i]);
    sorted.chambers.push_back(table.chambers[i]);
    sorted.times.push_back(table.times[i]);
    sorted.labels.push_back(table.labels[i]);
    sorted.features.insert(sorted.features.end(), table.row(i), table.row(i) + table.feature_names.size());
  }
  table = std::move(sorted);
}

std::string csv_of(const fab::WaferTable& table, const std::vector<ReplayedWafer>& wafers) {
  std::string text = "wafer,time,chamber,label,prediction,low,high,measured,drift,shift\n";
  for (const auto& w : wafers)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", core::csv_field(table.wafers[w.row]),
                        std::isnan(table.times[w.row]) ? "" : fmt::format("{}", table.times[w.row]),
                        core::csv_field(table.chambers[w.row]), csv_number(table.labels[w.row]), csv_number(w.value),
                        csv_number(w.low), csv_number(w.high), w.measured ? 1 : 0, w.drift ? 1 : 0, w.shift ? 1 : 0);
  return text;
}

nlohmann::ordered_json to_json(const fab::Bank& bank, const fab::ReplaySettings& settings,
                               const fab::ReplayScore& score, const core::Catalog& catalog) {
  auto document = core::result_document("fab.metrology.replay", catalog);
  document["bank"] = bank.name;
  document["sampling"] = settings.sampling;
  document["delay"] = settings.delay;
  document["chosen_by_sampler"] = settings.choose;
  document["wafers"] = score.wafers;
  document["measured"] = score.measured;
  document["mse"] = score.mse();
  document["rmse"] = std::sqrt(score.mse());
  document["r2"] = score.r2();
  document["interval"] = {
      {"wanted_coverage", bank.coverage}, {"coverage", score.coverage()}, {"mean_width", score.mean_width()}};
  document["chambers"] = nlohmann::ordered_json::array();
  for (const auto& [name, c] : score.chambers)
    document["chambers"].push_back({{"chamber", name},
                                    {"wafers", c.wafers},
                                    {"mse", c.mse()},
                                    {"label_variance", c.scatter() / static_cast<double>(c.wafers)},
                                    {"coverage", static_cast<double>(c.covered) / static_cast<double>(c.wafers)}});
  document["experts"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < bank.experts.size(); ++i)
    document["experts"].push_back(
        {{"name", bank.experts[i]}, {"wafers", score.expert_wafers[i]}, {"mse", score.expert_mse(i)}});
  return document;
}

std::string words(const fab::Bank& bank, const fab::ReplaySettings& settings, const fab::ReplayScore& score) {
  std::string text =
      fmt::format("{} wafers predicted, {} of them measured ({}, {} late)\n", score.wafers, score.measured,
                  settings.choose ? fmt::format("as asked for, one in {}", settings.sampling)
                                  : fmt::format("one in {}", settings.sampling),
                  settings.delay);
  text += fmt::format("{:<44}{:>12}{:>12}\n", "", "mean square", "RMS error");
  const auto line = [&](const std::string& name, double mse) {
    text += fmt::format("{:<44}{:>12.4g}{:>12.4g}\n", name, mse, std::sqrt(mse));
  };
  line("aggregate", score.mse());
  for (std::size_t i = 0; i < bank.experts.size(); ++i)
    if (score.expert_wafers[i] > 0) line("  " + bank.experts[i], score.expert_mse(i));
  text += fmt::format(
      "R2 within chambers {:.4f}; {:.1f} % of the wafers within their interval ({:.0f} % wanted), {:.4g} wide in the "
      "mean\n",
      score.r2(), 100 * score.coverage(), 100 * bank.coverage, score.mean_width());
  return text;
}

}  // namespace

int replay_metrology(const MetrologyOptions& o, const Common& common) {
  if (o.state || o.budget) throw core::UsageError("--replay keeps no --state, and its --budget is one in --sampling");
  if (o.warm_up > 0 && o.warm_up_share) throw core::UsageError("--warm-up or --warm-up-share, not both");
  fab::ReplaySettings settings;
  settings.warm_up = static_cast<std::size_t>(o.warm_up);
  settings.warm_up_share = o.warm_up_share.value_or(0);
  settings.sampling = o.sampling.value_or(1);
  settings.delay = o.delay.value_or(settings.sampling);
  settings.choose = o.choose;
  if (settings.sampling < 1 || settings.delay < 1) throw core::UsageError("--sampling, --delay: 1 or more");
  if (o.warm_up_share && !(*o.warm_up_share > 0 && *o.warm_up_share < 1))
    throw core::UsageError("--warm-up-share: between 0 and 1");

  auto catalog = core::Catalog::open(common.catalogs);
  const auto bank = bank_of(catalog, o, common);
  Loaded loaded = load(o);
  sort_by_time(loaded.table);
  std::vector<ReplayedWafer> wafers;
  const std::size_t drawn = std::max<std::size_t>(1, loaded.table.rows() / 150);  // weights: some 150 points
  const auto score = fab::replay(loaded.table, bank, settings, [&](const fab::Replayed& w) {
    const auto& p = w.prediction;
    wafers.push_back({w.row, p.value, p.low, p.high, w.measured, w.drift, p.shift, {}});
    if (wafers.size() % drawn == 1 || drawn == 1) wafers.back().weights = w.weights;
  });
  if (score.wafers == 0)
    throw core::InputError({std::make_shared<std::string>(o.wafers.string())},
                           fmt::format("{} wafers with a label", loaded.table.rows()),
                           "more than the warm-up takes: --warm-up, --warm-up-share");
  std::vector<std::string> told;
  if (loaded.disbelieved > 0)
    told.push_back(fmt::format("{} labels were beyond the limits: left out", loaded.disbelieved));
  if (loaded.missing > 0)
    told.push_back(fmt::format("{} missing values were taken as their feature's mean", loaded.missing));
  if (loaded.out_of_order > 0)
    told.push_back(fmt::format("{} wafers were earlier than the one before: sorted by time", loaded.out_of_order));
  tell(told, common);
  if (o.report) core::write_text(*o.report, metrology_report(loaded.table, *bank, settings, score, wafers, catalog));
  if (common.csv) core::write_text(*common.csv, csv_of(loaded.table, wafers));
  write_result(common, to_json(*bank, settings, score, catalog), words(*bank, settings, score));
  return core::exit_done;
}

}  // namespace wordline::cli
