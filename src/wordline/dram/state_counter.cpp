#include "wordline/dram/state_counter.h"

namespace wordline::dram {

StateCounter::StateCounter(const Standard& standard)
    : standard_(standard),
      rank_level_(standard.geometry.rank_level()),
      open_(static_cast<std::size_t>(standard.geometry.banks()), false),
      ranks_(static_cast<std::size_t>(standard.geometry.ranks())) {
  each_tick_.ticks = 1;
}

void StateCounter::take(const Command& command) {
  const CommandSpec& spec = standard_.spec(command.id);
  const auto sleep_all = [&](Sleep sleep) {
    for (const int bank : standard_.reached(command.id, command.bank)) {
      Rank& rank = rank_of(bank);
      count(rank, -1);
      rank.sleep = sleep;
      count(rank, 1);
    }
  };
  switch (spec.effect) {
    case Effect::power_down_entry:
      return sleep_all(Sleep::power_down);
    case Effect::self_refresh_entry:
      return sleep_all(Sleep::self_refresh);
    case Effect::power_down_exit:
    case Effect::self_refresh_exit:
      return sleep_all(Sleep::awake);
    default:
      break;
  }
  const bool opens = spec.effect == Effect::activate;
  if (!opens && spec.effect != Effect::precharge && !spec.auto_precharge) return;
  for (const int bank : standard_.reached(command.id, command.bank)) set_open(bank, opens);
}

void StateCounter::set_open(int bank, bool open) {
  if (open_[static_cast<std::size_t>(bank)] == open) return;
  open_[static_cast<std::size_t>(bank)] = open;
  Rank& rank = rank_of(bank);
  count(rank, -1);
  rank.open_banks += open ? 1 : -1;
  count(rank, 1);
}

void StateCounter::count(const Rank& rank, int sign) {
  switch (rank.sleep) {
    case Sleep::awake:
      each_tick_.rank_open_ticks += rank.open_banks > 0 ? sign : 0;
      each_tick_.bank_open_ticks += sign * rank.open_banks;
      return;
    case Sleep::power_down:
      (rank.open_banks > 0 ? each_tick_.active_power_down_ticks : each_tick_.power_down_ticks) += sign;
      return;
    case Sleep::self_refresh:
      each_tick_.self_refresh_ticks += sign;
      return;
  }
}

void StateCounter::pass(Tick ticks, Activity& activity) const {
  activity.ticks += ticks * each_tick_.ticks;
  activity.rank_open_ticks += ticks * each_tick_.rank_open_ticks;
  activity.bank_open_ticks += ticks * each_tick_.bank_open_ticks;
  activity.power_down_ticks += ticks * each_tick_.power_down_ticks;
  activity.active_power_down_ticks += ticks * each_tick_.active_power_down_ticks;
  activity.self_refresh_ticks += ticks * each_tick_.self_refresh_ticks;
}

}  // namespace wordline::dram
