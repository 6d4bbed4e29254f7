// wordline serve sweep: runs over all combinations of some options, kept in a file that a later call goes on with.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "output.h"
#include "serve_commands.h"
#include "serve_grid.h"
#include "serve_store.h"
#include "wordline/core/csv.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/parallel.h"
#include "wordline/core/progress.h"
#include "wordline/core/result.h"
#include "wordline/serve/run.h"

namespace wordline::cli {

namespace {

constexpr std::uint64_t pieces_of_point = 1000;  // of the progress bar

struct Options {
  ServeOptions serve;
  std::vector<std::string> goodput, sweep;
  std::optional<std::filesystem::path> file, store;
};

// What a file that the options name consists of, for the key.
std::string contents_of(const std::filesystem::path& path) {
  std::string out;
  for (const auto& file : {path, path / "config.json", path / "hf_quant_config.json"})
    if (std::filesystem::is_regular_file(file)) out += core::content_hash(core::read_text(file));
  return out;
}

// The same for the same inputs, and for nothing else: options, files, catalogue, program.
std::string key_of(const GridPoint& point, const std::string& catalog_hash) {
  std::string all = core::program_version() + "\n" + core::program_commit() + "\n" + catalog_hash + "\n";
  for (const auto& word : point.words) all += word + "\n";
  all += fmt::format("seed {}\n", point.common.seed.value_or(1));
  for (const auto& setting : point.common.settings) all += "set " + setting + "\n";
  all += "model " + contents_of(point.options.model.model) + "\n";
  if (const auto& draft = point.options.speculation.model; !draft.empty()) all += "draft " + contents_of(draft) + "\n";
  if (const auto& fleet = point.options.fleet) all += "fleet " + contents_of(*fleet) + "\n";
  for (const auto& trace : point.options.workload.traces) all += "trace " + contents_of(trace) + "\n";
  return core::content_hash(all);
}

Json values_of(const GridPoint& point) {
  Json out = Json::object();
  for (const auto& [name, value] : point.values) out[name] = value;
  return out;
}

// A point's row, or why it cannot be run.
Json row_of(const GridPoint& point, const std::string& key, const std::function<void(double)>& share_done) {
  Json row{{"key", key}, {"values", values_of(point)}};
  try {
    const auto catalog = open_catalog(point.common, point.options.on.chip);
    row["catalog_hash"] = catalog.hash();
    row["program"] = {{"version", core::program_version()}, {"commit", core::program_commit()}};
    const std::uint64_t seed = point.common.seed.value_or(1);
    const auto slo = slo_of(point.goodput, "--goodput");
    const auto workload = source_of(point.options.workload, catalog, seed);
    const auto setup = setup_of(point.options, catalog);
    put_settings(row, point.options, setup, seed);
    row["workload"] = workload.name;
    serve::RunOptions how = run_options(point.options, setup, slo, seed);
    how.keep_requests = workload.source->count() <= most_kept;
    const auto requests = static_cast<double>(workload.source->count());
    double sent = 0;
    if (requests > 0)
      how.progress = [&](std::uint64_t more) { share_done((sent += static_cast<double>(more)) / requests); };
    row.update(serve::to_json(serve::run(setup.groups(), *workload.source, how)));
  } catch (const core::InputError& error) {
    row["error"] = error.what();
  }
  return row;
}

// One line a row: what is swept, then every number of the results.
std::string csv_of(const std::vector<Json>& rows) {
  std::vector<std::string> fields;
  for (const Json& row : rows)
    for (const auto& [key, value] : row.items())
      if ((value.is_number() || value.is_string()) && std::find(fields.begin(), fields.end(), key) == fields.end())
        fields.push_back(key);
  std::string out;
  const auto end_of = [&](const std::string& text, bool first) { out += (first ? "" : ",") + core::csv_field(text); };
  for (const auto& field : fields) end_of(field, field == fields.front());
  for (const Json& row : rows) {
    out += "\n";
    for (const auto& field : fields) {
      const Json value = row.contains(field) ? row[field] : Json();
      end_of(value.is_string() ? value.get<std::string>()
             : value.is_null() ? ""
                               : value.dump(),
             field == fields.front());
    }
  }
  return out + "\n";
}

std::string table_of(const std::vector<Json>& rows) {
  std::vector<std::string> names;
  std::vector<std::size_t> widths;
  for (const auto& [name, value] : rows.front()["values"].items()) {
    names.push_back(name);
    widths.push_back(name.size());
    for (const Json& row : rows)
      if (row["values"].contains(name))
        widths.back() = std::max(widths.back(), row["values"][name].get<std::string>().size());
  }
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) out += fmt::format("{:<{}}  ", names[i], widths[i]);
  out += fmt::format("{:>10}{:>12}{:>10}{:>12}{:>12}{:>9}{:>10}\n", "requests/s", "tokens/s", "goodput", "p99 TTFT ms",
                     "p99 TPOT ms", "KV use %", "J/token");
  for (const Json& row : rows) {
    for (std::size_t i = 0; i < names.size(); ++i)
      out += fmt::format("{:<{}}  ", row["values"].value(names[i], ""), widths[i]);
    if (row.contains("error")) {
      out += row["error"].get<std::string>() + "\n";
      continue;
    }
    const Json& goodput = row["request_goodput"];
    out += fmt::format("{:>10.3f}{:>12.1f}{:>10}{:>12.1f}{:>12.2f}{:>9.1f}{:>10.3f}\n",
                       row["request_throughput"].get<double>(), row["output_throughput"].get<double>(),
                       goodput.is_null() ? "" : fmt::format("{:.3f}", goodput.get<double>()),
                       row["p99_ttft_ms"].get<double>(), row["p99_tpot_ms"].get<double>(),
                       100 * row["kv_mean"].get<double>(), row["joules_per_output_token"].get<double>());
  }
  return out;
}

// The rows of all points, in their order; those that the store has are not run again.
std::vector<Json> rows_of(const std::vector<GridPoint>& points, const std::vector<std::string>& keys, ServeStore* store,
                          unsigned threads) {
  std::vector<Json> rows(points.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string* known = store ? store->find(keys[i]) : nullptr;
    if (!known) {
      open.push_back(i);
      continue;
    }
    rows[i] = Json::parse(*known);
    rows[i]["values"] = values_of(points[i]);  // it may be from a sweep of other options
  }
  core::Progress progress("sweep", pieces_of_point * open.size());
  core::parallel_for(open.size(), threads, [&](std::size_t place) {
    const std::size_t i = open[place];
    std::uint64_t told = 0;
    const auto share_done = [&](double share) {
      const auto pieces = std::min(pieces_of_point, static_cast<std::uint64_t>(share * pieces_of_point));
      if (pieces > told) progress.advance(pieces - told);
      told = std::max(told, pieces);
    };
    rows[i] = row_of(points[i], keys[i], share_done);
    if (store) store->append(keys[i], rows[i].dump());
    share_done(1);
  });
  if (store) store->order(keys);
  return rows;
}

std::vector<GridPoint> points_of(const Options& options, const Args& args) {
  ServeGrid grid;
  if (options.file) grid.add(*options.file);
  for (const auto& sweep : options.sweep) grid.add(sweep);
  std::vector<std::string> base;
  for (const auto& word : args.given())
    if (word.starts_with("--") && !word.starts_with("--sweep=") && !word.starts_with("--store=")) base.push_back(word);
  return grid.points(base, args.common());
}

int run(const Options& options, const Args& args) {
  const Common& common = args.common();
  if (!options.file && options.sweep.empty())
    throw core::UsageError("wordline serve sweep: wanted FILE.toml, --sweep OPTION=VALUE,VALUE or both");
  const auto points = points_of(options, args);
  const auto catalog = core::Catalog::open(common.catalogs);
  const std::string hash = catalog.hash();
  std::vector<std::string> keys;
  for (const auto& point : points) keys.push_back(key_of(point, hash));

  std::optional<ServeStore> store;
  if (options.store) store.emplace(*options.store);
  const auto known = static_cast<std::size_t>(
      std::count_if(keys.begin(), keys.end(), [&](const std::string& key) { return store && store->find(key); }));
  if (known > 0 && !common.quiet) fmt::print(stderr, "{} of {} runs were in the file\n", known, points.size());
  const auto rows = rows_of(points, keys, store ? &*store : nullptr, common.threads);

  Json document = core::result_document("serve.sweep", catalog);
  document["rows"] = rows;
  if (common.csv) core::write_text(*common.csv, csv_of(rows));
  write_result(common, document, table_of(rows));
  return core::exit_done;
}

}  // namespace

void add_serve_sweep(Args& serve) {
  auto& args = serve.command("sweep", "runs over all combinations of some options");
  auto o = std::make_shared<Options>();
  args.positional("file", o->file, "TOML: options of `serve run`; a list of values is swept").called("FILE.toml");
  args.option("--sweep", o->sweep, "an option and its values (repeatable); set.a.b is what --set a.b= sets")
      .called("OPTION=V1,V2");
  args.option("--store", o->store, "one JSON object a run; a sweep that was interrupted goes on with what is there")
      .called("OUT.jsonl");
  add_point_options(args, o->serve, o->goodput);
  args.footer(
      "Example: wordline serve sweep --model llama-3.1-70b --chip h200-sxm --lengths azure-conversation "
      "--sweep tp=2,4 --sweep request-rate=1,2,4 --store sweep.jsonl");
  args.action([o, &args] { return run(*o, args); });
}

}  // namespace wordline::cli
