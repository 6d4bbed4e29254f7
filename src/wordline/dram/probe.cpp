#include "wordline/dram/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "wordline/dram/probe_request.h"

namespace wordline::dram {

std::string Probe::clocks(Tick tick) const {
  const Tick per_clock = standard_.ticks_per_clock;
  std::string text = fmt::format("{}", tick / per_clock);
  if (tick % per_clock != 0) {
    std::string rest = fmt::format("{:.3f}", static_cast<double>(tick % per_clock) / static_cast<double>(per_clock));
    while (rest.back() == '0') rest.pop_back();
    text += rest.substr(1);
  }
  return text;
}

std::vector<Command> Probe::commands_at(const Request& request, Tick tick) const {
  Command first = request.command;
  first.tick = tick;
  if (!request.both_parts) return {first};
  Command second = first;
  second.id = standard_.usual.act;
  second.tick += standard_.act_spacing;
  return {first, second};
}

Tick Probe::earliest_of(const Request& request, Tick from) const {
  for (Tick tick = from;;) {
    Tick moved = tick;
    for (const auto& command : commands_at(request, tick))
      moved = std::max(moved, device_.earliest(command) - (command.tick - tick));
    if (moved == tick) return tick;
    tick = moved;
  }
}

std::string Probe::needs(const Request& request, Tick tick, std::string* why) const {
  Command command = request.command;
  command.tick = tick;
  const bool column = command.id == standard_.usual.rd || command.id == standard_.usual.rda ||
                      command.id == standard_.usual.wr || command.id == standard_.usual.wra;
  const std::string error = device_.state_error(command);
  const std::int32_t open = device_.open_row(command.bank);
  if (column && request.names_row && open != Device::closed && open != command.row) {
    *why = fmt::format("row {} is open", open);
    return standard_.spec(standard_.usual.pre).name;
  }
  *why = error;
  if (error.empty()) return "";
  const CommandId first = device_.needed_first(command);
  return first == no_command ? "another command" : standard_.spec(first).name;
}

ProbeAnswer Probe::ask(const Request& request) const {
  ProbeAnswer answer;
  answer.where = request.where;
  answer.command = request.name;
  answer.asked = std::max(now_, request.tick);
  const Tick tick = earliest_of(request, answer.asked);
  answer.needs = needs(request, tick, &answer.why);
  if (answer.needs.empty()) answer.earliest = tick;
  return answer;
}

ProbeAnswer Probe::issue(const Request& request) {
  ProbeAnswer answer;
  answer.where = request.where;
  answer.command = request.name;
  answer.asked = request.tick;
  answer.needs = needs(request, request.tick, &answer.why);
  if (!answer.needs.empty()) {
    answer.rule = "state";
    return answer;
  }
  answer.earliest = earliest_of(request, request.tick);
  if (answer.earliest > request.tick) {
    for (const auto& command : commands_at(request, request.tick))
      if (answer.rule.empty()) answer.rule = device_.binding_rule(command);
    return answer;
  }
  for (const auto& command : commands_at(request, request.tick)) {
    device_.issue(command);
    now_ = command.tick;
  }
  return answer;
}

std::vector<ProbeAnswer> Probe::run(const std::string& script, const std::string& name) {
  std::vector<ProbeAnswer> answers;
  core::Location where{std::make_shared<const std::string>(name), 0, 1};
  for (std::size_t begin = 0; begin < script.size();) {
    const std::size_t end = std::min(script.find('\n', begin), script.size());
    ++where.line;
    const auto words = words_of(script.substr(begin, end - begin), where);
    begin = end + 1;
    if (words.empty()) continue;
    const Request request = request_of(words);
    const ProbeAnswer answer = request.issue ? issue(request) : ask(request);
    if (!request.issue || !answer.legal()) answers.push_back(answer);
    if (!answer.legal()) break;
  }
  return answers;
}

std::string Probe::line(const ProbeAnswer& answer) const {
  if (!answer.legal())
    return answer.earliest < 0 ? fmt::format("illegal {} {} needs {}", answer.command, answer.rule, answer.needs)
                               : fmt::format("illegal {} {} {}", answer.command, answer.rule, clocks(answer.earliest));
  if (!answer.needs.empty()) return fmt::format("needs {}", answer.needs);
  return fmt::format("earliest {} {}", answer.command, clocks(answer.earliest));
}

}  // namespace wordline::dram
