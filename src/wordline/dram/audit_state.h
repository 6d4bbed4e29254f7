// The auditor's memory and what it does at every command; auditor.cpp has what it does rarely.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "wordline/dram/audit_plan.h"
#include "wordline/dram/auditor.h"

namespace wordline::dram {

namespace replay {

inline constexpr Tick never = std::numeric_limits<Tick>::min() / 4;

enum class Sleep : std::uint8_t { awake, power_down, self_refresh };

// A node that powers down as one.
struct Sleeper {
  Sleep sleep = Sleep::awake;
  Tick since = 0;
};

// The two-part activation of a rank.
struct Half {
  int bank = -1;  // the one whose second part is still to come
  Tick until = never;
};

}  // namespace replay

// Everything that a replay needs; written from the rule table, rule by rule.
struct Auditor::State {
  const Standard& standard;
  const bool check_refresh, two_parts;
  const std::int32_t banks, rows, columns;
  const std::size_t ids;
  const AuditPlan plan;
  std::vector<Tick> instants;  // [rule without a window][node]: from when on the rule allows its later commands
  std::vector<Tick> rings;     // [rule with a window][node]: its n newest such instants, then where the next one goes
  std::vector<char> open;      // by bank
  std::vector<Tick> credited;  // by bank: refreshed as if up to this tick
  std::vector<replay::Sleeper> sleepers;  // by node of the power level
  std::vector<Tick> clock_until;          // by node of the sync level: its data clock runs up to this tick
  std::vector<replay::Half> halves;       // by rank
  int asleep = 0;                         // sleepers that are not awake
  Tick rare_from = replay::never;         // from here on no rule that counts from a rare command forbids anything
  Tick now = 0;
  std::int64_t taken = 0, broken = 0;
  std::int64_t told_of = 0;  // the number of the last command whose banks were in the wrong state
  std::vector<Violation> violations;

  State(const Standard& s, bool refresh)
      : standard(s),
        check_refresh(refresh),
        two_parts(s.usual.act_first != no_command),
        banks(s.geometry.banks()),
        rows(s.geometry.rows),
        columns(s.geometry.columns),
        ids(s.commands.size()),
        plan(s) {
    const auto nodes = [&](int level) {
      return level < 0 ? std::size_t{0} : static_cast<std::size_t>(s.geometry.nodes[static_cast<std::size_t>(level)]);
    };
    instants.assign(plan.instants(), replay::never);
    rings.assign(plan.rings(), replay::never);
    for (const auto& rule : s.rules)
      if (rule.window > 1 && !rule.earlier.empty()) set_ring_starts(rule);
    open.assign(static_cast<std::size_t>(banks), 0);
    credited.assign(static_cast<std::size_t>(banks), 0);
    sleepers.resize(nodes(s.power_level));
    clock_until.assign(nodes(s.sync_level), replay::never);
    halves.resize(nodes(s.geometry.rank_level()));
  }

  void set_ring_starts(const Rule& rule);

  void report(Tick tick, const std::string& rule, const Command& command, Tick earliest, const std::string& why);

  // Calls f for each node that the command reaches at a level.
  template <class F>
  void each_node(const AuditCommand& info, const Command& command, int level, F&& f) const {
    if (info.one_bank) return f(plan.node(level, command.bank));
    const AuditSpan span = info.spans[static_cast<std::size_t>(level)];
    const int first = plan.first(info, level, command.bank);
    for (int i = 0; i < span.count; ++i) f(first + i * span.stride);
  }

  bool aligned(const Command& command) const {
    const Tick align = plan.of(command.id).align;
    return align == 1 || command.tick % align == 0;
  }

  bool check_form(const Command& command) {
    const auto within = [](std::int32_t value, std::int32_t count) {
      return static_cast<std::uint32_t>(value) < static_cast<std::uint32_t>(count);
    };
    const bool known =
        command.id < ids && within(command.bank, banks) && within(command.row, rows) && within(command.column, columns);
    if (known && command.tick >= now && aligned(command)) return true;
    report_form(command, known);
    return known;
  }

  void report_form(const Command& command, bool known);

  void check_sleep(const AuditCommand& info, const Command& command);

  void check_banks(const AuditCommand& info, const Command& command) {
    if (info.one_bank && (open[static_cast<std::size_t>(command.bank)] != 0) == info.wants_open) return;
    each_node(info, command, standard.geometry.bank_level(), [&](int bank) {
      const bool is_open = open[static_cast<std::size_t>(bank)] != 0;
      if (is_open != info.wants_open) report_bank(command, bank, is_open);
    });
  }

  // Once a command.
  void report_bank(const Command& command, int bank, bool is_open);

  void check_clock(const AuditCommand& info, const Command& command) {
    const auto node = static_cast<std::size_t>(plan.node(standard.sync_level, command.bank));
    if (info.wants_open && command.tick > clock_until[node]) report_clock(command, clock_until[node]);
  }

  void report_clock(const Command& command, Tick until);

  // Both parts of an activation, and nothing but column commands between them.
  void check_halves(const AuditCommand& info, const Command& command) {
    replay::Half& half = halves[static_cast<std::size_t>(plan.node(standard.geometry.rank_level(), command.bank))];
    const bool second = info.effect == Effect::activate && half.bank == command.bank;
    if (half.bank >= 0 && command.tick > half.until && !info.column) {
      report(command.tick, "tAAD", command, -1,
             fmt::format("the second part of an activation was due by {}", half.until));
      half.bank = -1;
    } else if (half.bank >= 0 && !second && !info.column) {
      report(command.tick, "state", command, -1, fmt::format("bank {} waits for its second part", half.bank));
    } else if (info.effect == Effect::activate && !second) {
      report(command.tick, "state", command, -1, "no first part came before");
    }
    if (info.effect == Effect::activate_first) half = {command.bank, command.tick + standard.act_within};
    if (info.effect == Effect::activate) half.bank = -1;
  }

  void broke(const Command& command, const AuditRole& role, Tick allowed);

  // One node a rule: commands for one bank.
  void check_rules(const AuditCommand& info, const Command& command) {
    const std::int32_t* const path = plan.path(command.bank);
    const Tick* const all = instants.data();
    const AuditRole* const end = info.later.data() + (command.tick < rare_from ? info.later.size() : info.often);
    for (const AuditRole* it = info.later.data(); it != end; ++it) {
      const AuditRole& role = *it;
      const Tick from = all[role.base + static_cast<std::size_t>(path[role.level])];
      if (command.tick + role.shift < from) broke(command, role, from - role.shift);
    }
  }

  void check_wide_rules(const AuditCommand& info, const Command& command) {
    for (const AuditRole& role : info.later) {
      Tick from = replay::never;
      each_node(info, command, role.level,
                [&](int node) { from = std::max(from, instants[role.base + static_cast<std::size_t>(node)]); });
      if (command.tick + role.shift < from) broke(command, role, from - role.shift);
    }
  }

  void check_others(const AuditCommand& info, const Command& command) {
    for (const AuditRole& role : info.others_later) {
      const int siblings = standard.geometry.sizes[static_cast<std::size_t>(role.level)];
      const int node = plan.node(role.level, command.bank), first = node - node % siblings;
      for (int sibling = first; sibling < first + siblings; ++sibling) {
        const Tick from = instants[role.base + static_cast<std::size_t>(sibling)];
        if (sibling == node || command.tick + role.shift >= from) continue;
        broke(command, role, from - role.shift);
        break;
      }
    }
  }

  void check_windows(const AuditCommand& info, const Command& command) {
    for (const AuditRole& role : info.windows_later) {
      Tick from = replay::never;
      each_node(info, command, role.level, [&](int node) {
        const Tick* const ring = ring_of(role, node);
        from = std::max(from, ring[ring[role.window]]);
      });
      if (command.tick + role.shift < from) broke(command, role, from - role.shift);
    }
  }

  Tick* ring_of(const AuditRole& role, int node) {
    return rings.data() + role.base + static_cast<std::size_t>(node) * (role.window + 1);
  }

  void remember(const AuditCommand& info, const Command& command) {
    Tick* const all = instants.data();
    const std::int32_t* const path = plan.path(command.bank);
    const auto raise = [&](const AuditRole& role, int node) {
      Tick& from = all[role.base + static_cast<std::size_t>(node)];
      from = std::max(from, command.tick + role.shift);
    };
    if (info.one_bank)
      for (const AuditRole& role : info.earlier) raise(role, path[role.level]);
    else
      for (const AuditRole& role : info.earlier)
        each_node(info, command, role.level, [&](int node) { raise(role, node); });
    if (!info.everyday)
      for (const AuditRole& role : info.earlier) rare_from = std::max(rare_from, command.tick + role.shift);
    for (const AuditRole& role : info.others_earlier) raise(role, path[role.level]);
    for (const AuditRole& role : info.windows_earlier)
      each_node(info, command, role.level, [&](int node) {
        Tick* const ring = ring_of(role, node);
        const std::size_t n = role.window;
        ring[ring[n]] = command.tick + role.shift;
        if (++ring[n] == static_cast<Tick>(n)) ring[n] = 0;
      });
  }

  void change_banks(const AuditCommand& info, const Command& command) {
    if (!info.opens && !info.closes) return;
    const char to = info.opens ? 1 : 0;
    if (info.one_bank)
      open[static_cast<std::size_t>(command.bank)] = to;
    else
      each_node(info, command, standard.geometry.bank_level(),
                [&](int bank) { open[static_cast<std::size_t>(bank)] = to; });
  }

  // In self-refresh the DRAM pays its own debt: it stands still.
  void pay(int power_node, Tick ticks);

  void change_sleep(const AuditCommand& info, const Command& command);

  // Debt is counted bank by bank; a lapse is told once and then forgiven.
  void check_refresh_of(const AuditCommand& info, const Command& command);

  void take(const Command& command) {
    ++taken;
    if (!check_form(command)) return;
    const AuditCommand& info = plan.of(command.id);
    if (asleep > 0 || info.enters_or_exits) check_sleep(info, command);
    if (two_parts) check_halves(info, command);
    if (info.wants_open || info.wants_closed) check_banks(info, command);
    if (!clock_until.empty()) check_clock(info, command);
    info.one_bank ? check_rules(info, command) : check_wide_rules(info, command);
    if (!info.others_later.empty()) check_others(info, command);
    if (!info.windows_later.empty()) check_windows(info, command);
    if (info.refresh >= 0 && check_refresh) check_refresh_of(info, command);
    remember(info, command);
    change_banks(info, command);
    if (info.enters_or_exits) change_sleep(info, command);
    if (info.hold > 0)
      each_node(info, command, standard.sync_level, [&](int node) {
        Tick& until = clock_until[static_cast<std::size_t>(node)];
        until = std::max(until, command.tick + info.hold);
      });
    now = std::max(now, command.tick);
  }

  void finish_halves(Tick end);

  void finish_refreshes(Tick end);
};

}  // namespace wordline::dram
