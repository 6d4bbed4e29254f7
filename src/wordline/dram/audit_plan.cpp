#include "wordline/dram/audit_plan.h"

#include <algorithm>

namespace wordline::dram {

AuditPlan::AuditPlan(const Standard& standard) {
  const Geometry& g = standard.geometry;
  depth_ = static_cast<std::size_t>(g.depth());
  below_ = g.banks_below;
  for (int bank = 0; bank < g.banks(); ++bank)
    for (const int below : below_) nodes_.push_back(bank / below);
  for (std::size_t id = 0; id < standard.commands.size(); ++id) add_command(standard, static_cast<CommandId>(id));
  for (std::size_t rule = 0; rule < standard.rules.size(); ++rule) add_rule(standard, static_cast<int>(rule));
  for (auto& command : commands_) {  // the everyday rules first
    const auto rare = std::stable_partition(command.later.begin(), command.later.end(), [&](const AuditRole& role) {
      const auto& earlier = standard.rules[static_cast<std::size_t>(role.rule)].earlier;
      return std::any_of(earlier.begin(), earlier.end(), [&](CommandId id) { return commands_[id].everyday; });
    });
    command.often = static_cast<std::size_t>(rare - command.later.begin());
  }
}

int AuditPlan::first(const AuditCommand& command, int level, int bank) const {
  if (level <= command.level) return node(level, bank);
  const int all = below_[static_cast<std::size_t>(command.level)], low = bank - bank % all;
  if (command.reach == Reach::pair) return node(level, low + (bank - low) % (all / 2));
  const bool numbered = command.reach == Reach::same_bank && below_[static_cast<std::size_t>(level)] == 1;
  const int group = static_cast<int>(below_[below_.size() - 2]);
  return node(level, numbered ? low + bank % group : low);
}

void AuditPlan::add_command(const Standard& standard, CommandId id) {
  const CommandSpec& spec = standard.spec(id);
  AuditCommand out;
  out.effect = spec.effect;
  out.level = spec.level;
  out.reach = spec.reach;
  out.align = spec.align;
  out.hold = spec.hold;
  out.wants_closed = spec.wants_closed;
  out.wants_open = spec.effect == Effect::read || spec.effect == Effect::write;
  out.opens = spec.effect == Effect::activate;
  out.closes = spec.effect == Effect::precharge || spec.auto_precharge;
  out.column = out.wants_open || spec.effect == Effect::sync_read || spec.effect == Effect::sync_write;
  out.enters_or_exits = spec.effect == Effect::power_down_entry || spec.effect == Effect::power_down_exit ||
                        spec.effect == Effect::self_refresh_entry || spec.effect == Effect::self_refresh_exit;
  out.everyday = out.opens || out.column || spec.effect == Effect::activate_first || spec.effect == Effect::precharge;
  for (std::size_t r = 0; r < standard.refreshes.size(); ++r)
    if (standard.refreshes[r].command == id) out.refresh = static_cast<int>(r);
  const int all = below_[static_cast<std::size_t>(spec.level)], half = all / 2, group = below_[below_.size() - 2];
  for (int level = 0; level < standard.geometry.depth(); ++level) {
    const int below = below_[static_cast<std::size_t>(level)];
    AuditSpan span;
    if (level > spec.level) {
      span.count = all / below;
      if (spec.reach == Reach::same_bank && below == 1) span = {all / group, group};
      if (spec.reach == Reach::pair) span = below > half ? AuditSpan{1, 1} : AuditSpan{2, half / below};
    }
    out.spans.push_back(span);
  }
  out.one_bank = spec.level == standard.geometry.bank_level();
  commands_.push_back(std::move(out));
}

void AuditPlan::add_rule(const Standard& standard, int number) {
  const Rule& rule = standard.rules[static_cast<std::size_t>(number)];
  const auto level = static_cast<std::size_t>(rule.level);
  if (rule.other && standard.geometry.sizes[level] == 1) return;  // no siblings
  const auto nodes = static_cast<std::size_t>(standard.geometry.nodes[level]);
  const bool window = rule.window > 1;
  std::size_t& used = window ? rings_ : instants_;
  AuditRole role{number, rule.level, used, 0, static_cast<std::size_t>(rule.window)};
  used += nodes * (window ? static_cast<std::size_t>(rule.window) + 1 : 1);  // a ring and where its next entry goes
  const auto list = [&](AuditCommand& command, bool later) -> std::vector<AuditRole>& {
    if (window) return later ? command.windows_later : command.windows_earlier;
    if (rule.other) return later ? command.others_later : command.others_earlier;
    return later ? command.later : command.earlier;
  };
  for (std::size_t i = 0; i < rule.earlier.size(); ++i) {
    role.shift = rule.from[i];
    list(commands_[rule.earlier[i]], false).push_back(role);
  }
  for (std::size_t j = 0; j < rule.later.size(); ++j) {
    role.shift = rule.to[j];
    list(commands_[rule.later[j]], true).push_back(role);
  }
}

}  // namespace wordline::dram
