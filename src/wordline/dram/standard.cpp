#include "wordline/dram/standard.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/core/error.h"

namespace wordline::dram {

const std::vector<std::string>& effect_names() {
  static const std::vector<std::string> names = {"none",
                                                 "activate",
                                                 "activate_first",
                                                 "precharge",
                                                 "read",
                                                 "write",
                                                 "refresh",
                                                 "refresh_management",
                                                 "power_down_entry",
                                                 "power_down_exit",
                                                 "self_refresh_entry",
                                                 "self_refresh_exit",
                                                 "sync_read",
                                                 "sync_write"};
  return names;
}

namespace {

// Whether a rule binds two commands whose deepest common node is of level `shared`.
bool binds(const Rule& rule, int shared) { return rule.other ? shared == rule.level - 1 : shared >= rule.level; }

std::uint64_t mask_of(const std::vector<CommandId>& ids) {
  std::uint64_t mask = 0;
  for (const auto id : ids) mask |= std::uint64_t{1} << id;
  return mask;
}

// Where the standard keeps the usual command of one kind; null for commands that nobody needs by name.
CommandId* place_of(UsualCommands& usual, const CommandSpec& spec, int bank_level) {
  const bool one_bank = spec.level == bank_level, whole_node = spec.reach == Reach::node;
  switch (spec.effect) {
    case Effect::activate:
      return &usual.act;
    case Effect::activate_first:
      return &usual.act_first;
    case Effect::precharge:
      return one_bank ? &usual.pre : whole_node ? &usual.pre_all : nullptr;
    case Effect::read:
      return spec.auto_precharge ? &usual.rda : &usual.rd;
    case Effect::write:
      return spec.auto_precharge ? &usual.wra : &usual.wr;
    case Effect::refresh:
      return one_bank || !whole_node ? &usual.ref_bank : &usual.ref_all;
    case Effect::refresh_management:
      return one_bank || !whole_node ? &usual.rfm_bank : &usual.rfm_all;
    case Effect::power_down_entry:
      return &usual.power_down_entry;
    case Effect::power_down_exit:
      return &usual.power_down_exit;
    case Effect::self_refresh_entry:
      return &usual.self_refresh_entry;
    case Effect::self_refresh_exit:
      return &usual.self_refresh_exit;
    case Effect::sync_read:
      return &usual.cas_rd;
    case Effect::sync_write:
      return &usual.cas_wr;
    case Effect::none:
      return nullptr;
  }
  return nullptr;
}

UsualCommands usual_of(const Standard& standard) {
  UsualCommands usual;
  for (std::size_t i = 0; i < standard.commands.size(); ++i)
    if (CommandId* place = place_of(usual, standard.commands[i], standard.geometry.bank_level()))
      *place = static_cast<CommandId>(i);
  return usual;
}

}  // namespace

void Standard::finish() {
  const std::size_t count = commands.size();
  gaps_.assign(static_cast<std::size_t>(geometry.depth()) * count * count, 0);
  after_.assign(count, {});
  windows.clear();
  for (std::size_t r = 0; r < rules.size(); ++r) {
    const Rule& rule = rules[r];
    if (rule.window > 1) {
      windows.push_back({static_cast<int>(r), rule.level, rule.window, mask_of(rule.earlier), mask_of(rule.later),
                         static_cast<std::int32_t>(rule.base), rule.first_edges});
      continue;
    }
    for (std::size_t i = 0; i < rule.earlier.size(); ++i)
      for (std::size_t j = 0; j < rule.later.size(); ++j) {
        const auto ticks = static_cast<std::int32_t>(rule.wait(i, j));
        for (int shared = 0; shared < geometry.depth(); ++shared) {
          auto& gap = gaps_[(static_cast<std::size_t>(shared) * count + rule.earlier[i]) * count + rule.later[j]];
          if (binds(rule, shared)) gap = std::max(gap, ticks);
        }
        auto& list = after_[rule.earlier[i]];
        const auto same = std::find_if(list.begin(), list.end(), [&](const Gap& gap) {
          return gap.later == rule.later[j] && gap.level == rule.level && gap.other == rule.other;
        });
        if (same != list.end())
          same->ticks = std::max(same->ticks, ticks);
        else
          list.push_back({rule.later[j], static_cast<std::int8_t>(rule.level), rule.other, ticks});
      }
  }
  usual = usual_of(*this);
  if (usual.act_first != no_command) act_spacing = gap(geometry.bank_level(), usual.act_first, usual.act);
  const auto level_of = [&](CommandId id) { return id == no_command ? -1 : spec(id).level; };
  sync_level = level_of(usual.cas_rd);
  power_level = std::max(level_of(usual.power_down_entry), level_of(usual.self_refresh_entry));
  sync_hold.clear();
  for (const auto& command : commands) sync_hold.push_back(command.hold);
}

CommandId Standard::id(std::string_view command) const {
  for (std::size_t i = 0; i < commands.size(); ++i)
    if (commands[i].name == command) return static_cast<CommandId>(i);
  return no_command;
}

Tick Standard::timing(std::string_view timing) const {
  if (const auto found = timings.find(timing); found != timings.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [other, _] : timings) known.push_back(other);
  throw core::InputError({}, fmt::format("the timing \"{}\"", timing), fmt::format("a timing of {}", name),
                         core::nearest_name(timing, known));
}

BankSpan Standard::wide_span(CommandId id, int bank) const {
  const CommandSpec& command = spec(id);
  const int below = geometry.banks_below[static_cast<std::size_t>(command.level)];
  const int first = geometry.node(command.level, bank) * below;
  int stride = 1;
  if (command.reach == Reach::same_bank) stride = geometry.sizes.back();
  if (command.reach == Reach::pair) stride = below / 2;
  return {first + (bank - first) % stride, first + below - 1, stride};
}

std::vector<int> Standard::reached(CommandId id, int bank) const {
  const BankSpan span = this->span(id, bank);
  std::vector<int> banks;
  for (int b = span.first; b <= span.last; b += span.stride) banks.push_back(b);
  return banks;
}

int Standard::shared_level(CommandId a, int bank_a, CommandId b, int bank_b) const {
  const CommandSpec &x = spec(a), &y = spec(b);
  if (x.reach == Reach::pair || y.reach == Reach::pair) {
    int deepest = 0;
    for (const int i : reached(a, bank_a))
      for (const int j : reached(b, bank_b)) deepest = std::max(deepest, geometry.shared_level(i, j));
    return deepest;
  }
  const int outer = std::min(x.level, y.level);  // of two nodes of a tree, one lies in the other or they are apart
  if (geometry.node(outer, bank_a) != geometry.node(outer, bank_b)) return geometry.shared_level(bank_a, bank_b);
  const int bank_level = geometry.bank_level();
  const bool x_numbered = x.reach == Reach::same_bank || x.level == bank_level;
  const bool y_numbered = y.reach == Reach::same_bank || y.level == bank_level;
  const bool one_number = geometry.field(bank_level, bank_a) == geometry.field(bank_level, bank_b);
  return !x_numbered || !y_numbered || one_number ? bank_level : bank_level - 1;
}

}  // namespace wordline::dram
