#include "wordline/dram/auditor.h"

#include <fmt/format.h>

#include "wordline/dram/audit_state.h"
#include "wordline/dram/trace.h"

namespace wordline::dram {

using replay::never;
using replay::Sleep;
using replay::Sleeper;

namespace {

constexpr std::size_t kept_violations = 1000;

}  // namespace

void Auditor::State::set_ring_starts(const Rule& rule) {
  const auto number = static_cast<std::int32_t>(&rule - standard.rules.data());
  const auto& roles = plan.of(rule.earlier.front()).windows_earlier;
  const auto role = std::find_if(roles.begin(), roles.end(), [&](const AuditRole& r) { return r.rule == number; });
  const auto n = static_cast<std::size_t>(rule.window);
  const auto nodes = static_cast<std::size_t>(standard.geometry.nodes[static_cast<std::size_t>(rule.level)]);
  for (std::size_t node = 0; node < nodes; ++node) rings[role->base + node * (n + 1) + n] = 0;
}

void Auditor::State::report(Tick tick, const std::string& rule, const Command& command, Tick earliest,
                            const std::string& why) {
  ++broken;
  if (violations.size() >= kept_violations) return;
  const std::string what = command.id == no_command ? "" : trace_line(standard, command) + ": ";
  violations.push_back({tick, rule, fmt::format("tick {}: {}{}: {}", tick, what, rule, why), command, earliest});
}

void Auditor::State::report_form(const Command& command, bool known) {
  if (!known) {
    Command nameless = command;
    nameless.id = no_command;
    report(command.tick, "address", nameless, -1, "no such command, bank, row or column");
    return;
  }
  const Tick align = plan.of(command.id).align;
  if (command.tick < now) report(command.tick, "order", command, now, fmt::format("after a command at {}", now));
  if (!aligned(command))
    report(command.tick, "alignment", command, (command.tick / align + 1) * align,
           fmt::format("begins on a multiple of {} ticks", align));
}

void Auditor::State::report_bank(const Command& command, int bank, bool is_open) {
  if (told_of == taken) return;
  told_of = taken;
  report(command.tick, "state", command, -1, fmt::format("bank {} is {}", bank, is_open ? "open" : "closed"));
}

void Auditor::State::report_clock(const Command& command, Tick until) {
  report(command.tick, "sync", command, -1,
         until == never ? "the data clock was not started" : fmt::format("the data clock ran until {}", until));
}

void Auditor::State::broke(const Command& command, const AuditRole& role, Tick allowed) {
  report(command.tick, standard.rules[static_cast<std::size_t>(role.rule)].name, command, allowed,
         fmt::format("not before {}", allowed));
}

void Auditor::State::check_sleep(const AuditCommand& info, const Command& command) {
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

void Auditor::State::pay(int power_node, Tick ticks) {
  for (int bank = 0; bank < standard.geometry.banks(); ++bank)
    if (plan.node(standard.power_level, bank) == power_node) credited[static_cast<std::size_t>(bank)] += ticks;
}

void Auditor::State::change_sleep(const AuditCommand& info, const Command& command) {
  each_node(info, command, standard.power_level, [&](int node) {
    Sleeper& sleeper = sleepers[static_cast<std::size_t>(node)];
    if (sleeper.sleep == Sleep::self_refresh) pay(node, command.tick - sleeper.since);
    if (sleeper.sleep != Sleep::awake) --asleep;
    sleeper = {info.effect == Effect::power_down_entry     ? Sleep::power_down
               : info.effect == Effect::self_refresh_entry ? Sleep::self_refresh
                                                           : Sleep::awake,
               command.tick};
    if (sleeper.sleep != Sleep::awake) ++asleep;
  });
  if (standard.sync_level >= 0)
    each_node(info, command, standard.sync_level,
              [&](int node) { clock_until[static_cast<std::size_t>(node)] = never; });
}

void Auditor::State::check_refresh_of(const AuditCommand& info, const Command& command) {
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

void Auditor::State::finish_halves(Tick end) {
  for (std::size_t rank = 0; rank < halves.size(); ++rank)
    if (halves[rank].bank >= 0 && end > halves[rank].until)
      report(halves[rank].until, "tAAD", {halves[rank].until, halves[rank].bank, 0, 0, no_command}, -1,
             fmt::format("bank {} never saw the second part of its activation", halves[rank].bank));
}

void Auditor::State::finish_refreshes(Tick end) {
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
