#include "wordline/dram/auditor.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "wordline/dram/audit_plan.h"
#include "wordline/dram/trace.h"

namespace wordline::dram {

namespace {

constexpr Tick never = std::numeric_limits<Tick>::min() / 4;
constexpr std::size_t kept_violations = 1000;

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

}  // namespace

// Everything that a replay needs; written from the rule table, rule by rule.
struct Auditor::State {
  const Standard& standard;
  const bool check_refresh, two_parts;
  const AuditPlan plan;
  std::vector<Tick> instants;  // [rule without a window][node]: from when on the rule allows its later commands
  std::vector<Tick> rings;     // [rule with a window][node]: its n newest such instants, then where the next one goes
  std::vector<char> open;      // by bank
  std::vector<Tick> credited;  // by bank: refreshed as if up to this tick
  std::vector<Sleeper> sleepers;  // by node of the power level
  std::vector<Tick> clock_until;  // by node of the sync level: its data clock runs up to this tick
  std::vector<Half> halves;       // by rank
  Tick now = 0;
  std::int64_t taken = 0, broken = 0;
  std::vector<Violation> violations;

  State(const Standard& s, bool refresh)
      : standard(s), check_refresh(refresh), two_parts(s.usual.act_first != no_command), plan(s) {
    const auto banks = static_cast<std::size_t>(s.geometry.banks());
    const auto nodes = [&](int level) {
      return level < 0 ? std::size_t{0} : static_cast<std::size_t>(s.geometry.nodes[static_cast<std::size_t>(level)]);
    };
    instants.assign(plan.instants(), never);
    rings.assign(plan.rings(), never);
    for (const auto& rule : s.rules)
      if (rule.window > 1 && !rule.earlier.empty()) set_ring_starts(rule);
    open.assign(banks, 0);
    credited.assign(banks, 0);
    sleepers.resize(nodes(s.power_level));
    clock_until.assign(nodes(s.sync_level), never);
    halves.resize(nodes(s.geometry.rank_level()));
  }

  void set_ring_starts(const Rule& rule) {
    const auto number = static_cast<std::int32_t>(&rule - standard.rules.data());
    const auto& roles = plan.of(rule.earlier.front()).windows_earlier;
    const auto role = std::find_if(roles.begin(), roles.end(), [&](const AuditRole& r) { return r.rule == number; });
    const auto n = static_cast<std::size_t>(rule.window);
    const auto nodes = static_cast<std::size_t>(standard.geometry.nodes[static_cast<std::size_t>(rule.level)]);
    for (std::size_t node = 0; node < nodes; ++node) rings[role->base + node * (n + 1) + n] = 0;
  }

  void report(Tick tick, const std::string& rule, const Command& command, Tick earliest, const std::string& why) {
    ++broken;
    if (violations.size() >= kept_violations) return;
    const std::string what = command.id == no_command ? "" : trace_line(standard, command) + ": ";
    violations.push_back({tick, rule, fmt::format("tick {}: {}{}: {}", tick, what, rule, why), command, earliest});
  }

  // Calls f for each node that the command reaches at a level.
  template <class F>
  void each_node(const AuditCommand& info, const Command& command, int level, F&& f) const {
    const AuditSpan span = info.spans[static_cast<std::size_t>(level)];
    const int first = plan.first(info, level, command.bank);
    for (int i = 0; i < span.count; ++i) f(first + i * span.stride);
  }

  bool check_form(const Command& command) {
    const Geometry& g = standard.geometry;
    if (command.id >= standard.commands.size() || command.bank < 0 || command.bank >= g.banks() || command.row < 0 ||
        command.row >= g.rows || command.column < 0 || command.column >= g.columns) {
      Command nameless = command;
      nameless.id = no_command;
      report(command.tick, "address", nameless, -1, "no such command, bank, row or column");
      return false;
    }
    if (command.tick < now) report(command.tick, "order", command, now, fmt::format("after a command at {}", now));
    const Tick align = plan.of(command.id).align;
    if (align > 1 && command.tick % align != 0)
      report(command.tick, "alignment", command, (command.tick / align + 1) * align,
             fmt::format("begins on a multiple of {} ticks", align));
    return true;
  }

  void check_sleep(const AuditCommand& info, const Command& command) {
    bool told = false;
    each_node(info, command, standard.power_level, [&](int node) {
      const Sleep sleep = sleepers[static_cast<std::size_t>(node)].sleep;
      const Sleep wanted = info.effect == Effect::power_down_exit     ? Sleep::power_down
                           : info.effect == Effect::self_refresh_exit ? Sleep::self_refresh
                                                                      : Sleep::awake;
      if (sleep == wanted || told) return;
      told = true;
      report(command.tick, "state", command, -1,
             sleep == Sleep::power_down     ? "in power-down"
             : sleep == Sleep::self_refresh ? "in self-refresh"
                                            : "neither in power-down nor in self-refresh");
    });
  }

  void check_banks(const AuditCommand& info, const Command& command) {
    if (!info.wants_open && !info.wants_closed) return;
    bool told = false;
    each_node(info, command, standard.geometry.bank_level(), [&](int bank) {
      const bool is_open = open[static_cast<std::size_t>(bank)] != 0;
      if (is_open == info.wants_open || told) return;
      told = true;
      report(command.tick, "state", command, -1, fmt::format("bank {} is {}", bank, is_open ? "open" : "closed"));
    });
  }

  void check_clock(const AuditCommand& info, const Command& command) {
    const auto node = static_cast<std::size_t>(plan.node(standard.sync_level, command.bank));
    if (info.wants_open && command.tick > clock_until[node])
      report(command.tick, "sync", command, -1,
             clock_until[node] == never ? "the data clock was not started"
                                        : fmt::format("the data clock ran until {}", clock_until[node]));
  }

  // Both parts of an activation, and nothing but column commands between them.
  void check_halves(const AuditCommand& info, const Command& command) {
    Half& half = halves[static_cast<std::size_t>(plan.node(standard.geometry.rank_level(), command.bank))];
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

  void broke(const Command& command, const AuditRole& role, Tick allowed) {
    report(command.tick, standard.rules[static_cast<std::size_t>(role.rule)].name, command, allowed,
           fmt::format("not before {}", allowed));
  }

  // One node a rule: commands for one bank.
  void check_rules(const AuditCommand& info, const Command& command) {
    for (const AuditRole& role : info.later) {
      const Tick from = instants[role.base + static_cast<std::size_t>(plan.node(role.level, command.bank))];
      if (command.tick + role.shift < from) broke(command, role, from - role.shift);
    }
  }

  void check_wide_rules(const AuditCommand& info, const Command& command) {
    for (const AuditRole& role : info.later) {
      Tick from = never;
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
      Tick from = never;
      each_node(info, command, role.level, [&](int node) {
        const Tick* const ring = ring_of(role, node);
        from = std::max(from, ring[ring[window_of(role)]]);
      });
      if (command.tick + role.shift < from) broke(command, role, from - role.shift);
    }
  }

  Tick* ring_of(const AuditRole& role, int node) {
    return rings.data() + role.base + static_cast<std::size_t>(node) * (window_of(role) + 1);
  }
  std::size_t window_of(const AuditRole& role) const {
    return static_cast<std::size_t>(standard.rules[static_cast<std::size_t>(role.rule)].window);
  }

  void remember(const AuditCommand& info, const Command& command) {
    const auto raise = [&](const AuditRole& role, int node) {
      Tick& from = instants[role.base + static_cast<std::size_t>(node)];
      from = std::max(from, command.tick + role.shift);
    };
    if (info.one_bank)
      for (const AuditRole& role : info.earlier) raise(role, plan.node(role.level, command.bank));
    else
      for (const AuditRole& role : info.earlier)
        each_node(info, command, role.level, [&](int node) { raise(role, node); });
    for (const AuditRole& role : info.others_earlier) raise(role, plan.node(role.level, command.bank));
    for (const AuditRole& role : info.windows_earlier)
      each_node(info, command, role.level, [&](int node) {
        Tick* const ring = ring_of(role, node);
        const std::size_t n = window_of(role);
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
  void pay(int power_node, Tick ticks) {
    for (int bank = 0; bank < standard.geometry.banks(); ++bank)
      if (plan.node(standard.power_level, bank) == power_node) credited[static_cast<std::size_t>(bank)] += ticks;
  }

  void change_sleep(const AuditCommand& info, const Command& command) {
    each_node(info, command, standard.power_level, [&](int node) {
      Sleeper& sleeper = sleepers[static_cast<std::size_t>(node)];
      if (sleeper.sleep == Sleep::self_refresh) pay(node, command.tick - sleeper.since);
      sleeper = {info.effect == Effect::power_down_entry     ? Sleep::power_down
                 : info.effect == Effect::self_refresh_entry ? Sleep::self_refresh
                                                             : Sleep::awake,
                 command.tick};
    });
    if (standard.sync_level >= 0)
      each_node(info, command, standard.sync_level,
                [&](int node) { clock_until[static_cast<std::size_t>(node)] = never; });
  }

  // Debt is counted bank by bank; a lapse is told once and then forgiven.
  void check_refresh_of(const AuditCommand& info, const Command& command) {
    const RefreshSpec& refresh = standard.refreshes[static_cast<std::size_t>(info.refresh)];
    Tick oldest = std::numeric_limits<Tick>::max(), newest = never;
    const auto each_bank = [&](auto&& f) {
      each_node(info, command, standard.geometry.bank_level(),
                [&](int bank) { f(credited[static_cast<std::size_t>(bank)]); });
    };
    each_bank([&](Tick until) {
      oldest = std::min(oldest, until);
      newest = std::max(newest, until);
    });
    const bool late = command.tick > oldest + refresh.latest;
    if (late)
      report(command.tick, "refresh-late", command, oldest + refresh.latest,
             fmt::format("a bank was due at {} at the latest", oldest + refresh.latest));
    if (newest + refresh.credit > command.tick + refresh.earliest)
      report(command.tick, "refresh-early", command, newest + refresh.credit - refresh.earliest,
             fmt::format("not before {}", newest + refresh.credit - refresh.earliest));
    each_bank(
        [&](Tick& until) { until = (late ? std::max(until, command.tick - refresh.credit) : until) + refresh.credit; });
  }

  void take(const Command& command) {
    ++taken;
    if (!check_form(command)) return;
    const AuditCommand& info = plan.of(command.id);
    if (!sleepers.empty()) check_sleep(info, command);
    if (two_parts) check_halves(info, command);
    check_banks(info, command);
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

  void finish_halves(Tick end) {
    for (std::size_t rank = 0; rank < halves.size(); ++rank)
      if (halves[rank].bank >= 0 && end > halves[rank].until)
        report(halves[rank].until, "tAAD", {halves[rank].until, halves[rank].bank, 0, 0, no_command}, -1,
               fmt::format("bank {} never saw the second part of its activation", halves[rank].bank));
  }

  void finish_refreshes(Tick end) {
    const Geometry& g = standard.geometry;
    Tick latest = 0;
    for (const auto& refresh : standard.refreshes) latest = std::max(latest, refresh.latest);
    Tick told = never;
    int told_rank = -1;
    for (int bank = 0; bank < g.banks(); ++bank) {  // once for the banks of a rank that were due together
      Tick due = credited[static_cast<std::size_t>(bank)] + latest;
      if (!sleepers.empty()) {
        const Sleeper& sleeper = sleepers[static_cast<std::size_t>(plan.node(standard.power_level, bank))];
        if (sleeper.sleep == Sleep::self_refresh) due += std::max<Tick>(0, end - sleeper.since);
      }
      const int rank = g.node(g.rank_level(), bank);
      if (due >= end || (due == told && rank == told_rank)) continue;
      told = due;
      told_rank = rank;
      report(due, "refresh-late", {due, bank, 0, 0, no_command}, due,
             fmt::format("bank {} was due at {} at the latest and never came", bank, due));
    }
  }
};

Auditor::Auditor(const Standard& standard, bool check_refresh)
    : state_(std::make_unique<State>(standard, check_refresh)) {}
Auditor::~Auditor() = default;
Auditor::Auditor(Auditor&&) noexcept = default;
Auditor& Auditor::operator=(Auditor&&) noexcept = default;

void Auditor::take(const Command& command) { state_->take(command); }

void Auditor::finish(Tick now) {
  const Tick end = std::max(now, state_->now);
  state_->finish_halves(end);
  if (state_->check_refresh && !state_->standard.refreshes.empty()) state_->finish_refreshes(end);
}

std::int64_t Auditor::commands() const { return state_->taken; }
std::int64_t Auditor::violation_count() const { return state_->broken; }
const std::vector<Violation>& Auditor::violations() const { return state_->violations; }

std::vector<Violation> audit(const Standard& standard, const std::vector<Command>& trace, Tick end,
                             bool check_refresh) {
  Auditor auditor(standard, check_refresh);
  for (const auto& command : trace) auditor.take(command);
  auditor.finish(trace.empty() ? end : std::max(end, trace.back().tick));
  return auditor.violations();
}

}  // namespace wordline::dram
