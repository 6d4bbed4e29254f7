// wordline chip calibrate: fits a chip to kernels that its owner measured.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "args.h"
#include "chip.h"
#include "chip_options.h"
#include "output.h"
#include "wordline/chip/calibrate.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/model/layer_tables.h"

namespace wordline::cli {

namespace {

struct Options {
  ChipOptions on{.chip = "", .library = "", .residency = "warm"};
  std::vector<std::filesystem::path> tables;
  std::filesystem::path out;
  std::string model;
  int tp = 1;
};

chip::MeasuredFile read(const std::filesystem::path& file, const Options& o, const core::Catalog& catalog,
                        const chip::Chip& on) {
  const auto table = core::Csv::read(file);
  if (model::is_layer_table(table)) {
    if (o.model.empty())
      throw core::UsageError(fmt::format("{} names layers: --model and --tp must say whose", file.string()));
    model::Deployment d;
    d.architecture = model::load(catalog, o.model, {std::make_shared<std::string>("--model")});
    d.chip = on;
    d.tp = o.tp;
    d.weights = d.architecture.stated;
    d.kv = d.architecture.quantisation.kv;
    model::check_split(d);
    return {file.filename().string(), chip::MeasuredOp::layer, model::layer_rows(table, d)};
  }
  const auto op = chip::measured_op_of(table);
  table.column("us");
  return {file.filename().string(), op, chip::measured_rows(table, op)};
}

nlohmann::ordered_json errors_json(const core::Errors& e) {
  return {{"mean", e.mean}, {"median", e.median}, {"p90", e.p90}, {"bias", e.bias}};
}

nlohmann::ordered_json document_of(const Options& o, const chip::Calibration& done,
                                   const std::vector<chip::MeasuredFile>& files, const core::Catalog& catalog) {
  auto out = core::result_document("chip.calibrate", catalog);
  out["chip"] = o.on.chip;
  out["residency"] = o.on.residency;
  out["file"] = o.out.string();
  out["moved"] = nlohmann::ordered_json::array();
  for (const auto& moved : done.moved)
    out["moved"].push_back({{"what", moved.what.table + "." + moved.what.key},
                            {"unit", moved.what.unit},
                            {"before", moved.before},
                            {"after", moved.after},
                            {"low", moved.what.low},
                            {"high", moved.what.high}});
  out["undetermined"] = done.undetermined;
  out["fitted"] = {{"mean_error_before", done.before}, {"mean_error_after", done.after}};
  out["held_out"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < files.size(); ++i)
    out["held_out"].push_back({{"file", files[i].name},
                               {"op", done.held_out[i].op},
                               {"n", done.held_out[i].before.n},
                               {"before", errors_json(done.held_out[i].before)},
                               {"after", errors_json(done.held_out[i].after)}});
  return out;
}

std::string text_of(const Options& o, const chip::Calibration& done, const std::vector<chip::MeasuredFile>& files) {
  std::string out = fmt::format("{:<36}{:>12}{:>12}\n", "moved", "before", "after");
  for (const auto& moved : done.moved)
    out += fmt::format("{:<36}{:>12.4g}{:>12.4g}{}\n", moved.what.table + "." + moved.what.key, moved.before,
                       moved.after, moved.what.unit.empty() ? "" : " " + moved.what.unit);
  if (done.moved.empty()) out += "nothing: no other value gains a thousandth of the error\n";
  if (!done.undetermined.empty()) out += fmt::format("no row depends on {}\n", fmt::join(done.undetermined, ", "));
  out += fmt::format("\n{:<12}{:>8}{:>22}{:>22}{:>18}\n", "held out", "rows", "mean error", "90th percentile", "bias");
  for (const auto& [op, before, after] : done.held_out)
    out += fmt::format("{:<12}{:>8}{:>9.1f}% -> {:>7.1f}%{:>9.1f}% -> {:>7.1f}%{:>+7.1f}% -> {:>+5.1f}%\n", op,
                       before.n, 100 * before.mean, 100 * after.mean, 100 * before.p90, 100 * after.p90,
                       100 * before.bias, 100 * after.bias);
  return out + fmt::format("\n{} extends {}: {} numbers from {} files\n", o.out.string(), o.on.chip, done.moved.size(),
                           files.size());
}

int calibrate(const Options& o, const Common& common) {
  auto catalog = open_catalog(common, o.on.chip);
  if (o.out.stem() == o.on.chip)
    throw core::UsageError(
        fmt::format("--out: a file called {} would extend itself; wanted another name", o.out.filename().string()));
  const auto before = o.on.load(catalog);
  std::vector<chip::MeasuredFile> files;
  for (const auto& table : o.tables) files.push_back(read(table, o, catalog, before));
  const auto done =
      chip::calibrate(before, files, chip::simulated(), {.residency = o.on.caches(), .threads = common.threads});
  // What was measured layer by layer goes beside the chip's file as it is, and before the model where it has the shape.
  const auto times = chip::profile_of(done.chip, files, chip::simulated());
  const std::filesystem::path beside = std::filesystem::path(o.out).replace_extension(".csv");
  const std::string profile = times.empty() ? "" : beside.filename().string();
  if (!times.empty()) core::write_text(beside, chip::profile_csv(times));
  const std::string text = chip::chip_file(done, files, profile);
  catalog.put("chips", o.out.stem().string(), core::parse_toml(text, o.out.string()));
  chip::load(catalog, o.out.stem().string());  // what is written can be read
  core::write_text(o.out, text);
  write_result(common, document_of(o, done, files, catalog), text_of(o, done, files));
  return core::exit_done;
}

}  // namespace

void add_chip_calibrate(Args& chip) {
  auto& args = chip.command("calibrate", "fits a chip to kernels that were measured on it");
  auto o = std::make_shared<Options>();
  args.positional("tables", o->tables, "CSVs of shapes and times as `wordline chip kernels` takes them").required();
  o->on.add_to(args);
  args.option("--out", o->out, "the chip's new file: it extends --chip and states what was moved")
      .required()
      .called("FILE.toml");
  args.option("--model", o->model,
              "whose layers they are, where tables name layers: config.json, its folder, or a name");
  args.option("--tp", o->tp, "ranks of tensor parallelism of that model").called("RANKS");
  args.footer(
      "Four rows in five are fitted on, by the hash of their shape; the errors are those of the others.\n"
      "Example: wordline chip calibrate gemm.csv attention.csv --chip h100-sxm --out chips/my-h100.toml\n"
      "then     wordline chip kernels gemm.csv --catalog . --chip my-h100");
  args.action([o, &common = args.common()] { return calibrate(*o, common); });
}

}  // namespace wordline::cli
