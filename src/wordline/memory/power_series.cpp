#include "wordline/memory/power_series.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace wordline::memory {

using dram::Activity;
using dram::Tick;

PowerSeries::PowerSeries(const dram::Standard& standard) : standard_(standard), states_(standard) {}

// Two intervals become one.
void PowerSeries::halve() {
  for (std::size_t i = 0; 2 * i < activities_.size(); ++i) {
    Activity both = activities_[2 * i];
    if (2 * i + 1 < activities_.size()) both += activities_[2 * i + 1];
    activities_[i] = std::move(both);
  }
  activities_.resize((activities_.size() + 1) / 2);
  interval_ *= 2;
}

Activity& PowerSeries::at(Tick tick) {
  while (tick / interval_ >= static_cast<Tick>(most_intervals)) halve();
  const auto i = static_cast<std::size_t>(tick / interval_);
  while (activities_.size() <= i) {
    activities_.emplace_back();
    activities_.back().commands.assign(standard_.commands.size(), 0);
  }
  return activities_[i];
}

// The time from now_ to `now` in the present states, shared out among the intervals it covers.
void PowerSeries::advance(Tick now) {
  if (now < now_) throw std::logic_error("the commands of a channel go back in time");
  while (now_ < now) {
    Activity& activity = at(now_);
    const Tick until = std::min(now, (now_ / interval_ + 1) * interval_);
    states_.pass(until - now_, activity);
    now_ = until;
  }
}

void PowerSeries::issued(const dram::Command& command, std::uint64_t) {
  advance(command.tick);
  ++at(command.tick).commands[command.id];
  states_.take(command);
}

void PowerSeries::finish(Tick end) {
  advance(end);
  end_ = end;
}

void PowerSeries::add(const PowerSeries& more) {
  PowerSeries other = more;
  while (other.interval_ < interval_) other.halve();
  while (interval_ < other.interval_) halve();
  for (std::size_t i = 0; i < other.activities_.size(); ++i)
    at(static_cast<Tick>(i) * interval_) += other.activities_[i];
  end_ = std::max(end_, other.end_);
}

std::vector<dram::Energy> energies(const PowerSeries& series, const dram::Part& part) {
  std::vector<dram::Energy> out;
  for (const Activity& activity : series.activities())
    out.push_back(dram::energy_of(part.power, part.standard, part.clock.period(), activity));
  return out;
}

nlohmann::ordered_json power_json(const PowerSeries& series, const dram::Part& part) {
  nlohmann::ordered_json out = {{"interval_s", part.clock.time_of(series.interval()).value()}};
  auto& watts = out["w"] = nlohmann::ordered_json::object();
  for (const char* name : {"activate", "column", "io", "refresh", "background", "floor"})
    watts[name] = nlohmann::ordered_json::array();
  const auto joules = energies(series, part);
  for (std::size_t i = 0; i < joules.size(); ++i) {
    const Tick from = static_cast<Tick>(i) * series.interval();
    const core::Seconds time = part.clock.time_of(std::min(series.interval(), series.end() - from));
    const auto add = [&](const char* name, core::Joules energy) {
      watts[name].push_back(time.value() > 0 ? energy.value() / time.value() : 0.0);
    };
    add("activate", joules[i].activate);
    add("column", joules[i].read + joules[i].write);
    add("io", joules[i].io);
    add("refresh", joules[i].refresh);
    add("background", joules[i].background);
    add("floor", joules[i].floor);
  }
  return out;
}

}  // namespace wordline::memory
