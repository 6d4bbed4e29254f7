#include "wordline/dram/energy_meter.h"

#include <algorithm>

namespace wordline::dram {

EnergyMeter::EnergyMeter(const Standard& standard, const Power& power, core::Seconds tick, Tick interval)
    : standard_(standard), power_(power), tick_(tick), interval_(std::max<Tick>(1, interval)), states_(standard) {
  Activity one;
  one.commands.assign(standard.commands.size(), 0);
  for (std::int64_t& count : one.commands) {
    count = 1;
    of_command_.push_back(energy_of(power, standard, tick, one));
    count = 0;
  }
}

void EnergyMeter::take(const Command& command) {
  advance(command.tick);
  at(command.tick) += of_command_[command.id];
  states_.take(command);
}

void EnergyMeter::advance(Tick end) {
  while (now_ < end) {
    const Tick until = std::min(end, (now_ / interval_ + 1) * interval_);
    Activity span;
    states_.pass(until - now_, span);
    span.commands.assign(standard_.commands.size(), 0);
    at(now_) += energy_of(power_, standard_, tick_, span);
    now_ = until;
  }
}

Energy& EnergyMeter::at(Tick tick) {
  const auto i = static_cast<std::size_t>(tick / interval_);
  if (intervals_.size() <= i) intervals_.resize(i + 1);
  return intervals_[i];
}

core::Watts EnergyMeter::watts(std::size_t interval) const {
  const Tick from = static_cast<Tick>(interval) * interval_;
  const Tick length = std::min(interval_, now_ - from);
  return length > 0 ? intervals_[interval].total() / (tick_ * static_cast<double>(length)) : core::Watts();
}

Energy EnergyMeter::total() const {
  Energy sum;
  for (const Energy& energy : intervals_) sum += energy;
  return sum;
}

}  // namespace wordline::dram
