#include "wordline/dram/standard.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/core/error.h"

namespace wordline::dram {

namespace {

// Whether a rule binds two commands whose deepest common node is of level `shared`.
bool binds(const Rule& rule, int shared) { return rule.other ? shared == rule.level - 1 : shared >= rule.level; }

std::uint64_t mask_of(const std::vector<CommandId>& ids) {
  std::uint64_t mask = 0;
  for (const auto id : ids) mask |= std::uint64_t{1} << id;
  return mask;
}

UsualCommands usual_of(const Standard& standard) {
  UsualCommands usual;
  const int bank = standard.geometry.bank_level();
  for (std::size_t i = 0; i < standard.commands.size(); ++i) {
    const CommandSpec& spec = standard.commands[i];
    const auto id = static_cast<CommandId>(i);
    const bool one_bank = spec.level == bank;
    switch (spec.effect) {
      case Effect::activate:
        usual.act = id;
        break;
      case Effect::precharge:
        (one_bank ? usual.pre : usual.pre_all) = id;
        break;
      case Effect::read:
        (spec.auto_precharge ? usual.rda : usual.rd) = id;
        break;
      case Effect::write:
        (spec.auto_precharge ? usual.wra : usual.wr) = id;
        break;
      case Effect::refresh:
        (one_bank || spec.reach == Reach::same_bank ? usual.ref_bank : usual.ref_all) = id;
        break;
      case Effect::none:
        break;
    }
  }
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

std::vector<int> Standard::reached(CommandId id, int bank) const {
  const CommandSpec& command = spec(id);
  const int below = geometry.banks_below[static_cast<std::size_t>(command.level)];
  const int first = geometry.node(command.level, bank) * below;
  const int stride = command.reach == Reach::node ? 1 : geometry.sizes.back();
  std::vector<int> banks;
  for (int b = first + (command.reach == Reach::node ? 0 : bank % stride); b < first + below; b += stride)
    banks.push_back(b);
  return banks;
}

int Standard::shared_level(CommandId a, int bank_a, CommandId b, int bank_b) const {
  const CommandSpec &x = spec(a), &y = spec(b);
  const int outer = std::min(x.level, y.level);  // of two nodes of a tree, one lies in the other or they are apart
  if (geometry.node(outer, bank_a) != geometry.node(outer, bank_b)) return geometry.shared_level(bank_a, bank_b);
  const int bank_level = geometry.bank_level();
  const bool x_numbered = x.reach == Reach::same_bank || x.level == bank_level;
  const bool y_numbered = y.reach == Reach::same_bank || y.level == bank_level;
  const bool one_number = geometry.field(bank_level, bank_a) == geometry.field(bank_level, bank_b);
  return !x_numbered || !y_numbered || one_number ? bank_level : bank_level - 1;
}

}  // namespace wordline::dram
