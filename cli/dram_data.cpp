// wordline dram data-rates: how busy data keeps the wires of a stack, and what a bit of it costs.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "args.h"
#include "dram.h"
#include "output.h"
#include "wordline/core/catalog.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"
#include "wordline/dram/part.h"

namespace wordline::cli {

namespace {

struct Options {
  std::optional<std::filesystem::path> file;
  std::string pattern, part = "hbm3e-9200-12h-36gb";
  bool invert = false;
  int pins = 64;
};

dram::DataRates rates_of(const Options& options) {
  if (options.file.has_value() == !options.pattern.empty())
    throw core::UsageError("dram data-rates: one of FILE and --pattern");
  if (!options.file) return dram::pattern_rates(options.pattern, options.invert);
  const std::string data = core::read_text(*options.file);
  return dram::data_rates(std::as_bytes(std::span(data.data(), data.size())), options.pins);
}

int data_rates(const Options& options, const Common& common) {
  const dram::DataRates rates = rates_of(options);
  const auto catalog = core::Catalog::open(common.catalogs);
  const dram::Part part = dram::load_part(catalog, options.part);
  if (!part.power_table.data)
    throw core::UsageError(fmt::format("--part {}: it has no [power.data]; the stacks have", options.part));
  const auto picojoules = [&](const dram::DataRates& at) { return part.power_table.data->at(at).value() * 1e12 / 8; };
  const dram::Power power =
      dram::power_of(part.power_table, part.standard, part.clock.period(), dram::EnergyMode::model, rates);
  const double bits = 8.0 * part.standard.geometry.burst_bytes;

  auto document = core::result_document("dram.data-rates", catalog);
  document["rates"] = {{"dq", rates.dq}, {"tsv", rates.tsv}, {"busflip", rates.busflip}};
  document["over_static"] = picojoules(rates) / picojoules({0, 0, 0});
  document["over_random"] = picojoules(rates) / picojoules({});
  document["part"] = options.part;
  document["read_pj_per_bit"] = (power.read + power.read_io).value() * 1e12 / bits;
  document["write_pj_per_bit"] = (power.write + power.write_io).value() * 1e12 / bits;
  std::string text;
  for (const char* key : {"dq", "tsv", "busflip"})
    text += fmt::format("{:<20}{:.4f}\n", key, document["rates"][key].get<double>());
  for (const char* key : {"over_static", "over_random", "read_pj_per_bit", "write_pj_per_bit"})
    text += fmt::format("{:<20}{:.4f}\n", key, document[key].get<double>());
  write_result(common, document, text);
  return core::exit_done;
}

}  // namespace

void add_dram_data(Args& dram) {
  Args& run = dram.command("data-rates", "how busy data keeps a stack's wires, and what a bit of it costs");
  auto options = std::make_shared<Options>();
  run.positional("FILE", options->file, "data as it lies in memory, beat after beat");
  run.option("--pattern", options->pattern, "instead: beats that every pin repeats, such as 0110");
  run.option("--invert-col1", options->invert, "of --pattern: every other burst carries its complement");
  run.option("--pins", options->pins, "data pins of one path: bits of a beat");
  run.option("--part", options->part, "part whose energies are shown");
  run.footer("Example: wordline dram data-rates --pattern 0110 --invert-col1");
  run.action([options, &common = run.common()] { return data_rates(*options, common); });
}

}  // namespace wordline::cli
