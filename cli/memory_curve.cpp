// wordline memory curve: bandwidth-latency curves of a machine's memory over read shares.
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "args.h"
#include "memory_options.h"
#include "memory_report.h"
#include "output.h"
#include "wordline/core/catalog.h"
#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/core/progress.h"
#include "wordline/core/result.h"
#include "wordline/memory/address_map.h"
#include "wordline/memory/curve.h"
#include "wordline/memory/named_system.h"

namespace wordline::cli {

void add_memory_curve(Args& memory);

namespace {

struct Options {
  MemoryOptions memory;
  std::optional<std::filesystem::path> report;
  std::string reads = "1.0,0.75,0.5", loads;
  double microseconds = 40;
};

// "1.0,0.75": numbers from `low` to `high`, at least one.
std::vector<double> numbers(const std::string& option, const std::string& text, double low, double high) {
  std::vector<double> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string word = text.substr(at, end - at);
    double value = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || stop != word.data() + word.size() || !(value >= low && value <= high))
      throw core::UsageError(fmt::format("{}: found \"{}\"; wanted numbers from {} to {} with commas between them",
                                         option, word, low, high));
    out.push_back(value);
    at = end + 1;
  }
  return out;
}

memory::CurveOptions curve_options(const Options& options, const Common& common) {
  memory::CurveOptions out;
  out.reads = numbers("--reads", options.reads, 0, 1);
  if (!options.loads.empty()) out.loads = numbers("--loads", options.loads, 1e-4, 100);
  if (!(options.microseconds >= 1 && options.microseconds <= 1e6))
    throw core::UsageError(fmt::format("--time: found {}; wanted 1 to 1e6 microseconds", options.microseconds));
  out.measured = core::microseconds(options.microseconds);
  out.warm_up = out.measured / 4;
  out.threads = common.threads;
  if (common.seed) out.seed = *common.seed;
  return out;
}

double gbps(core::BytesPerSecond rate) { return rate.in(core::gigabytes_per_second(1)); }
double nanoseconds(core::Seconds time) { return time.in(core::nanoseconds(1)); }

std::string to_csv(const std::vector<memory::CurvePoint>& points) {
  std::string text = "reads,offered_gbps,bandwidth_gbps,mean_latency_ns\n";
  for (const auto& point : points)
    text += fmt::format("{},{:.3f},{:.3f},{:.3f}\n", point.reads, gbps(point.offered), gbps(point.loaded.bandwidth),
                        nanoseconds(point.loaded.mean_latency));
  return text;
}

std::string to_table(const memory::NamedSystem& named, const std::vector<memory::CurvePoint>& points) {
  std::string text = fmt::format("{}: {:.1f} GB/s\n", named.title, gbps(named.system.peak()));
  text += fmt::format("{:>6}{:>14}{:>16}{:>10}{:>18}\n", "reads", "offered_gbps", "bandwidth_gbps", "of peak",
                      "mean_latency_ns");
  for (const auto& point : points)
    text += fmt::format("{:>6}{:>14.1f}{:>16.1f}{:>8.1f} %{:>18.1f}\n", point.reads, gbps(point.offered),
                        gbps(point.loaded.bandwidth), 100 * (point.loaded.bandwidth / named.system.peak()),
                        nanoseconds(point.loaded.mean_latency));
  return text;
}

nlohmann::ordered_json to_json(const core::Catalog& catalog, const memory::NamedSystem& named,
                               const std::vector<memory::CurvePoint>& points) {
  auto document = core::result_document("memory-curve", catalog);
  document["system"] = named.name;
  document["module"] = named.system.module.name;
  document["modules"] = named.system.count;
  document["peak_gbps"] = gbps(named.system.peak());
  document["address_map"] = memory::AddressMap(named.system).text();
  document["settings"] = settings_json(named);
  document["front_end"] = {
      {"latency_ns", nanoseconds(named.front_end.latency)}, {"loaders", named.front_end.loaders},
      {"outstanding", named.front_end.outstanding},         {"streams", named.front_end.streams},
      {"run_blocks", named.front_end.run_blocks},           {"page_bytes", named.front_end.page_bytes},
      {"write_allocate", named.front_end.write_allocate}};
  document["points"] = nlohmann::ordered_json::array();
  for (const auto& point : points)
    document["points"].push_back({{"reads", point.reads},
                                  {"offered_gbps", gbps(point.offered)},
                                  {"bandwidth_gbps", gbps(point.loaded.bandwidth)},
                                  {"read_bandwidth_gbps", gbps(point.loaded.read_bandwidth)},
                                  {"mean_latency_ns", nanoseconds(point.loaded.mean_latency)},
                                  {"chain_loads", point.loaded.loads}});
  document["facts"] = core::facts_json(catalog.facts());
  return document;
}

void write_report(const std::filesystem::path& file, const memory::NamedSystem& named,
                  const std::vector<memory::CurvePoint>& points, const core::Catalog& catalog) {
  MemoryReport report;
  report.system = &named.system;
  report.title = "Memory curves: latency under load";
  report.work = fmt::format("{} loaders with {} blocks outstanding each, and one chain of dependent loads",
                            named.front_end.loaders, named.front_end.outstanding);
  for (const auto& point : points)
    report.curves.push_back(
        {point.reads, gbps(point.offered), gbps(point.loaded.bandwidth), nanoseconds(point.loaded.mean_latency)});
  write_memory_report(file, report, catalog);
}

int run_curve(const Options& options, const Common& common) {
  auto catalog = core::Catalog::open(common.catalogs);
  const auto named = memory_of(options.memory, common, catalog);
  auto curve = curve_options(options, common);
  core::Progress progress("curve", curve.reads.size() * curve.loads.size());
  curve.advanced = [&progress] { progress.advance(); };
  const auto points = memory::loaded_latency(named.system, named.front_end, curve);
  if (common.csv) core::write_text(*common.csv, to_csv(points));
  if (options.report) write_report(*options.report, named, points, catalog);
  write_result(common, to_json(catalog, named, points), to_table(named, points));
  return core::exit_done;
}

}  // namespace

void add_memory_curve(Args& memory) {
  auto& args = memory.command("curve", "loaded latency over a sweep of throttles and read shares");
  auto o = std::make_shared<Options>();
  add_memory_options(args, o->memory);
  args.option("--reads", o->reads, "shares of reads in the traffic, one curve each").called("SHARES");
  args.option("--loads", o->loads, "what the loaders offer at each point, as shares of the peak").called("SHARES");
  args.option("--time", o->microseconds, "microseconds measured a point, after a quarter of it").called("US");
  args.option("--report", o->report, "writes a report with the curves to this HTML file; it works offline")
      .called("FILE.html");
  args.footer("Example: wordline memory curve --system xeon-8460y --reads 1.0,0.75,0.5 --csv -");
  args.action([o, &common = args.common()] { return run_curve(*o, common); });
}

}  // namespace wordline::cli
