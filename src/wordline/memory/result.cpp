#include "wordline/memory/result.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace wordline::memory {

namespace {

double nanoseconds_of(core::Seconds time) { return time.value() * 1e9; }
double gigabytes_per_second_of(core::BytesPerSecond rate) { return rate.value() / 1e9; }

}  // namespace

core::Seconds Result::time(const System& system) const { return system.module.part->clock.time_of(ticks); }

core::BytesPerSecond Result::bandwidth(const System& system) const {
  return ticks ? core::bytes(static_cast<double>(bytes(system))) / time(system) : core::BytesPerSecond(0);
}

core::Seconds Result::mean_read_latency(const System& system) const {
  if (reads == 0) return {};
  return system.module.part->clock.period() * read_latency.mean() + system.module.read_delay;
}

core::Seconds Result::read_latency_percentile(const System& system, double p) const {
  if (reads == 0) return {};
  return system.module.part->clock.period() * read_latency.percentile(p) + system.module.read_delay;
}

dram::Energy Result::energy(const System& system) const {
  const auto& part = *system.module.part;
  return dram::energy_of(part.power, part.standard, part.clock.period(), activity);
}

core::Watts Result::power(const System& system) const {
  return ticks ? energy(system).total() / time(system) : core::Watts();
}

void append_json(nlohmann::ordered_json& document, const System& system, const Result& result) {
  const auto& standard = system.module.part->standard;
  const double bandwidth = gigabytes_per_second_of(result.bandwidth(system));
  const double peak = gigabytes_per_second_of(system.peak());
  document["accesses"] = result.accesses;
  document["reads"] = result.reads;
  document["writes"] = result.writes;
  document["forwarded_reads"] = result.forwarded_reads;
  document["bytes"] = result.bytes(system);
  document["simulated_seconds"] = result.time(system).value();
  document["bandwidth_gbps"] = bandwidth;
  document["peak_gbps"] = peak;
  document["utilization"] = bandwidth / peak;
  document["mean_read_latency_ns"] = nanoseconds_of(result.mean_read_latency(system));
  document["p50_read_latency_ns"] = nanoseconds_of(result.read_latency_percentile(system, 50));
  document["p95_read_latency_ns"] = nanoseconds_of(result.read_latency_percentile(system, 95));
  document["p99_read_latency_ns"] = nanoseconds_of(result.read_latency_percentile(system, 99));
  document["row_hits"] = result.row_hits;
  document["row_misses"] = result.row_misses;
  auto& commands = document["commands"] = nlohmann::ordered_json::object();
  for (std::size_t id = 0; id < standard.commands.size(); ++id)
    if (result.activity.commands[id] > 0) commands[standard.commands[id].name] = result.activity.commands[id];
  const dram::Energy energy = result.energy(system);
  document["energy_j"] = {
      {"activate", energy.activate.value()},     {"read", energy.read.value()},   {"write", energy.write.value()},
      {"column", energy.column().value()},       {"io", energy.io.value()},       {"refresh", energy.refresh.value()},
      {"background", energy.background.value()}, {"floor", energy.floor.value()}, {"total", energy.total().value()}};
  document["pj_per_bit"] =
      result.bytes(system) ? energy.total().value() * 1e12 / (8 * static_cast<double>(result.bytes(system))) : 0.0;
  document["watts"] = result.power(system).value();
}

std::string to_table(const System& system, const Result& result) {
  nlohmann::ordered_json document;
  append_json(document, system, result);
  std::string text = fmt::format("{:<24}{} x {}\n", "memory", system.count, system.module.title);
  for (const auto& [key, value] : document.items()) {
    if (value.is_object()) {
      for (const auto& [inner, number] : value.items())
        text += number.is_number_float() ? fmt::format("{:<24}{:.6g}\n", key + "." + inner, number.get<double>())
                                         : fmt::format("{:<24}{}\n", key + "." + inner, number.get<std::int64_t>());
    } else {
      text += value.is_number_float() ? fmt::format("{:<24}{:.6g}\n", key, value.get<double>())
                                      : fmt::format("{:<24}{}\n", key, value.get<std::uint64_t>());
    }
  }
  return text;
}

}  // namespace wordline::memory
