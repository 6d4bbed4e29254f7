#include "wordline/memory/fingerprint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

#include "wordline/core/result.h"
#include "wordline/memory/address_map.h"

namespace wordline::memory {

namespace {

// Raised whenever the controllers decide otherwise: figures of older ones are not taken from a cache.
constexpr int controller_generation = 3;

std::string table_text(const dram::Standard& standard) {
  std::string text;
  const auto out = std::back_inserter(text);
  const auto& geometry = standard.geometry;
  fmt::format_to(out, "{} {} {} {} {} {} {} {} {}\n", standard.name, standard.ticks_per_clock, standard.data_bus_level,
                 geometry.sizes, geometry.rows, geometry.columns, geometry.burst_bytes, geometry.channels,
                 geometry.levels);
  for (const auto& spec : standard.commands)
    fmt::format_to(out, "{} {} {} {} {} {} {} {} {} {} {} {}\n", spec.name, static_cast<int>(spec.effect), spec.level,
                   static_cast<int>(spec.reach), spec.bus, spec.occupies, spec.align, spec.latency, spec.burst,
                   spec.busy, spec.hold, spec.last_edge);
  for (const auto& rule : standard.rules)
    fmt::format_to(out, "{} {} {} {} {} {} {} {}\n", rule.name, rule.level, rule.other, rule.window, rule.earlier,
                   rule.later, rule.from, rule.to);
  for (const auto& refresh : standard.refreshes)
    fmt::format_to(out, "{} {} {} {}\n", refresh.command, refresh.credit, refresh.latest, refresh.earliest);
  return text;
}

std::string power_text(const dram::Power& power) {
  std::string text =
      fmt::format("{:a} {:a} {:a} {:a} {:a} {:a} {:a} {:a} {:a}", power.activate.value(), power.read.value(),
                  power.write.value(), power.read_io.value(), power.write_io.value(), power.idle.value(),
                  power.first_bank.value(), power.each_bank.value(), power.floor.value());
  for (const auto refresh : power.refresh) text += fmt::format(" {:a}", refresh.value());
  return text;
}

}  // namespace

std::string fingerprint(const System& system) {
  const auto& part = *system.module.part;
  const Settings& s = system.settings;
  return fmt::format("{} {} {}\n{}{}\n{} {} {} {:a} {:a} {} {} {} {} {} {} {} {} {} {} {} {} {}\n{}",
                     core::program_version(), core::program_commit(), controller_generation, table_text(part.standard),
                     power_text(part.power), part.clock.numerator_ps(), part.clock.denominator(), system.count,
                     part.channel_peak.value(), system.module.read_delay.value(), s.read_queue, s.write_queue,
                     s.write_high, s.write_low, s.age_cap_clocks, s.scheduler, s.page, s.page_timeout_clocks, s.refresh,
                     s.postponed_refreshes, s.pulled_in_refreshes, s.refreshes_spread, system.access_bytes(),
                     AddressMap(system).text());
}

}  // namespace wordline::memory
