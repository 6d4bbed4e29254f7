// What the states of banks, ranks and data clocks allow, and how commands change them.
#include <algorithm>

#include "wordline/dram/device.h"

namespace wordline::dram {

namespace {

bool moves_data(Effect effect) { return effect == Effect::read || effect == Effect::write; }
bool is_sync(Effect effect) { return effect == Effect::sync_read || effect == Effect::sync_write; }

}  // namespace

Device::Obstacle Device::obstacle(const Command& command) const {
  for (const auto look :
       {&Device::sleep_obstacle, &Device::half_obstacle, &Device::bank_obstacle, &Device::clock_obstacle})
    if (auto found = (this->*look)(command); !found.why.empty()) return found;
  return {};
}

Device::Obstacle Device::sleep_obstacle(const Command& command) const {
  if (sleep_.empty()) return {};
  const UsualCommands& usual = standard_.usual;
  const Effect effect = standard_.spec(command.id).effect;
  const auto first = [&](CommandId id, int bank) { return Command{command.tick, bank, 0, 0, id}; };
  const BankSpan span = standard_.span(command.id, command.bank);
  for (int bank = span.first; bank <= span.last; bank += span.stride) {
    const Sleep sleep = sleep_[static_cast<std::size_t>(standard_.geometry.node(standard_.power_level, bank))];
    if (effect == Effect::power_down_exit && sleep == Sleep::awake)
      return {"not in power-down", first(usual.power_down_entry, bank)};
    if (effect == Effect::self_refresh_exit && sleep == Sleep::awake)
      return {"not in self-refresh", first(usual.self_refresh_entry, bank)};
    if (sleep == Sleep::power_down && effect != Effect::power_down_exit)
      return {"in power-down", first(usual.power_down_exit, bank)};
    if (sleep == Sleep::self_refresh && effect != Effect::self_refresh_exit)
      return {"in self-refresh", first(usual.self_refresh_exit, bank)};
  }
  return {};
}

std::int32_t Device::half_bank(const Command& command) const {
  const Geometry& geometry = standard_.geometry;
  const Half& half = half_[static_cast<std::size_t>(geometry.node(geometry.rank_level(), command.bank))];
  return command.tick <= half.until ? half.bank : -1;
}

// Between the two parts of an activation its rank takes column commands for other banks only. One that is overdue must
// begin again.
Device::Obstacle Device::half_obstacle(const Command& command) const {
  if (standard_.usual.act_first == no_command) return {};
  const Geometry& geometry = standard_.geometry;
  const Half& half = half_[static_cast<std::size_t>(geometry.node(geometry.rank_level(), command.bank))];
  const Effect effect = standard_.spec(command.id).effect;
  const bool overdue = command.tick > half.until;
  if (effect == Effect::activate && (half.bank < 0 || (overdue && half.bank == command.bank)))
    return {"no first part of an activation came in time",
            {command.tick, command.bank, command.row, 0, standard_.usual.act_first}};
  if (half.bank < 0 || moves_data(effect) || is_sync(effect) || (effect == Effect::activate_first && overdue) ||
      (effect == Effect::activate && half.bank == command.bank))
    return {};
  return {"an activation of the rank is half done", {command.tick, half.bank, half.row, 0, standard_.usual.act}};
}

Device::Obstacle Device::precharge_first(const Command& command, int open_bank) const {
  const CommandSpec& spec = standard_.spec(command.id);
  const bool every_bank = spec.reach == Reach::node && spec.level < standard_.geometry.bank_level();
  return {every_bank ? "a bank is open" : "the bank is open",
          {command.tick, open_bank, 0, 0, every_bank ? standard_.usual.pre_all : standard_.usual.pre}};
}

Device::Obstacle Device::bank_obstacle(const Command& command) const {
  const CommandSpec& spec = standard_.spec(command.id);
  const UsualCommands& usual = standard_.usual;
  if (!spec.wants_closed && !moves_data(spec.effect)) return {};
  const BankSpan span = standard_.span(command.id, command.bank);
  for (int bank = span.first; bank <= span.last; bank += span.stride) {
    const bool open = open_row(bank) != closed;
    if (spec.wants_closed && open) return precharge_first(command, bank);
    if (open || spec.wants_closed) continue;
    const bool two_parts = usual.act_first != no_command && half_bank(command) != bank;
    return {"the bank is closed", {command.tick, bank, 0, 0, two_parts ? usual.act_first : usual.act}};
  }
  return {};
}

Device::Obstacle Device::clock_obstacle(const Command& command) const {
  const Effect effect = standard_.spec(command.id).effect;
  if (standard_.sync_level < 0 || !moves_data(effect)) return {};
  if (command.tick <=
      clock_until_[static_cast<std::size_t>(standard_.geometry.node(standard_.sync_level, command.bank))])
    return {};
  const CommandId sync = effect == Effect::read ? standard_.usual.cas_rd : standard_.usual.cas_wr;
  return {"the data clock stands still", {command.tick, command.bank, 0, 0, sync}};
}

void Device::set_sleep(int rank, Sleep sleep, Tick tick) {
  const auto r = static_cast<std::size_t>(rank);
  if (rank_sleep_[r] == sleep) return;
  add_sleep(rank, tick, activity_);
  rank_sleep_[r] = sleep;
  asleep_at_[r] = tick;
}

void Device::add_sleep(int rank, Tick tick, Activity& sum) const {
  const auto r = static_cast<std::size_t>(rank);
  const Tick ticks = tick - asleep_at_[r];
  if (rank_sleep_[r] == Sleep::awake) return;
  if (rank_sleep_[r] == Sleep::self_refresh) {
    sum.self_refresh_ticks += ticks;
  } else if (open_banks_[r] == 0) {
    sum.power_down_ticks += ticks;
  } else {
    sum.active_power_down_ticks += ticks;
    sum.rank_open_ticks -= ticks;
    sum.bank_open_ticks -= ticks * open_banks_[r];
  }
}

void Device::change_states(const Command& command) {
  const CommandSpec& spec = standard_.spec(command.id);
  const Geometry& geometry = standard_.geometry;
  Half& half = half_[static_cast<std::size_t>(geometry.node(geometry.rank_level(), command.bank))];
  if (spec.effect == Effect::activate_first) half = {command.bank, command.row, command.tick + standard_.act_within};
  if (spec.effect == Effect::activate) half = {};
  const bool falls_asleep = spec.effect == Effect::power_down_entry || spec.effect == Effect::self_refresh_entry;
  const bool wakes = spec.effect == Effect::power_down_exit || spec.effect == Effect::self_refresh_exit;
  const BankSpan span = standard_.span(command.id, command.bank);
  for (int bank = span.first; bank <= span.last; bank += span.stride) {
    if (spec.effect == Effect::activate) set_open(bank, command.row, command.tick);
    if (spec.effect == Effect::precharge || spec.auto_precharge) set_open(bank, closed, command.tick);
    if (falls_asleep || wakes) {
      const Sleep sleep = wakes                                     ? Sleep::awake
                          : spec.effect == Effect::power_down_entry ? Sleep::power_down
                                                                    : Sleep::self_refresh;
      sleep_[static_cast<std::size_t>(geometry.node(standard_.power_level, bank))] = sleep;
      set_sleep(geometry.node(geometry.rank_level(), bank), sleep, command.tick);
    }
    if (standard_.sync_level < 0) continue;
    Tick& until = clock_until_[static_cast<std::size_t>(geometry.node(standard_.sync_level, bank))];
    if (falls_asleep) until = -1;
    if (spec.hold > 0) until = std::max(until, command.tick + spec.hold);
  }
}

}  // namespace wordline::dram
