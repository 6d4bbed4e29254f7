#include "wordline/dram/auditor.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "wordline/dram/trace.h"

namespace wordline::dram {

namespace {

constexpr Tick never = std::numeric_limits<Tick>::min() / 4;
constexpr std::size_t kept_violations = 1000;

// One command's part in one rule: its position among the rule's earlier or later commands.
struct Role {
  int rule;
  std::size_t position;
};

// The newest events that one rule remembers, for each node of its level.
struct Memory {
  std::vector<Tick> last;  // window 1: [node][earlier command], the newest tick
  struct Event {
    Tick tick = never;
    std::size_t position = 0;
  };
  std::vector<Event> ring;        // window n: [node][n], oldest overwritten
  std::vector<std::size_t> next;  // [node]: where the next event goes, which is the n-th last one
};

// The banks that a command reaches, and its nodes at each level, each once.
struct Place {
  std::vector<int> banks;
  std::vector<std::vector<int>> nodes;
};

}  // namespace

// Everything that a replay needs; written from the rule table, rule by rule.
struct Auditor::State {
  const Standard& standard;
  const bool check_refresh;
  std::vector<std::vector<Role>> as_earlier, as_later;  // by command
  std::vector<Memory> memories;                         // by rule
  std::vector<std::vector<Place>> places;               // [command][bank]
  std::vector<char> open;                               // by bank
  std::vector<Tick> credited;                           // by bank: refreshed as if up to this tick
  Tick now = 0;
  std::int64_t taken = 0, broken = 0;
  std::vector<Violation> violations;

  State(const Standard& s, bool refresh) : standard(s), check_refresh(refresh) {
    as_earlier.resize(s.commands.size());
    as_later.resize(s.commands.size());
    for (std::size_t r = 0; r < s.rules.size(); ++r) {
      const Rule& rule = s.rules[r];
      for (std::size_t i = 0; i < rule.earlier.size(); ++i)
        as_earlier[rule.earlier[i]].push_back({static_cast<int>(r), i});
      for (std::size_t j = 0; j < rule.later.size(); ++j) as_later[rule.later[j]].push_back({static_cast<int>(r), j});
      const auto nodes = static_cast<std::size_t>(s.geometry.nodes[static_cast<std::size_t>(rule.level)]);
      Memory memory;
      if (rule.window == 1) {
        memory.last.assign(nodes * rule.earlier.size(), never);
      } else {
        memory.ring.resize(nodes * static_cast<std::size_t>(rule.window));
        memory.next.assign(nodes, 0);
      }
      memories.push_back(std::move(memory));
    }
    for (std::size_t id = 0; id < s.commands.size(); ++id) {
      places.emplace_back();
      for (int bank = 0; bank < s.geometry.banks(); ++bank) places.back().push_back(place_of(s.commands[id], bank));
    }
    open.assign(static_cast<std::size_t>(s.geometry.banks()), 0);
    credited.assign(static_cast<std::size_t>(s.geometry.banks()), 0);
  }

  Place place_of(const CommandSpec& spec, int bank) const {
    const Geometry& g = standard.geometry;
    Place place;
    place.nodes.resize(g.levels.size());
    const int count = g.banks_below[static_cast<std::size_t>(spec.level)], first = bank - bank % count;
    for (int other = first; other < first + count; ++other) {
      const bool one_number = g.field(g.bank_level(), other) == g.field(g.bank_level(), bank);
      if (spec.reach == Reach::same_bank && !one_number) continue;
      place.banks.push_back(other);
      for (int level = 0; level < g.depth(); ++level) {
        auto& nodes = place.nodes[static_cast<std::size_t>(level)];
        if (nodes.empty() || nodes.back() != g.node(level, other)) nodes.push_back(g.node(level, other));
      }
    }
    return place;
  }

  void report(Tick tick, const std::string& rule, const Command& command, Tick earliest, const std::string& why) {
    ++broken;
    if (violations.size() >= kept_violations) return;
    const std::string what = command.id == no_command ? "" : trace_line(standard, command) + ": ";
    violations.push_back({tick, rule, fmt::format("tick {}: {}{}: {}", tick, what, rule, why), command, earliest});
  }

  const Place& place(const Command& command) const {
    return places[command.id][static_cast<std::size_t>(command.bank)];
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
    const CommandSpec& spec = standard.spec(command.id);
    if (command.tick < now) report(command.tick, "order", command, now, fmt::format("after a command at {}", now));
    if (command.tick % spec.align != 0)
      report(command.tick, "alignment", command, (command.tick / spec.align + 1) * spec.align,
             fmt::format("begins on a multiple of {} ticks", spec.align));
    return true;
  }

  void check_state(const Command& command) {
    const Effect effect = standard.spec(command.id).effect;
    for (const int bank : place(command).banks) {
      const bool is_open = open[static_cast<std::size_t>(bank)] != 0;
      const bool moves_data = effect == Effect::read || effect == Effect::write;
      const bool wants_closed = effect == Effect::activate || effect == Effect::refresh;
      if ((moves_data && !is_open) || (wants_closed && is_open)) {
        report(command.tick, "state", command, -1, fmt::format("bank {} is {}", bank, is_open ? "open" : "closed"));
        return;
      }
    }
  }

  // The event of a rule that forbids the command the longest, as the first allowed tick; `never` where none does.
  Tick allowed_from(const Rule& rule, const Memory& memory, std::size_t j, const std::vector<int>& nodes) const {
    Tick allowed = never;
    const auto regard = [&](int node) {
      if (rule.window == 1) {
        for (std::size_t i = 0; i < rule.earlier.size(); ++i) {
          const Tick tick = memory.last[static_cast<std::size_t>(node) * rule.earlier.size() + i];
          if (tick != never) allowed = std::max(allowed, tick + rule.wait(i, j));
        }
      } else {
        const auto n = static_cast<std::size_t>(rule.window), at = static_cast<std::size_t>(node);
        const Memory::Event& event = memory.ring[at * n + memory.next[at]];
        if (event.tick != never) allowed = std::max(allowed, event.tick + rule.wait(event.position, j));
      }
    };
    const int siblings = standard.geometry.sizes[static_cast<std::size_t>(rule.level)];
    for (const int node : nodes) {
      if (!rule.other) {
        regard(node);
        continue;
      }
      const int first = node / siblings * siblings;
      for (int sibling = first; sibling < first + siblings; ++sibling)
        if (sibling != node) regard(sibling);
    }
    return allowed;
  }

  void check_rules(const Command& command) {
    for (const Role& role : as_later[command.id]) {
      const Rule& rule = standard.rules[static_cast<std::size_t>(role.rule)];
      const Tick allowed = allowed_from(rule, memories[static_cast<std::size_t>(role.rule)], role.position,
                                        place(command).nodes[static_cast<std::size_t>(rule.level)]);
      if (command.tick < allowed)
        report(command.tick, rule.name, command, allowed, fmt::format("not before {}", allowed));
    }
  }

  void remember(const Command& command) {
    for (const Role& role : as_earlier[command.id]) {
      const Rule& rule = standard.rules[static_cast<std::size_t>(role.rule)];
      Memory& memory = memories[static_cast<std::size_t>(role.rule)];
      for (const int node : place(command).nodes[static_cast<std::size_t>(rule.level)]) {
        const auto at = static_cast<std::size_t>(node), n = static_cast<std::size_t>(rule.window);
        if (n == 1) {
          memory.last[at * rule.earlier.size() + role.position] = command.tick;
        } else {
          memory.ring[at * n + memory.next[at]] = {command.tick, role.position};
          memory.next[at] = (memory.next[at] + 1) % n;
        }
      }
    }
    const CommandSpec& spec = standard.spec(command.id);
    for (const int bank : place(command).banks) {
      char& is_open = open[static_cast<std::size_t>(bank)];
      if (spec.effect == Effect::activate) is_open = 1;
      if (spec.effect == Effect::precharge || spec.auto_precharge) is_open = 0;
    }
  }

  // Debt is counted bank by bank; a lapse is told once and then forgiven.
  void check_refresh_of(const Command& command) {
    for (const auto& refresh : standard.refreshes) {
      if (refresh.command != command.id) continue;
      Tick oldest = std::numeric_limits<Tick>::max(), newest = never;
      for (const int bank : place(command).banks) {
        oldest = std::min(oldest, credited[static_cast<std::size_t>(bank)]);
        newest = std::max(newest, credited[static_cast<std::size_t>(bank)]);
      }
      const bool late = command.tick > oldest + refresh.latest;
      if (late)
        report(command.tick, "refresh-late", command, oldest + refresh.latest,
               fmt::format("a bank was due at {} at the latest", oldest + refresh.latest));
      if (newest + refresh.credit > command.tick + refresh.earliest)
        report(command.tick, "refresh-early", command, newest + refresh.credit - refresh.earliest,
               fmt::format("not before {}", newest + refresh.credit - refresh.earliest));
      for (const int bank : place(command).banks) {
        Tick& until = credited[static_cast<std::size_t>(bank)];
        until = (late ? std::max(until, command.tick - refresh.credit) : until) + refresh.credit;
      }
    }
  }
};

Auditor::Auditor(const Standard& standard, bool check_refresh)
    : state_(std::make_unique<State>(standard, check_refresh)) {}
Auditor::~Auditor() = default;
Auditor::Auditor(Auditor&&) noexcept = default;
Auditor& Auditor::operator=(Auditor&&) noexcept = default;

void Auditor::take(const Command& command) {
  ++state_->taken;
  if (!state_->check_form(command)) return;
  state_->check_state(command);
  state_->check_rules(command);
  if (state_->check_refresh) state_->check_refresh_of(command);
  state_->remember(command);
  state_->now = std::max(state_->now, command.tick);
}

void Auditor::finish(Tick now) {
  if (!state_->check_refresh || state_->standard.refreshes.empty()) return;
  const Geometry& g = state_->standard.geometry;
  Tick latest = 0;
  for (const auto& refresh : state_->standard.refreshes) latest = std::max(latest, refresh.latest);
  Tick told = never;
  int told_rank = -1;
  for (int bank = 0; bank < g.banks(); ++bank) {  // once for the banks of a rank that were due together
    const Tick due = state_->credited[static_cast<std::size_t>(bank)] + latest;
    const int rank = g.node(g.rank_level(), bank);
    if (due >= std::max(now, state_->now) || (due == told && rank == told_rank)) continue;
    told = due;
    told_rank = rank;
    state_->report(due, "refresh-late", {due, bank, 0, 0, no_command}, due,
                   fmt::format("bank {} was due at {} at the latest and never came", bank, due));
  }
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
