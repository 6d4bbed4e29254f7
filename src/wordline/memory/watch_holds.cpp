#include "wordline/memory/watch_holds.h"

#include <algorithm>

namespace wordline::memory {

using dram::CommandId;
using dram::Effect;
using dram::Tick;

namespace {

constexpr std::array<std::string_view, loss_count> names = {"refresh", "row_miss",   "activation",  "turnaround",
                                                            "rank",    "bank_group", "command_bus", "scheduling",
                                                            "other",   "idle"};
constexpr std::array<std::string_view, loss_count> titles = {"refresh",
                                                             "row miss",
                                                             "activation window",
                                                             "read/write turnaround",
                                                             "rank or stack-id switch",
                                                             "bank group",
                                                             "command bus",
                                                             "scheduling",
                                                             "other rule",
                                                             "idle"};

bool moves_data(Effect effect) { return effect == Effect::read || effect == Effect::write; }
bool opens(Effect effect) { return effect == Effect::activate || effect == Effect::activate_first; }
bool opens_or_closes(Effect effect) { return opens(effect) || effect == Effect::precharge; }

}  // namespace

std::string_view loss_name(Loss loss) { return names[static_cast<std::size_t>(loss)]; }
std::string_view loss_title(Loss loss) { return titles[static_cast<std::size_t>(loss)]; }

Holds::Holds(const dram::Standard& standard) : standard_(standard) {
  const dram::Geometry& geometry = standard.geometry;
  open_row_.assign(static_cast<std::size_t>(geometry.banks()), closed);
  as_earlier_.resize(standard.commands.size());
  as_later_.resize(standard.commands.size());
  lines_.resize(standard.rules.size());
  for (std::size_t r = 0; r < lines_.size(); ++r) {
    const dram::Rule& rule = standard.rules[r];
    const auto nodes = static_cast<std::size_t>(geometry.nodes[static_cast<std::size_t>(rule.level)]);
    lines_[r].later_count = rule.later.size();
    if (rule.window == 1) {
      lines_[r].bounds.resize(nodes * rule.later.size());
    } else {
      lines_[r].passed.resize(nodes * static_cast<std::size_t>(rule.window));
      lines_[r].next.resize(nodes);
    }
    for (std::size_t i = 0; i < rule.earlier.size(); ++i) as_earlier_[rule.earlier[i]].push_back({r, i});
    for (std::size_t j = 0; j < rule.later.size(); ++j) as_later_[rule.later[j]].push_back({r, j});
  }
}

CommandId Holds::needed(int bank, std::int32_t row, bool write) const {
  const std::int32_t open = open_row(bank);
  if (open == closed) return opening();
  if (open != row) return standard_.usual.pre;
  return write ? standard_.usual.wr : standard_.usual.rd;
}

// Until when one rule keeps one of its later commands away from a bank.
Holds::Bound Holds::bound(const Use& use, int bank) const {
  const dram::Rule& rule = standard_.rules[use.rule];
  const Line& line = lines_[use.rule];
  const auto node = static_cast<std::size_t>(standard_.geometry.node(rule.level, bank));
  if (rule.window == 1) return line.bounds[node * line.later_count + use.index];
  const Passed& oldest = line.passed[node * static_cast<std::size_t>(rule.window) + line.next[node]];
  if (oldest.earlier < 0) return {};
  const auto i = static_cast<std::size_t>(oldest.earlier);
  return {oldest.tick + rule.wait(i, use.index), rule.earlier[i]};
}

Hold Holds::hold(CommandId command, int bank) const {
  Hold longest;
  CommandId binding = dram::no_command;
  for (const Use& use : as_later_[command]) {
    const Bound one = bound(use, bank);
    if (one.until <= longest.until) continue;
    longest.until = one.until;
    longest.rule = static_cast<int>(use.rule);
    binding = one.earlier;
  }
  if (longest.rule >= 0)
    longest.loss = cause(standard_.rules[static_cast<std::size_t>(longest.rule)], binding, command);
  return longest;
}

Tick Holds::until(CommandId command, int bank, Loss loss) const {
  Tick last = 0;
  for (const Use& use : as_later_[command]) {
    const Bound one = bound(use, bank);
    if (one.until > last && cause(standard_.rules[use.rule], one.earlier, command) == loss) last = one.until;
  }
  return last;
}

// Read off what the two commands do and where the rule stands, so that a new standard needs no table here.
Loss Holds::cause(const dram::Rule& rule, CommandId earlier, CommandId later) const {
  if (rule.name == "command-bus") return Loss::command_bus;
  const Effect a = standard_.spec(earlier).effect, b = standard_.spec(later).effect;
  if (rule.window > 1) return Loss::activation;
  if (a == Effect::refresh) return Loss::refresh;
  if (opens(a) && opens(b))
    return rule.level == standard_.geometry.bank_level() && !rule.other ? Loss::row_miss : Loss::activation;
  for (const Effect effect : {a, b})
    if (!moves_data(effect) && !opens_or_closes(effect)) return Loss::other;
  if (opens_or_closes(a) || opens_or_closes(b)) return Loss::row_miss;
  if (rule.other && (a == b || rule.level == standard_.geometry.rank_level())) return Loss::rank;
  return a == b ? Loss::bank_group : Loss::turnaround;
}

void Holds::raise(std::size_t r, std::size_t earlier, CommandId id, std::size_t node, Tick at) {
  const dram::Rule& rule = standard_.rules[r];
  for (std::size_t j = 0; j < rule.later.size(); ++j) {
    Bound& bound = lines_[r].bounds[node * rule.later.size() + j];
    const Tick until = at + rule.wait(earlier, j);
    if (until > bound.until) bound = {until, id};
  }
}

void Holds::set_off(std::size_t r, std::size_t earlier, const dram::Command& command, const std::vector<int>& banks) {
  const dram::Rule& rule = standard_.rules[r];
  const dram::Geometry& geometry = standard_.geometry;
  int last = -1;
  for (const int bank : banks) {
    const int node = geometry.node(rule.level, bank);
    if (node == last) continue;
    last = node;
    const auto n = static_cast<std::size_t>(node);
    if (rule.window > 1) {
      Line& line = lines_[r];
      const auto window = static_cast<std::size_t>(rule.window);
      line.passed[n * window + line.next[n]] = {command.tick, static_cast<std::int32_t>(earlier)};
      line.next[n] = (line.next[n] + 1) % window;
    } else if (!rule.other) {
      raise(r, earlier, command.id, n, command.tick);
    } else {
      const int siblings = geometry.sizes[static_cast<std::size_t>(rule.level)];
      const int first = node / siblings * siblings;
      for (int sibling = first; sibling < first + siblings; ++sibling)
        if (sibling != node) raise(r, earlier, command.id, static_cast<std::size_t>(sibling), command.tick);
    }
  }
}

void Holds::issue(const dram::Command& command) {
  const dram::CommandSpec& spec = standard_.spec(command.id);
  const std::vector<int> banks = standard_.reached(command.id, command.bank);
  for (const int bank : banks) {
    if (spec.effect == Effect::activate) open_row_[static_cast<std::size_t>(bank)] = command.row;
    if (spec.effect == Effect::precharge || spec.auto_precharge) open_row_[static_cast<std::size_t>(bank)] = closed;
  }
  for (const Use& use : as_earlier_[command.id]) set_off(use.rule, use.index, command, banks);
}

}  // namespace wordline::memory
