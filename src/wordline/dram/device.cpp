#include "wordline/dram/device.h"

#include <algorithm>

namespace wordline::dram {

namespace {

bool contains(const std::vector<CommandId>& ids, CommandId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

Tick aligned(Tick tick, Tick to) { return (tick + to - 1) / to * to; }

}  // namespace

Device::Device(const Standard& standard) : standard_(standard) {
  const auto banks = static_cast<std::size_t>(standard.geometry.banks());
  const auto ranks = static_cast<std::size_t>(standard.geometry.ranks());
  open_row_.assign(banks, closed);
  opened_at_.assign(banks, 0);
  open_banks_.assign(ranks, 0);
  rank_opened_at_.assign(ranks, 0);
  counted_.resize(standard.rules.size());
  for (const auto& rule : standard.rules)
    for (const auto wait : rule.waits) horizon_ = std::max(horizon_, wait);
  longest_gap_.assign(standard.commands.size(), 0);
  for (std::size_t earlier = 0; earlier < standard.commands.size(); ++earlier)
    for (const auto& gap : standard.after(static_cast<CommandId>(earlier)))
      longest_gap_[gap.later] = std::max<Tick>(longest_gap_[gap.later], gap.ticks);
  activity_.commands.assign(standard.commands.size(), 0);
}

std::string Device::state_error(const Command& command) const {
  const CommandSpec& spec = standard_.spec(command.id);
  for (const int bank : standard_.reached(command.id, command.bank)) {
    const bool open = open_row(bank) != closed;
    if (spec.effect == Effect::activate && open) return "the bank is open";
    if (spec.effect == Effect::refresh && open) return "a bank to refresh is open";
    if ((spec.effect == Effect::read || spec.effect == Effect::write) && !open) return "the bank is closed";
  }
  return "";
}

CommandId Device::needed_first(const Command& command) const {
  if (state_error(command).empty()) return no_command;
  const CommandSpec& spec = standard_.spec(command.id);
  if (spec.effect == Effect::read || spec.effect == Effect::write) return standard_.usual.act;
  const bool every_bank = spec.reach == Reach::node && spec.level < standard_.geometry.bank_level();
  return every_bank ? standard_.usual.pre_all : standard_.usual.pre;
}

Tick Device::earliest(const Command& command) const {
  const Tick align = standard_.spec(command.id).align;
  Tick ready = command.tick;
  for (auto past = past_.rbegin(); past != past_.rend() && past->tick + longest_gap_[command.id] > ready; ++past) {
    const int shared = standard_.shared_level(past->id, past->bank, command.id, command.bank);
    ready = std::max(ready, past->tick + standard_.gap(shared, past->id, command.id));
  }
  for (std::size_t r = 0; r < standard_.rules.size(); ++r)
    if (standard_.rules[r].window > 1) ready = std::max(ready, rule_end(r, command));
  return aligned(ready, align);
}

std::string Device::binding_rule(const Command& command) const {
  Tick longest = command.tick;
  std::string binding = aligned(longest, standard_.spec(command.id).align) > longest ? "alignment" : "";
  for (std::size_t r = 0; r < standard_.rules.size(); ++r) {
    const Tick end = rule_end(r, command);
    if (end <= longest) continue;
    longest = end;
    binding = standard_.rules[r].name;
  }
  return binding;
}

bool Device::may_issue(const Command& command) const {
  return state_error(command).empty() && earliest(command) == command.tick;
}

Tick Device::rule_end(std::size_t r, const Command& command) const {
  const Rule& rule = standard_.rules[r];
  const auto later = std::find(rule.later.begin(), rule.later.end(), command.id);
  if (later == rule.later.end()) return 0;
  const auto j = static_cast<std::size_t>(later - rule.later.begin());
  Tick end = 0;
  int seen = 0;  // of the rule's earlier commands at this node, from the newest back
  const auto& history = rule.window > 1 ? counted_[r] : past_;
  for (auto past = history.rbegin(); past != history.rend() && seen < rule.window; ++past) {
    const auto earlier = std::find(rule.earlier.begin(), rule.earlier.end(), past->id);
    if (earlier == rule.earlier.end()) continue;
    const int shared = standard_.shared_level(past->id, past->bank, command.id, command.bank);
    if (rule.other ? shared != rule.level - 1 : shared < rule.level) continue;
    const auto i = static_cast<std::size_t>(earlier - rule.earlier.begin());
    if (rule.window == 1 || ++seen == rule.window) end = std::max(end, past->tick + rule.wait(i, j));
  }
  return end;
}

void Device::set_open(int bank, std::int32_t row, Tick tick) {
  const auto b = static_cast<std::size_t>(bank);
  const auto rank = static_cast<std::size_t>(standard_.geometry.node(standard_.geometry.rank_level(), bank));
  if (row != closed && open_row_[b] == closed) {
    opened_at_[b] = tick;
    if (open_banks_[rank]++ == 0) rank_opened_at_[rank] = tick;
  }
  if (row == closed && open_row_[b] != closed) {
    activity_.bank_open_ticks += tick - opened_at_[b];
    if (--open_banks_[rank] == 0) activity_.rank_open_ticks += tick - rank_opened_at_[rank];
  }
  open_row_[b] = row;
}

void Device::issue(const Command& command) {
  const CommandSpec& spec = standard_.spec(command.id);
  for (const int bank : standard_.reached(command.id, command.bank)) {
    if (spec.effect == Effect::activate) set_open(bank, command.row, command.tick);
    if (spec.effect == Effect::precharge || spec.auto_precharge) set_open(bank, closed, command.tick);
  }
  ++activity_.commands[command.id];
  const Past past{command.tick, command.bank, command.id};
  past_.push_back(past);
  const auto outdated = [&](const Past& old) { return old.tick + horizon_ < command.tick; };
  if (past_.size() > 64 && outdated(past_[past_.size() / 2]))
    past_.erase(past_.begin(), std::find_if_not(past_.begin(), past_.end(), outdated));
  for (std::size_t r = 0; r < counted_.size(); ++r) {
    if (standard_.rules[r].window == 1 || !contains(standard_.rules[r].earlier, command.id)) continue;
    counted_[r].push_back(past);
    if (counted_[r].size() > 64 && outdated(counted_[r][counted_[r].size() / 2]))
      counted_[r].erase(counted_[r].begin(), std::find_if_not(counted_[r].begin(), counted_[r].end(), outdated));
  }
}

Activity Device::activity(Tick now) const {
  Activity sum = activity_;
  sum.ticks = now;
  for (std::size_t bank = 0; bank < open_row_.size(); ++bank)
    if (open_row_[bank] != closed) sum.bank_open_ticks += now - opened_at_[bank];
  for (std::size_t rank = 0; rank < open_banks_.size(); ++rank)
    if (open_banks_[rank] > 0) sum.rank_open_ticks += now - rank_opened_at_[rank];
  return sum;
}

}  // namespace wordline::dram
