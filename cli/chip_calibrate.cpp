// wordline chip calibrate: fits a chip to kernels that its owner measured.
#include <fmt/format.h>

#include <map>
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

// How far the model alone and the chip with its profile are from the rows of one layer.
struct Layer {
  std::string name;
  core::Errors before, after;
};

std::vector<Layer> layers_of(const std::vector<chip::MeasuredFile>& files, const chip::Chip& before,
                             const chip::Chip& after) {
  chip::KernelTimer model(before), profile(after);
  std::map<std::string, std::pair<std::vector<core::Compared>, std::vector<core::Compared>>> rows;
  for (const auto& file : files)
    for (const auto& row : file.rows) {
      const auto b = chip::predicted(row, model), a = chip::predicted(row, profile);
      rows[row.region].first.push_back({row.us, b.us, b.low, b.high});
      rows[row.region].second.push_back({row.us, a.us, a.low, a.high});
    }
  std::vector<Layer> out;
  for (const auto& [name, compared] : rows)
    out.push_back({name, core::errors_of(compared.first), core::errors_of(compared.second)});
  return out;
}

nlohmann::ordered_json errors_json(const core::Errors& e) {
  return {{"mean", e.mean}, {"median", e.median}, {"p90", e.p90}, {"bias", e.bias}};
}

nlohmann::ordered_json document_of(const Options& o, const chip::Calibration& done,
                                   const std::vector<chip::MeasuredFile>& files, const std::vector<Layer>& layers,
                                   const core::Catalog& catalog) {
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
  out["layers"] = nlohmann::ordered_json::array();
  for (const auto& layer : layers)
    out["layers"].push_back({{"layer", layer.name},
                             {"n", layer.before.n},
                             {"before", errors_json(layer.before)},
                             {"after", errors_json(layer.after)}});
  return out;
}

// A table of errors, the first column so wide.
std::string header_of(const char* name, int width) {
  return fmt::format("\n{:<{}}{:>8}{:>22}{:>22}{:>18}\n", name, width, "rows", "mean error", "90th percentile", "bias");
}
std::string line_of(const std::string& name, int width, const core::Errors& before, const core::Errors& after) {
  return fmt::format("{:<{}}{:>8}{:>9.1f}% -> {:>7.1f}%{:>9.1f}% -> {:>7.1f}%{:>+7.1f}% -> {:>+5.1f}%\n", name, width,
                     before.n, 100 * before.mean, 100 * after.mean, 100 * before.p90, 100 * after.p90,
                     100 * before.bias, 100 * after.bias);
}

std::string text_of(const Options& o, const chip::Calibration& done, const std::vector<chip::MeasuredFile>& files,
                    const std::vector<Layer>& layers, const std::string& profile) {
  std::string out;
  if (!files.empty()) {
    out += fmt::format("{:<36}{:>12}{:>12}\n", "moved", "before", "after");
    for (const auto& moved : done.moved)
      out += fmt::format("{:<36}{:>12.4g}{:>12.4g}{}\n", moved.what.table + "." + moved.what.key, moved.before,
                         moved.after, moved.what.unit.empty() ? "" : " " + moved.what.unit);
    if (done.moved.empty()) out += "nothing: no other value gains a thousandth of the error\n";
    if (!done.undetermined.empty()) out += fmt::format("no row depends on {}\n", fmt::join(done.undetermined, ", "));
    out += header_of("held out", 12);
    for (const auto& [op, before, after] : done.held_out) out += line_of(op, 12, before, after);
    out += fmt::format("\n{} extends {}: {} numbers from {} files\n", o.out.string(), o.on.chip, done.moved.size(),
                       files.size());
  }
  if (layers.empty()) return out;
  out += header_of("all rows, in profile", 22);
  for (const auto& [name, before, after] : layers) out += line_of(name, 22, before, after);
  return out +
         fmt::format("\n{} extends {}, with the kernels of {} before its own\n", o.out.string(), o.on.chip, profile);
}

int calibrate(const Options& o, const Common& common) {
  auto catalog = open_catalog(common, o.on.chip);
  if (o.out.stem() == o.on.chip)
    throw core::UsageError(
        fmt::format("--out: a file called {} would extend itself; wanted another name", o.out.filename().string()));
  const auto before = o.on.load(catalog);
  // Tables of shapes move the chip's numbers; tables of a model's layers go into its profile as they are.
  std::vector<chip::MeasuredFile> shapes, layers;
  for (const auto& table : o.tables) {
    auto file = read(table, o, catalog, before);
    (file.op == chip::MeasuredOp::layer ? layers : shapes).push_back(std::move(file));
  }
  chip::Calibration done;
  done.chip = before;
  if (!shapes.empty())
    done = chip::calibrate(before, shapes, chip::simulated(), {.residency = o.on.caches(), .threads = common.threads});
  const auto times = chip::profile_of(done.chip, layers, chip::simulated());
  const std::filesystem::path beside = std::filesystem::path(o.out).replace_extension(".csv");
  const std::string profile = times.empty() ? "" : beside.filename().string();
  const std::string text = chip::chip_file(done, shapes, profile);
  if (!times.empty()) core::write_text(beside, chip::profile_csv(times));
  catalog.put("chips", o.out.stem().string(), core::parse_toml(text, o.out.string()));
  const auto after = chip::load(catalog, o.out.stem().string());  // what is written can be read
  core::write_text(o.out, text);
  const auto judged = layers_of(layers, done.chip, after);
  write_result(common, document_of(o, done, shapes, judged, catalog), text_of(o, done, shapes, judged, profile));
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
