#include "wordline/dram/energy_states.h"

#include <algorithm>

namespace wordline::dram {

using Op = EnergyOp;

EnergyStates::EnergyStates(const Memspec& spec)
    : spec_(spec),
      ranks_(static_cast<std::size_t>(spec.ranks)),
      banks_(static_cast<std::size_t>(spec.ranks * spec.banks)),
      counts_(banks_.size()),
      commands_(ranks_.size()) {}

void EnergyStates::Span::begin(Tick at) {
  if (open) return;
  open = true;
  began = at;
}

void EnergyStates::Span::end(Tick at) {
  if (!open) return;
  open = false;
  total += at - began;
}

void EnergyStates::take(const EnergyCommand& command) {
  run_until(command.clock);
  ++commands_[static_cast<std::size_t>(command.rank)][static_cast<std::size_t>(command.op)];
  issue(command);
}

void EnergyStates::run_until(Tick clock) {
  while (!due_.empty() && due_.begin()->first <= clock) {
    const auto [at, due] = *due_.begin();
    due_.erase(due_.begin());
    happen(due, at);
  }
}

void EnergyStates::happen(const Due& due, Tick at) {
  Rank& rank = ranks_[static_cast<std::size_t>(due.rank)];
  switch (due.what) {
    case Later::close:
      return close(due.rank, due.bank, at);
    case Later::refreshed:
      bank(due.rank, due.bank).open = false;
      bank(due.rank, due.bank).active.end(at);
      return end_active(due.rank, at);
    case Later::down_act:
      rank.power_down_act.begin(at);
      return suspend(due.rank, at);
    case Later::up_act:
      rank.power_down_act.end(at);
      return resume(due.rank, at);
    case Later::down_pre:
      rank.power_down_pre.begin(at);
      return suspend(due.rank, at);
    case Later::up_pre:
      rank.power_down_pre.end(at);
      return resume(due.rank, at);
    case Later::self_refresh:
      return rank.self_refresh.begin(at);
    case Later::self_refresh_exit:
      rank.deep_sleep.end(at);
      return rank.self_refresh.end(at);
  }
}

void EnergyStates::issue(const EnergyCommand& c) {
  Rank& rank = ranks_[static_cast<std::size_t>(c.rank)];
  const int per_group = spec_.banks / spec_.bank_groups;
  switch (c.op) {
    case Op::nop:
    case Op::end:
      return;
    case Op::act:
      return activate(c.rank, c.bank, c.clock);
    case Op::pre:
      return close(c.rank, c.bank, c.clock);
    case Op::pre_all:
      for (int b = 0; b < spec_.banks; ++b) close(c.rank, b, c.clock);
      return;
    case Op::pre_same:
      for (int b = c.bank % per_group; b < spec_.banks; b += per_group) close(c.rank, b, c.clock);
      return;
    case Op::rd:
      ++counts(c.rank, c.bank).reads;
      return;
    case Op::wr:
      ++counts(c.rank, c.bank).writes;
      return;
    case Op::rda:
      ++counts(c.rank, c.bank).read_auto;
      return auto_precharge(c.rank, c.bank, c.clock, spec_.read_to_precharge);
    case Op::wra:
      ++counts(c.rank, c.bank).write_auto;
      return auto_precharge(c.rank, c.bank, c.clock, spec_.write_to_precharge);
    case Op::ref_all:
      return refresh_all(c.rank, c.clock);
    case Op::ref_bank:
      ++counts(c.rank, c.bank).ref_bank;
      return refresh(c.rank, c.bank, c.clock, spec_.rfc_some);
    case Op::ref_two:
      for (const int b : {c.bank, c.partner}) {
        ++counts(c.rank, b).ref_two;
        refresh(c.rank, b, c.clock, spec_.rfc_some);
      }
      return;
    case Op::ref_same:
      for (int b = c.bank % per_group; b < spec_.banks; b += per_group) {
        ++counts(c.rank, b).ref_same;
        refresh(c.rank, b, c.clock, spec_.rfc_some);
      }
      return;
    case Op::power_down:
      rank.down_with_open_banks = any_open(c.rank);
      return later(power_down_from(c.rank, c.clock), rank.down_with_open_banks ? Later::down_act : Later::down_pre,
                   c.rank);
    case Op::power_up:
      return later(power_down_from(c.rank, c.clock), rank.down_with_open_banks ? Later::up_act : Later::up_pre, c.rank);
    case Op::power_down_act:
      return later(power_down_from(c.rank, c.clock), Later::down_act, c.rank);
    case Op::power_up_act:
      return later(power_down_from(c.rank, c.clock), Later::up_act, c.rank);
    case Op::power_down_pre:
      return later(power_down_from(c.rank, c.clock), Later::down_pre, c.rank);
    case Op::power_up_pre:
      return later(power_down_from(c.rank, c.clock), Later::up_pre, c.rank);
    case Op::self_refresh:  // begins with a refresh of all banks, and lasts from its end
      refresh_all(c.rank, c.clock);
      rank.self_refresh_from = c.clock + spec_.rfc_all;
      return later(rank.self_refresh_from, Later::self_refresh, c.rank);
    case Op::self_refresh_exit:
      if (c.clock >= rank.self_refresh_from) return happen({Later::self_refresh_exit, c.rank, 0}, c.clock);
      return later(rank.self_refresh_from, Later::self_refresh_exit, c.rank);
    case Op::deep_sleep:
      return rank.deep_sleep.begin(c.clock);
    case Op::deep_sleep_exit:
      return rank.deep_sleep.end(c.clock);
  }
}

void EnergyStates::activate(int rank, int b, Tick at) {
  ++counts(rank, b).act;
  bank(rank, b).open = true;
  bank(rank, b).active.begin(at);
  ranks_[static_cast<std::size_t>(rank)].active.begin(at);
}

void EnergyStates::close(int rank, int b, Tick at) {
  Bank& it = bank(rank, b);
  if (!it.open) return;
  ++counts(rank, b).pre;
  it.open = false;
  it.closed_at = at;
  it.active.end(at);
  end_active(rank, at);
}

void EnergyStates::auto_precharge(int rank, int b, Tick at, Tick offset) {
  later(std::max(bank(rank, b).active.began + spec_.ras, at + offset), Later::close, rank, b);
}

void EnergyStates::refresh(int rank, int b, Tick at, Tick duration) {
  Bank& it = bank(rank, b);
  it.open = true;
  it.active.begin(at);
  it.refreshed_at = at + duration;
  ranks_[static_cast<std::size_t>(rank)].active.begin(at);
  later(it.refreshed_at, Later::refreshed, rank, b);
}

void EnergyStates::refresh_all(int rank, Tick at) {
  for (int b = 0; b < spec_.banks; ++b) {
    ++counts(rank, b).ref_all;
    refresh(rank, b, at, spec_.rfc_all);
  }
}

void EnergyStates::end_active(int rank, Tick at) {
  if (!any_open(rank)) ranks_[static_cast<std::size_t>(rank)].active.end(at);
}

// Power-down begins: no bank counts as active until resume().
void EnergyStates::suspend(int rank, Tick at) {
  ranks_[static_cast<std::size_t>(rank)].active.end(at);
  for (int b = 0; b < spec_.banks; ++b) bank(rank, b).active.end(at);
}

void EnergyStates::resume(int rank, Tick at) {
  for (int b = 0; b < spec_.banks; ++b) {
    if (!bank(rank, b).open) continue;
    bank(rank, b).active.begin(at);
    ranks_[static_cast<std::size_t>(rank)].active.begin(at);
  }
}

bool EnergyStates::any_open(int rank) {
  for (int b = 0; b < spec_.banks; ++b)
    if (bank(rank, b).open) return true;
  return false;
}

// The first clock from `at` on at which no bank is still opening, closing or refreshing.
Tick EnergyStates::power_down_from(int rank, Tick at) {
  for (int b = 0; b < spec_.banks; ++b) {
    const Bank& it = bank(rank, b);
    const BankCounts& count = counts(rank, b);
    if (count.act > 0) at = std::max(at, it.active.began + spec_.rcd);
    if (count.pre > 0) at = std::max(at, it.closed_at + spec_.rp);
    at = std::max(at, it.refreshed_at);
  }
  return at;
}

EnergyStats EnergyStates::stats(Tick clock) {
  run_until(clock);
  EnergyStats out;
  out.clocks = clock;
  out.counts = counts_;
  out.commands = commands_;
  for (std::size_t r = 0; r < ranks_.size(); ++r) {
    const Rank& rank = ranks_[r];
    StateClocks states;
    states.power_down_act = rank.power_down_act.until(clock);
    states.power_down_pre = rank.power_down_pre.until(clock);
    states.deep_sleep = rank.deep_sleep.until(clock);
    states.self_refresh = rank.self_refresh.until(clock) - states.deep_sleep;
    const auto with = [&](Tick active) {
      StateClocks whole = states;
      whole.active = active;
      whole.precharged =
          clock - active - states.power_down_act - states.power_down_pre - states.self_refresh - states.deep_sleep;
      return whole;
    };
    out.rank_states.push_back(with(rank.active.until(clock)));
    for (int b = 0; b < spec_.banks; ++b)
      out.bank_states.push_back(with(bank(static_cast<int>(r), b).active.until(clock)));
  }
  return out;
}

EnergyStats energy_stats(const Memspec& spec, const std::vector<EnergyCommand>& commands) {
  EnergyStates states(spec);
  for (const EnergyCommand& command : commands) states.take(command);
  return states.stats(commands.empty() ? 0 : commands.back().clock);
}

}  // namespace wordline::dram
