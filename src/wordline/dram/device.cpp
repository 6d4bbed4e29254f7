#include "wordline/dram/device.h"

#include <algorithm>

namespace wordline::dram {

namespace {

bool contains(const std::vector<CommandId>& ids, CommandId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

Tick aligned(Tick tick, Tick to) { return (tick + to - 1) / to * to; }

std::size_t nodes_of(const Geometry& geometry, int level) {
  return level < 0 ? 0 : static_cast<std::size_t>(geometry.nodes[static_cast<std::size_t>(level)]);
}

}  // namespace

Device::Device(const Standard& standard) : standard_(standard) {
  const Geometry& geometry = standard.geometry;
  const auto banks = static_cast<std::size_t>(geometry.banks());
  const auto ranks = static_cast<std::size_t>(geometry.ranks());
  const std::size_t count = standard.commands.size();
  open_row_.assign(banks, closed);
  opened_at_.assign(banks, 0);
  open_banks_.assign(ranks, 0);
  rank_opened_at_.assign(ranks, 0);
  rank_sleep_.assign(ranks, Sleep::awake);
  asleep_at_.assign(ranks, 0);
  half_.resize(ranks);
  sleep_.assign(nodes_of(geometry, standard.power_level), Sleep::awake);
  clock_until_.assign(nodes_of(geometry, standard.sync_level), -1);
  past_.resize(count);
  counted_.resize(standard.rules.size());
  for (const auto& rule : standard.rules)
    for (const auto from : rule.from) horizon_ = std::max(horizon_, from);
  longest_gap_.assign(count * count, 0);
  for (std::size_t earlier = 0; earlier < count; ++earlier)
    for (const auto& gap : standard.after(static_cast<CommandId>(earlier))) {
      Tick& longest = longest_gap_[earlier * count + gap.later];
      longest = std::max<Tick>(longest, gap.ticks);
    }
  activity_.commands.assign(count, 0);
}

Tick Device::earliest(const Command& command) const {
  Tick ready = command.tick;
  const std::size_t count = past_.size();
  for (std::size_t id = 0; id < count; ++id) {
    const Tick longest = longest_gap_[id * count + command.id];
    for (auto past = past_[id].rbegin(); past != past_[id].rend() && past->tick + longest > ready; ++past) {
      const int shared = standard_.shared_level(past->id, past->bank, command.id, command.bank);
      ready = std::max(ready, past->tick + standard_.gap(shared, past->id, command.id));
    }
  }
  for (std::size_t r = 0; r < standard_.rules.size(); ++r)
    if (standard_.rules[r].window > 1) ready = std::max(ready, rule_end(r, command));
  return aligned(ready, standard_.spec(command.id).align);
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
  if (rule.window > 1) return window_end(r, j, command);
  Tick end = 0;
  for (std::size_t i = 0; i < rule.earlier.size(); ++i) {
    const auto& history = past_[rule.earlier[i]];
    const auto newest = std::find_if(history.rbegin(), history.rend(), [&](const Past& past) {
      const int shared = standard_.shared_level(past.id, past.bank, command.id, command.bank);
      return rule.other ? shared == rule.level - 1 : shared >= rule.level;
    });
    if (newest != history.rend()) end = std::max(end, newest->tick + rule.wait(i, j));
  }
  return end;
}

Tick Device::window_end(std::size_t r, std::size_t j, const Command& command) const {
  const Rule& rule = standard_.rules[r];
  int seen = 0;  // of the rule's earlier commands at this node, from the newest back
  for (auto past = counted_[r].rbegin(); past != counted_[r].rend(); ++past) {
    if (standard_.shared_level(past->id, past->bank, command.id, command.bank) < rule.level) continue;
    if (++seen < rule.window) continue;
    const auto earlier = std::find(rule.earlier.begin(), rule.earlier.end(), past->id);
    return past->tick + rule.wait(static_cast<std::size_t>(earlier - rule.earlier.begin()), j);
  }
  return 0;
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
  change_states(command);
  remember(command);
  ++activity_.commands[command.id];
}

void Device::remember(const Command& command) {
  const Past past{command.tick, command.bank, command.id};
  const auto add = [&](std::vector<Past>& history) {
    const auto outdated = [&](const Past& old) { return old.tick + horizon_ < command.tick; };
    history.push_back(past);
    if (history.size() > 64 && outdated(history[history.size() / 2]))
      history.erase(history.begin(), std::find_if_not(history.begin(), history.end(), outdated));
  };
  add(past_[command.id]);
  for (std::size_t r = 0; r < counted_.size(); ++r)
    if (standard_.rules[r].window > 1 && contains(standard_.rules[r].earlier, command.id)) add(counted_[r]);
}

Activity Device::activity(Tick now) const {
  Activity sum = activity_;
  sum.ticks = now;
  for (std::size_t bank = 0; bank < open_row_.size(); ++bank)
    if (open_row_[bank] != closed) sum.bank_open_ticks += now - opened_at_[bank];
  for (std::size_t rank = 0; rank < open_banks_.size(); ++rank)
    if (open_banks_[rank] > 0) sum.rank_open_ticks += now - rank_opened_at_[rank];
  for (std::size_t rank = 0; rank < rank_sleep_.size(); ++rank) add_sleep(static_cast<int>(rank), now, sum);
  return sum;
}

}  // namespace wordline::dram
