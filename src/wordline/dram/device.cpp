#include "wordline/dram/device.h"

#include <algorithm>
#include <limits>

namespace wordline::dram {

namespace {

bool contains(const std::vector<CommandId>& ids, CommandId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

constexpr Tick never = std::numeric_limits<Tick>::min() / 4;

Tick aligned(Tick tick, Tick to) { return (tick + to - 1) / to * to; }

std::size_t nodes_of(const Geometry& geometry, int level) {
  return level < 0 ? 0 : static_cast<std::size_t>(geometry.nodes[static_cast<std::size_t>(level)]);
}

}  // namespace

Device::Device(const Standard& standard)
    : standard_(standard), depth_(static_cast<std::size_t>(standard.geometry.depth())) {
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
  activity_.commands.assign(count, 0);
  past_.resize(count);
  waits_.resize(count);
  waits_beside_.resize(count);
  windows_.resize(count);
  for (std::size_t earlier = 0; earlier < count; ++earlier)
    for (const auto& gap : standard.after(static_cast<CommandId>(earlier)))
      (gap.other ? waits_beside_ : waits_)[gap.later].push_back(
          {static_cast<CommandId>(earlier), gap.level, gap.ticks});
  counted_.resize(standard.rules.size());
  for (std::size_t r = 0; r < standard.rules.size(); ++r) {
    const Rule& rule = standard.rules[r];
    for (const auto from : rule.from) horizon_ = std::max(horizon_, from);
    if (rule.window == 1) continue;
    counted_[r].resize(nodes_of(geometry, rule.level));
    for (const auto later : rule.later) windows_[later].push_back(r);
  }
  for (int bank = 0; bank < geometry.banks(); ++bank) {
    std::size_t above = 0;  // nodes of the levels above
    for (int level = 0; level < geometry.depth(); above += nodes_of(geometry, level++))
      places_.push_back((above + static_cast<std::size_t>(geometry.node(level, bank))) * count);
  }
  last_.assign(places_.back() + count, never);
}

Tick Device::earliest(const Command& command) const {
  Tick ready = command.tick;
  const BankSpan span = standard_.span(command.id, command.bank);
  for (int bank = span.first; bank <= span.last; bank += span.stride)
    for (const Wait& wait : waits_[command.id])
      ready = std::max(ready, last_[place_of(wait.earlier, wait.level, bank)] + wait.ticks);
  for (const Wait& wait : waits_beside_[command.id])
    ready = std::max(ready, newest_beside(wait.earlier, wait.level, command, ready - wait.ticks) + wait.ticks);
  for (const std::size_t r : windows_[command.id]) ready = std::max(ready, rule_end(r, command));
  return aligned(ready, standard_.spec(command.id).align);
}

Tick Device::newest_beside(CommandId earlier, int level, const Command& command, Tick since) const {
  const auto& history = past_[earlier];
  for (auto past = history.rbegin(); past != history.rend() && past->tick > since; ++past)
    if (standard_.shared_level(past->id, past->bank, command.id, command.bank) == level - 1) return past->tick;
  return since;
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
  return state_allows(command) && earliest(command) == command.tick;
}

Tick Device::rule_end(std::size_t r, const Command& command) const {
  const Rule& rule = standard_.rules[r];
  const auto later = std::find(rule.later.begin(), rule.later.end(), command.id);
  if (later == rule.later.end()) return 0;
  const auto j = static_cast<std::size_t>(later - rule.later.begin());
  if (rule.window > 1) return window_end(r, j, command);
  const BankSpan span = standard_.span(command.id, command.bank);
  Tick end = 0;
  for (std::size_t i = 0; i < rule.earlier.size(); ++i) {
    Tick newest = never;
    if (rule.other)
      newest = newest_beside(rule.earlier[i], rule.level, command, never);
    else
      for (int bank = span.first; bank <= span.last; bank += span.stride)
        newest = std::max(newest, last_[place_of(rule.earlier[i], rule.level, bank)]);
    end = std::max(end, newest + rule.wait(i, j));
  }
  return end;
}

Tick Device::window_end(std::size_t r, std::size_t j, const Command& command) const {
  const Rule& rule = standard_.rules[r];
  const BankSpan span = standard_.span(command.id, command.bank);
  Tick end = 0;
  for (int bank = span.first; bank <= span.last; bank += span.stride) {
    const auto& newest = counted_[r][static_cast<std::size_t>(standard_.geometry.node(rule.level, bank))];
    if (newest.size() < static_cast<std::size_t>(rule.window)) continue;
    const Past& past = newest.front();
    const auto earlier = std::find(rule.earlier.begin(), rule.earlier.end(), past.id);
    end = std::max(end, past.tick + rule.wait(static_cast<std::size_t>(earlier - rule.earlier.begin()), j));
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
  change_states(command);
  remember(command);
  ++activity_.commands[command.id];
}

void Device::remember(const Command& command) {
  const Past past{command.tick, command.bank, command.id};
  const BankSpan span = standard_.span(command.id, command.bank);
  for (int bank = span.first; bank <= span.last; bank += span.stride)
    for (int level = 0; level < standard_.geometry.depth(); ++level) {
      Tick& newest = last_[place_of(command.id, level, bank)];
      newest = std::max(newest, command.tick);
    }
  for (std::size_t r = 0; r < counted_.size(); ++r) {
    const Rule& rule = standard_.rules[r];
    if (rule.window == 1 || !contains(rule.earlier, command.id)) continue;
    int counted_at = -1;  // once for each node: a node's banks stand beside each other
    for (int bank = span.first; bank <= span.last; bank += span.stride) {
      const int node = standard_.geometry.node(rule.level, bank);
      if (node == counted_at) continue;
      counted_at = node;
      auto& newest = counted_[r][static_cast<std::size_t>(node)];
      newest.push_back(past);
      if (newest.size() > static_cast<std::size_t>(rule.window)) newest.erase(newest.begin());
    }
  }
  auto& history = past_[command.id];
  const auto outdated = [&](const Past& old) { return old.tick + horizon_ < command.tick; };
  history.push_back(past);
  if (history.size() > 64 && outdated(history[history.size() / 2]))
    history.erase(history.begin(), std::find_if_not(history.begin(), history.end(), outdated));
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
