// wordline chip kernels: the kernels of a table of shapes, predicted, and judged where the table says what was
// measured.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "chip.h"
#include "chip_options.h"
#include "output.h"
#include "scores_json.h"
#include "wordline/chip/measured.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

struct Options {
  ChipOptions on{.chip = "", .library = "", .residency = "warm"};
  std::string op, subset = "all";
  std::filesystem::path table;
};

bool wanted(const Options& o, const chip::MeasuredRow& row) {
  if (row.residency.value_or(o.on.caches()) != o.on.caches()) return false;
  return o.subset == "all" || row.fitted_on == (o.subset == "fit");
}

int kernels(const Options& o, const Common& common) {
  const auto catalog = open_catalog(common, o.on.chip);
  const auto table = core::Csv::read(o.table);
  const auto op = o.op.empty() ? chip::measured_op_of(table) : chip::measured_op(o.op);
  const auto caches = o.on.caches() == chip::Residency::cold ? chip::Residency::cold : chip::replayed(op);
  chip::KernelTimer timer(o.on.load(catalog), chip::simulated(), caches);
  std::vector<std::optional<core::Prediction>> predictions(table.rows());
  core::Scores scores;
  std::size_t rows = 0;
  for (const auto& row : chip::measured_rows(table, op)) {
    if (!wanted(o, row)) continue;
    ++rows;
    const auto& p = predictions[row.row].emplace(chip::predicted(row, timer));
    if (row.us > 0) scores.add(row.region, {row.us, p.us, p.low, p.high});
  }
  if (common.csv) core::write_text(*common.csv, core::with_predictions(table, predictions));
  auto document = core::result_document("chip.kernels", catalog);
  document["chip"] = o.on.chip;
  document["library"] = timer.chip().library;
  document["residency"] = chip::name_of(timer.residency());
  document["op"] = chip::measured_ops()[static_cast<std::size_t>(op)];
  document["subset"] = o.subset;
  document["rows"] = rows;
  document["errors"] = errors_json(scores);
  document["assumed"] = core::facts_json(catalog.facts(), "assumed");
  const std::string text = fmt::format("{} {} rows on {}\n{}", rows, chip::measured_ops()[static_cast<std::size_t>(op)],
                                       timer.chip().title, scores.empty() ? "" : scores.text());
  write_result(common, document, text);
  return core::exit_done;
}

}  // namespace

void add_chip_kernels(Args& chip) {
  auto& args = chip.command("kernels", "a table of kernels: predicted, and judged where it says what was measured");
  auto o = std::make_shared<Options>();
  args.positional("table", o->table, "CSV of shapes, also .gz or .zst, with or without a column us").required();
  o->on.add_to(args);
  args.option("--op", o->op, "what the table holds; its columns tell where this is left out")
      .choices(chip::measured_ops());
  args.option("--subset", o->subset, "rows: fit (one in five, by the hash of the shape), score (the others), or all")
      .choices({"fit", "score", "all"});
  args.footer(
      "Columns: gemm dtype,m,n,k; ctx_attn attn_dtype,kv_dtype,hd,nh,nkv,b,isl; gen_attn ...,b,kv_len;\n"
      "moe dtype,dist,h,i,topk,e,tp,ep,tok; quant op,quant_dtype,m,k; and us, microseconds.\n"
      "Example: wordline chip kernels --chip h100-sxm measured.csv.gz --csv predicted.csv");
  args.action([o, &common = args.common()] { return kernels(*o, common); });
}

}  // namespace wordline::cli
