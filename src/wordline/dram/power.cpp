#include "wordline/dram/power.h"

#include <algorithm>

namespace wordline::dram {

Energy& Energy::operator+=(const Energy& other) {
  activate += other.activate;
  read += other.read;
  write += other.write;
  io += other.io;
  refresh += other.refresh;
  background += other.background;
  floor += other.floor;
  return *this;
}

Activity& Activity::operator+=(const Activity& other) {
  commands.resize(std::max(commands.size(), other.commands.size()));
  for (std::size_t id = 0; id < other.commands.size(); ++id) commands[id] += other.commands[id];
  ticks += other.ticks;
  rank_open_ticks += other.rank_open_ticks;
  bank_open_ticks += other.bank_open_ticks;
  power_down_ticks += other.power_down_ticks;
  active_power_down_ticks += other.active_power_down_ticks;
  self_refresh_ticks += other.self_refresh_ticks;
  return *this;
}

Energy energy_of(const Power& power, const Standard& standard, core::Seconds tick, const Activity& activity) {
  Energy energy;
  for (std::size_t id = 0; id < activity.commands.size(); ++id) {
    const auto count = static_cast<double>(activity.commands[id]);
    switch (standard.commands[id].effect) {
      case Effect::activate:
        energy.activate += power.activate * count;
        break;
      case Effect::read:
        energy.read += power.read * count;
        energy.io += power.read_io * count;
        break;
      case Effect::write:
        energy.write += power.write * count;
        energy.io += power.write_io * count;
        break;
      default:
        break;
    }
  }
  for (std::size_t i = 0; i < standard.refreshes.size(); ++i)
    energy.refresh += power.refresh[i] * static_cast<double>(activity.commands[standard.refreshes[i].command]);
  const auto over = [&](core::Watts watts, std::int64_t ticks) { return watts * (tick * static_cast<double>(ticks)); };
  const std::int64_t asleep =
      activity.power_down_ticks + activity.active_power_down_ticks + activity.self_refresh_ticks;
  energy.background = over(power.idle, activity.ticks * standard.geometry.ranks() - asleep) +
                      over(power.first_bank, activity.rank_open_ticks) +
                      over(power.each_bank, activity.bank_open_ticks - activity.rank_open_ticks) +
                      over(power.power_down, activity.power_down_ticks) +
                      over(power.active_power_down, activity.active_power_down_ticks) +
                      over(power.self_refresh, activity.self_refresh_ticks);
  energy.floor = over(power.floor, activity.ticks);
  return energy;
}

}  // namespace wordline::dram
