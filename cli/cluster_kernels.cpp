#include "cluster_kernels.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "chip_options.h"
#include "output.h"
#include "scores_json.h"
#include "wordline/cluster/measured.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/core/scoring.h"

namespace wordline::cli {

namespace {

struct KernelsOptions {
  std::string chip;
  std::filesystem::path file;
};

core::Prediction prediction_of(const cluster::TransferCost& cost) {
  const auto unit = core::microseconds(1);
  return {cost.time.in(unit), cost.low.in(unit), cost.high.in(unit), cost.launch > cost.link ? "launch" : "link"};
}

int kernels(const KernelsOptions& o, const Common& common) {
  const auto catalog = open_catalog(common, o.chip);
  const auto chip = chip::load(catalog, o.chip, {std::make_shared<std::string>("--chip")});
  const core::Csv table = core::Csv::read(o.file);
  const cluster::MeasuredTransfers rows(table);
  std::vector<std::optional<core::Prediction>> predictions(table.rows());
  core::Scores scores;
  std::size_t predicted = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (!rows.is_of(i, o.chip)) continue;
    const auto row = rows.row(i);
    if (row.chips > chip.port.largest_group)
      throw core::InputError(table.where(i, table.column("gpus")), std::to_string(row.chips),
                             fmt::format("at most {}, which the port of {} joins", chip.port.largest_group, o.chip));
    auto group = cluster::group_of(chip, row.chips);
    group.software = row.software;
    const auto p = prediction_of(cluster::cost_of(group, row.transfer));
    predictions[i] = p;
    ++predicted;
    if (row.us)
      scores.add(fmt::format("{} {}", row.transfer.name, table.text(i, table.column("impl"))),
                 {*row.us, p.us, p.low, p.high});
  }
  if (common.csv) core::write_text(*common.csv, core::with_predictions(table, predictions));
  auto document = core::result_document("cluster.kernels", catalog);
  document["chip"] = o.chip;
  document["rows"] = predicted;
  document["rows_of_other_systems"] = table.rows() - predicted;
  document["errors"] = errors_json(scores);
  std::string text =
      fmt::format("{} rows on {}, {} of other systems left out\n", predicted, chip.title, table.rows() - predicted);
  if (!scores.empty()) text += scores.text();
  write_result(common, document, text);
  return core::exit_done;
}

}  // namespace

void add_cluster_kernels(Args& room) {
  auto& args = room.command("kernels", "a table of collectives, each with its predicted time");
  auto o = std::make_shared<KernelsOptions>();
  args.option("--chip", o->chip, "chip from the catalogue").required().called("NAME");
  args.positional("FILE", o->file, "CSV (.gz, .zst) with sys,op,dtype,gpus,elems,impl; us where measured").required();
  args.footer("Example: wordline cluster kernels --chip h100-sxm collectives.csv.gz --csv predicted.csv");
  args.action([o, &common = args.common()] { return kernels(*o, common); });
}

}  // namespace wordline::cli
