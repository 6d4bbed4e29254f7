// The answer first, then what stands behind it.
#include "memory_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "memory_report_parts.h"
#include "web/page.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

double gbps(core::BytesPerSecond rate) { return rate.value() / 1e9; }
double nanoseconds(core::Seconds time) { return time.value() * 1e9; }

std::string memory_name(const memory::System& system) {
  return system.count == 1 ? system.module.title : fmt::format("{} × {}", system.count, system.module.title);
}

// The largest loss but idleness.
std::size_t worst(const memory::Losses& losses) {
  const auto end = losses.lost.begin() + static_cast<std::ptrdiff_t>(memory::Loss::idle);
  return static_cast<std::size_t>(std::max_element(losses.lost.begin(), end) - losses.lost.begin());
}

std::string loss_words(const memory::Losses& losses) {
  const auto share = [&](std::size_t i) {
    return static_cast<double>(losses.lost[i]) / static_cast<double>(std::max<dram::Tick>(1, losses.total()));
  };
  const std::size_t most = worst(losses), idle = static_cast<std::size_t>(memory::Loss::idle);
  std::string text = fmt::format(
      "The data buses carried data in {} of their clocks.",
      percent(static_cast<double>(losses.data) / static_cast<double>(std::max<dram::Tick>(1, losses.total()))));
  if (losses.lost[most] > 0)
    text += fmt::format(" Most of what was lost while work waited went to: {} ({}).",
                        memory::loss_title(static_cast<memory::Loss>(most)), percent(share(most)));
  if (losses.lost[idle] > 0) text += fmt::format(" In {} nothing waited.", percent(share(idle)));
  return text;
}

Json run_answer(const MemoryReport& report) {
  const memory::System& system = *report.system;
  const memory::Result& result = *report.result;
  const double bandwidth = gbps(result.bandwidth(system)), peak = gbps(system.peak());
  const dram::Energy energy = result.energy(system);
  const double seconds = result.time(system).value();
  const double bits = 8 * static_cast<double>(result.bytes(system));
  Json out;
  out["headline"] = fmt::format("{} GB/s of {}: {} of the peak", three_digits(bandwidth), three_digits(peak),
                                percent(bandwidth / peak));
  out["question"] = {fmt::format("{}, {}.", memory_name(system), report.work)};
  if (report.losses) out["text"] = {loss_words(*report.losses)};
  Json figures = Json::array();
  figures.push_back(figure("Bandwidth", three_digits(bandwidth), "GB/s", fmt::format("peak {}", three_digits(peak))));
  if (result.reads)
    figures.push_back(figure("Read latency, mean", three_digits(nanoseconds(result.mean_read_latency(system))), "ns",
                             fmt::format("99 of 100 within {}; from the queue to the last data",
                                         three_digits(nanoseconds(result.read_latency_percentile(system, 99))))));
  const auto opened = result.row_hits + result.row_misses;
  figures.push_back(figure("Row hits",
                           percent(opened ? static_cast<double>(result.row_hits) / static_cast<double>(opened) : 0), "",
                           fmt::format("of {} accesses", three_digits(static_cast<double>(result.accesses)))));
  if (bits > 0)
    figures.push_back(
        figure("Energy", three_digits(energy.total().value() * 1e12 / bits), "pJ/bit", "of the DRAM, all causes"));
  if (seconds > 0)
    figures.push_back(figure("Power", three_digits(energy.total().value() / seconds), "W",
                             fmt::format("mean of {} µs", three_digits(seconds * 1e6))));
  out["figures"] = figures;
  return out;
}

Json curve_answer(const MemoryReport& report) {
  const double peak = gbps(report.system->peak());
  std::map<double, double, std::greater<>> most;  // by share of reads
  for (const auto& point : report.curves) most[point.reads] = std::max(most[point.reads], point.bandwidth_gbps);
  const auto idle = std::min_element(report.curves.begin(), report.curves.end(), [](const auto& a, const auto& b) {
    return a.mean_latency_ns < b.mean_latency_ns;
  });
  double best = 0;
  for (const auto& [reads, bandwidth] : most) best = std::max(best, bandwidth);
  Json out, figures = Json::array();
  out["headline"] = fmt::format("{} GB/s of {} at most, {} ns without load", three_digits(best), three_digits(peak),
                                three_digits(idle->mean_latency_ns));
  out["question"] = {fmt::format("{}, {}.", memory_name(*report.system), report.work)};
  for (const auto& [reads, bandwidth] : most)
    figures.push_back(figure(fmt::format("At {:.0f} % reads", 100 * reads), three_digits(bandwidth), "GB/s",
                             percent(bandwidth / peak) + " of the peak"));
  out["figures"] = figures;
  return out;
}

}  // namespace

Json memory_report(const MemoryReport& report, const core::Catalog& catalog) {
  Json out;
  out["schema"] = "wordline.report/1";
  out["title"] = report.title;
  out["subtitle"] = memory_name(*report.system);
  if (report.result)
    out["answer"] = run_answer(report);
  else if (!report.curves.empty())
    out["answer"] = curve_answer(report);
  Json& sections = out["sections"] = Json::array();
  if (!report.curves.empty()) sections.push_back(curves_section(report));
  if (report.losses) {
    sections.push_back(losses_section(report));
    sections.push_back(loss_table_section(report));
  }
  if (report.result) sections.push_back(energy_section(report));
  if (report.power) sections.push_back(power_section(report));
  if (report.result) sections.push_back(commands_section(report));
  sections.push_back(sources_section(catalog));
  out["foot"] = foot(catalog);
  return out;
}

void write_memory_report(const std::filesystem::path& file, const MemoryReport& report, const core::Catalog& catalog) {
  core::write_text(file, web::page(memory_report(report, catalog)));
}

}  // namespace wordline::cli
