// Where the clocks went, the curves, the energy.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "memory_report_parts.h"

namespace wordline::cli {

namespace {

using memory::Loss;

Json point(double x, double y) { return {{"x", x}, {"y", y}}; }

// What each loss means, in the order of memory::Loss.
constexpr std::array<const char*, memory::loss_count> meanings = {
    "The bank of the oldest access was being refreshed, or kept free for a refresh, or had to reopen its row after "
    "one.",
    "The oldest access needed another row: closing the old one, opening the new (tRTP, tWR, tRP, tRCD, tRAS, tRC).",
    "Its row could not be opened, or was opened late, because too many were opened shortly before (tFAW, tRRD).",
    "The bus turned from reading to writing or back (tRTW, tWTR).",
    "The bus went from one rank or stack id to another (tCCD_R, tCS).",
    "The burst before was in the same bank group (tCCD_L); also tCCD_S where a burst is shorter than it.",
    "Another command was on the command bus, or the command waited for its clock edge.",
    "Nothing in the DRAM held the oldest access: the controller served others, in its own order.",
    "A rule of the standard that is none of these.",
    "No access waited for this data bus, or the first data had not had time to come.",
};

// The numbers of categories of energy: name and joules.
std::vector<std::pair<const char*, double>> categories(const dram::Energy& energy) {
  return {{"activate", energy.activate.value()},
          {"column", (energy.read + energy.write).value()},
          {"I/O", energy.io.value()},
          {"refresh", energy.refresh.value()},
          {"background", energy.background.value()},
          {"floor", energy.floor.value()}};
}

// The name of a cause's colour in the viewer.
std::string color_of(std::size_t loss) { return "loss-" + std::string(memory::loss_name(static_cast<Loss>(loss))); }

double share_of(dram::Tick ticks, const memory::Losses& losses) {
  return static_cast<double>(ticks) / static_cast<double>(std::max<dram::Tick>(1, losses.total()));
}

}  // namespace

Json losses_section(const MemoryReport& report) {
  const memory::Losses& losses = *report.losses;
  Json out =
      section("chart", "losses", "Where the bandwidth went",
              "Every clock of every data bus: it carried data, or it is charged to what held back the oldest access "
              "that waited for this bus. The parts sum to all clocks, exactly.");
  Json series = Json::array();
  series.push_back({{"name", "data"}, {"values", {100 * share_of(losses.data, losses)}}, {"color", "loss-data"}});
  for (std::size_t i = 0; i < memory::loss_count; ++i)
    if (losses.lost[i] > 0)
      series.push_back({{"name", std::string(memory::loss_title(static_cast<Loss>(i)))},
                        {"values", {100 * share_of(losses.lost[i], losses)}},
                        {"color", color_of(i)}});
  out["charts"] = {{{"type", "bar"},
                    {"across", true},
                    {"stacked", true},
                    {"height", 230},
                    {"unit", "%"},
                    {"series", series},
                    {"x", {{"label", "% of all data-bus clocks"}, {"max", 100}}},
                    {"y", {{"categories", {""}}}},
                    {"summary", "Shares of the data buses' clocks: data, and losses by cause"}}};
  return out;
}

Json loss_table_section(const MemoryReport& report) {
  const memory::Losses& losses = *report.losses;
  const memory::System& system = *report.system;
  const double peak = system.peak().value() / 1e9;
  const double ticks_per_clock = system.module.part->standard.ticks_per_clock;
  Json rows = Json::array();
  const auto add = [&](const Json& what, dram::Tick ticks, const std::string& meaning) {
    rows.push_back({{"what", what},
                    {"share", 100 * share_of(ticks, losses)},
                    {"gbps", peak * share_of(ticks, losses)},
                    {"clocks", static_cast<double>(ticks) / ticks_per_clock},
                    {"meaning", meaning}});
  };
  const auto colored = [](const std::string& name, const std::string& color) {
    return Json{{"text", name}, {"color", color}};
  };
  add(colored("data", "loss-data"), losses.data, "The bus carried data.");
  rows.back()["_best"] = true;
  for (std::size_t i = 0; i < memory::loss_count; ++i)
    if (losses.lost[i] > 0)
      add(colored(std::string(memory::loss_title(static_cast<Loss>(i))), color_of(i)), losses.lost[i], meanings[i]);
  add("all clocks", losses.total(), "Simulated time × data buses.");
  Json out =
      section("table", "loss-table", "The account, cause by cause",
              "What each cause cost, as a share, as the bandwidth it took, and in clocks of the DRAM summed over all "
              "data buses.");
  out["tables"] = {{{"columns",
                     {{{"key", "what"}, {"label", "Clocks of data buses"}, {"head", true}},
                      {{"key", "share"}, {"label", "Share"}, {"unit", "%"}, {"align", "right"}, {"digits", 2}},
                      {{"key", "gbps"}, {"label", "Bandwidth"}, {"unit", "GB/s"}, {"align", "right"}},
                      {{"key", "clocks"}, {"label", "Clocks"}, {"align", "right"}},
                      {{"key", "meaning"}, {"label", "Meaning"}, {"long", true}}}},
                    {"rows", rows}}};
  return out;
}

Json curves_section(const MemoryReport& report) {
  Json out =
      section("chart", "curves", "Latency under load",
              "Loaders offer more and more; one chain of dependent loads measures the latency meanwhile. Each line "
              "is one share of reads; it bends up where the memory cannot take more. Right and low is better.");
  Json series = Json::array();
  std::vector<double> shares;
  for (const auto& each : report.curves)
    if (std::find(shares.begin(), shares.end(), each.reads) == shares.end()) shares.push_back(each.reads);
  for (const double reads : shares) {
    Json points = Json::array();
    for (const auto& each : report.curves) {
      if (each.reads != reads) continue;
      Json p = point(each.bandwidth_gbps, each.mean_latency_ns);
      p["label"] = fmt::format("{:.0f} % reads, {} GB/s offered", 100 * reads, three_digits(each.offered_gbps));
      points.push_back(p);
    }
    series.push_back(
        {{"name", fmt::format("{:.0f} % reads", 100 * reads)}, {"line", true}, {"size", 3}, {"points", points}});
  }
  const double peak = report.system->peak().value() / 1e9, step = std::pow(10, std::floor(std::log10(peak))) / 2;
  out["charts"] = {{{"type", "scatter"},
                    {"series", series},
                    {"x", {{"label", "bandwidth, GB/s"}, {"max", step * std::ceil(1.01 * peak / step)}}},
                    {"y", {{"label", "mean latency, ns"}}},
                    {"marks", {{{"axis", "x"}, {"at", peak}, {"label", fmt::format("peak {}", three_digits(peak))}}}},
                    {"summary", "Mean latency against achieved bandwidth, one line for each share of reads"}}};
  return out;
}

Json energy_section(const MemoryReport& report) {
  const dram::Energy energy = report.result->energy(*report.system);
  const double total = energy.total().value(), bits = 8 * static_cast<double>(report.result->bytes(*report.system));
  const double seconds = report.result->time(*report.system).value();
  Json out =
      section("table", "energy", "Energy by cause",
              "What the DRAM burnt: opening rows, moving columns inside, driving the wires, refreshing, and standing "
              "by. Per bit means per bit that was read or written, whatever the cause. I/O is 0 where the part's "
              "source does not tell it apart from the column.");
  Json rows = Json::array();
  const auto add = [&](const std::string& name, double joules) {
    Json row = {{"what", name}, {"uj", joules * 1e6}, {"share", total > 0 ? 100 * joules / total : 0}};
    row["watts"] = seconds > 0 ? joules / seconds : 0;
    row["pj"] = bits > 0 ? joules * 1e12 / bits : 0;
    rows.push_back(row);
  };
  for (const auto& [name, joules] : categories(energy))
    if (joules > 0 || std::string_view(name) != "floor") add(name, joules);
  add("all", total);
  out["tables"] = {{{"columns",
                     {{{"key", "what"}, {"label", "Cause"}, {"head", true}},
                      {{"key", "share"}, {"label", "Share"}, {"unit", "%"}, {"align", "right"}, {"digits", 1}},
                      {{"key", "pj"}, {"label", "Per bit"}, {"unit", "pJ"}, {"align", "right"}},
                      {{"key", "watts"}, {"label", "Mean power"}, {"unit", "W"}, {"align", "right"}},
                      {{"key", "uj"}, {"label", "Energy"}, {"unit", "µJ"}, {"align", "right"}}}},
                    {"rows", rows}}};
  return out;
}

Json power_section(const MemoryReport& report) {
  const dram::Part& part = *report.system->module.part;
  const memory::PowerSeries& power = *report.power;
  Json out =
      section("chart", "power", "Power over time",
              fmt::format("Mean power of each {} ns, all channels together, one cause on the other; the upper edge "
                          "is the whole. Refreshes stand out where they come in step.",
                          three_digits(part.clock.time_of(power.interval()).value() * 1e9)));
  const auto joules = memory::energies(power, part);
  Json series = Json::array();
  const bool has_floor =
      std::any_of(joules.begin(), joules.end(), [](const auto& each) { return each.floor.value() > 0; });
  for (std::size_t at = has_floor ? 6 : 5; at-- > 0;) {  // from the bottom: what is always there first
    Json points = Json::array();
    for (std::size_t i = 0; i < joules.size(); ++i) {
      const dram::Tick from = static_cast<dram::Tick>(i) * power.interval();
      const dram::Tick length = std::min(power.interval(), power.end() - from);
      if (length < power.interval() / 2 && i > 0) continue;  // a stump at the end says little
      const double seconds = part.clock.time_of(length).value();
      const double middle = part.clock.time_of(from).value() + seconds / 2;
      points.push_back(point(middle * 1e6, categories(joules[i])[at].second / seconds));
    }
    series.push_back(
        {{"name", categories({})[at].first}, {"points", points}, {"color", std::array{1, 0, 6, 4, 8, 9}[at]}});
  }
  out["charts"] = {{{"type", "line"},
                    {"stacked", true},
                    {"series", series},
                    {"x", {{"label", "µs from the start"}}},
                    {"y", {{"label", "power, W"}}},
                    {"summary", "Power over time by cause, stacked"}}};
  return out;
}

Json commands_section(const MemoryReport& report) {
  const auto& commands = report.system->module.part->standard.commands;
  const memory::Result& result = *report.result;
  Json rows = Json::array();
  for (std::size_t id = 0; id < commands.size(); ++id)
    if (const auto count = result.activity.commands[id]; count > 0)
      rows.push_back(
          {{"what", commands[id].name},
           {"count", count},
           {"each", result.accesses ? static_cast<double>(count) / static_cast<double>(result.accesses) : 0}});
  Json out = section("table", "commands", "Commands", "What the controllers sent to the DRAM, all channels together.");
  out["tables"] = {{{"columns",
                     {{{"key", "what"}, {"label", "Command"}, {"head", true}},
                      {{"key", "count"}, {"label", "Count"}, {"align", "right"}},
                      {{"key", "each"}, {"label", "Per access"}, {"align", "right"}}}},
                    {"rows", rows}}};
  return out;
}

}  // namespace wordline::cli
