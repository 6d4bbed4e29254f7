#include "memory_watch.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "memory_report.h"
#include "wordline/core/error.h"

namespace wordline::cli {

void add_watch_options(Args& args, WatchFiles& files) {
  args.option("--losses", files.losses,
              "charges every lost data-bus clock to its cause, and power over time; in the JSON");
  args.option("--timeline", files.timeline, "draws commands, bursts and queues for ui.perfetto.dev")
      .called("FILE.pftrace");
  args.option("--timeline-clocks", files.timeline_clocks, "only from this DRAM clock to before that one")
      .called("FROM:TO");
  args.option("--timeline-ps", files.timeline_ps,
              "a picosecond is drawn as a nanosecond, the shortest time that Perfetto knows");
  args.option("--report", files.report, "writes a report to this HTML file; it works offline").called("FILE.html");
}

memory::WatchOptions watch_options(const WatchFiles& files) {
  if (!files.timeline && (files.timeline_clocks || files.timeline_ps))
    throw core::UsageError("--timeline-clocks, --timeline-ps: wanted --timeline FILE.pftrace beside it");
  memory::WatchOptions options;
  options.losses = options.power = files.losses || files.report;
  if (files.timeline) {
    options.timeline =
        files.timeline_clocks ? memory::TimelineWindow::parse(*files.timeline_clocks) : memory::TimelineWindow{};
    options.timeline->picoseconds = files.timeline_ps;
  }
  return options;
}

void write_watched(const WatchFiles& files, const memory::Watch& watch, const memory::System& system,
                   const memory::Result& result, const std::string& work, const core::Catalog& catalog,
                   nlohmann::ordered_json& document) {
  if (files.losses) {
    document["bandwidth_loss"] = memory::losses_json(watch.losses());
    document["power"] = memory::power_json(watch.power(), *system.module.part);
  }
  if (files.timeline) watch.write_timeline(*files.timeline);
  if (!files.report) return;
  MemoryReport report;
  report.system = &system;
  report.title = "Memory run: where the clocks and the joules went";
  report.work = work;
  report.result = &result;
  report.losses = &watch.losses();
  report.power = &watch.power();
  write_memory_report(*files.report, report, catalog);
}

std::string watched_text(const WatchFiles& files, const memory::Watch& watch) {
  if (!files.losses) return "";
  const memory::Losses& losses = watch.losses();
  const auto line = [&](const std::string& name, dram::Tick ticks) {
    return fmt::format("{:<24}{:.4f}\n", name, static_cast<double>(ticks) / static_cast<double>(losses.total()));
  };
  std::string text = line("bus_clocks.data", losses.data);
  for (std::size_t i = 0; i < memory::loss_count; ++i)
    if (losses.lost[i] > 0)
      text += line(fmt::format("bus_clocks.{}", memory::loss_name(static_cast<memory::Loss>(i))), losses.lost[i]);
  return text;
}

}  // namespace wordline::cli
