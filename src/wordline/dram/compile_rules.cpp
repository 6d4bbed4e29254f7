// Rules: the table's lines, the implied ones of the buses, and their compiled forms.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "wordline/dram/compile.h"

namespace wordline::dram {

namespace {

std::vector<CommandId> commands_named(const core::Reader& line, std::string_view key, const Standard& standard) {
  std::vector<std::string> known;
  for (const auto& command : standard.commands) known.push_back(command.name);
  std::vector<CommandId> ids;
  for (const auto& item : line.texts(key)) {
    if (item == "any") {
      for (std::size_t id = 0; id < standard.commands.size(); ++id) ids.push_back(static_cast<CommandId>(id));
      break;
    }
    const CommandId id = standard.id(item);
    if (id == no_command)
      throw core::InputError(line.where(key), fmt::format("the command \"{}\"", item), "a command of this standard",
                             core::nearest_name(item, known));
    ids.push_back(id);
  }
  return ids;
}

// From and to which edges the rule counts.
void spread(Rule& rule, const Standard& standard) {
  for (const auto id : rule.earlier)
    rule.from.push_back(rule.base + (rule.first_edges ? 0 : standard.spec(id).last_edge));
  for (const auto id : rule.later) rule.to.push_back(rule.first_edges ? 0 : standard.spec(id).last_edge);
}

Rule read_rule(const core::Reader& line, TimingTable& timings, const Standard& standard) {
  Rule rule;
  rule.name = line.text("name");
  rule.level = standard.geometry.level_of(line.choice("level", standard.geometry.levels));
  rule.other = line.flag_or("other", false);
  rule.window = static_cast<int>(line.integer_or("window", 1, 1, 64));
  rule.first_edges = line.has("edges") && line.choice("edges", {"first", "last"}) == "first";
  rule.earlier = commands_named(line, "after", standard);
  rule.later = commands_named(line, "before", standard);
  rule.base = timings.evaluate(line.text("wait"), line.where("wait"));
  if (rule.base > std::numeric_limits<std::int32_t>::max() / 4) line.fail("wait", "a wait that fits 32 bits of ticks");
  if (rule.other && rule.level == 0) line.fail("other", "a level below the channel");
  if (rule.other && rule.window > 1)
    line.fail("window", "a window among the commands of one node, or other = true, not both");
  for (const auto* ids : {&rule.earlier, &rule.later})
    for (const auto id : *ids)
      if (rule.other && standard.spec(id).level < rule.level)
        line.fail("other", fmt::format("commands that stay in one {}",
                                       standard.geometry.levels[static_cast<std::size_t>(rule.level)]));
  line.finish();
  spread(rule, standard);
  return rule;
}

// Two commands on one bus may not overlap; two bursts on one data bus may not either.
void add_bus_rules(Standard& standard) {
  for (std::size_t bus = 0; bus < standard.buses.size(); ++bus) {
    Rule rule;
    rule.name = "command-bus";
    rule.level = standard.buses[bus].level;
    rule.first_edges = true;
    for (std::size_t id = 0; id < standard.commands.size(); ++id)
      if (standard.commands[id].bus == static_cast<int>(bus)) rule.earlier.push_back(static_cast<CommandId>(id));
    rule.later = rule.earlier;
    for (const auto id : rule.earlier) rule.from.push_back(standard.spec(id).occupies);
    rule.to.assign(rule.later.size(), 0);
    standard.rules.push_back(std::move(rule));
  }
  Rule rule;
  rule.name = "data-bus";
  rule.level = standard.data_bus_level;
  rule.first_edges = true;
  for (std::size_t id = 0; id < standard.commands.size(); ++id)
    if (standard.commands[id].burst > 0) rule.earlier.push_back(static_cast<CommandId>(id));
  rule.later = rule.earlier;
  for (const auto id : rule.earlier) {
    rule.from.push_back(standard.spec(id).latency + standard.spec(id).burst);
    rule.to.push_back(standard.spec(id).latency);
  }
  standard.rules.push_back(std::move(rule));
}

}  // namespace

void read_rules(const core::Reader& table, TimingTable& timings, Standard& out) {
  for (const auto* key : {"rules", "more_rules"})
    for (const auto& line : table.tables(key)) out.rules.push_back(read_rule(line, timings, out));
  add_bus_rules(out);
}

}  // namespace wordline::dram
