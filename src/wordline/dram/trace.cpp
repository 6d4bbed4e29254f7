#include "wordline/dram/trace.h"

#include <fmt/format.h>

#include <limits>
#include <ostream>

#include "wordline/core/csv.h"
#include "wordline/core/files.h"

namespace wordline::dram {

namespace {

// The levels that a command's line names: down to its node; a same-bank command names its bank too, but no bank group;
// a pair is named by either bank.
bool names_level(const Standard& standard, const CommandSpec& spec, int level) {
  if (level <= spec.level || spec.reach == Reach::pair) return true;
  return spec.reach == Reach::same_bank && level == standard.geometry.bank_level();
}

bool has_row(const CommandSpec& spec) {
  return spec.effect == Effect::activate || spec.effect == Effect::activate_first;
}

bool moves_data(const CommandSpec& spec) { return spec.effect == Effect::read || spec.effect == Effect::write; }

std::int32_t field_of(const core::Csv& csv, std::size_t row, std::size_t column, const std::string& what,
                      std::int64_t count) {
  const std::int64_t value = csv.integer(row, column);
  if (value < 0 || value >= count)
    throw core::InputError(csv.where(row, column), fmt::format("{} {}", what, value),
                           fmt::format("0 to {}", count - 1));
  return static_cast<std::int32_t>(value);
}

CommandId command_of(const Standard& standard, const core::Csv& csv, std::size_t row, std::size_t column) {
  const std::string name(csv.text(row, column));
  const CommandId id = standard.id(name);
  if (id != no_command) return id;
  std::vector<std::string> known;
  for (const auto& spec : standard.commands) known.push_back(spec.name);
  throw core::InputError(csv.where(row, column), fmt::format("the command \"{}\"", name),
                         fmt::format("a command of {}", standard.name), core::nearest_name(name, known));
}

CommandTrace commands_in(const Standard& standard, const core::Csv& csv) {
  const Geometry& geometry = standard.geometry;
  const std::size_t tick = csv.column("tick"), command = csv.column("command"), row = csv.column("row"),
                    column = csv.column("column");
  std::vector<std::size_t> level_columns(1, 0);
  for (int l = 1; l < geometry.depth(); ++l)
    level_columns.push_back(csv.column(geometry.levels[static_cast<std::size_t>(l)]));
  CommandTrace trace;
  for (std::size_t r = 0; r < csv.rows(); ++r) {
    Command out;
    out.tick = csv.integer(r, tick);
    if (out.tick < 0 || out.tick > std::numeric_limits<Tick>::max() / 4)
      throw core::InputError(csv.where(r, tick), fmt::format("the tick {}", out.tick), "a tick from 0 to 2^61");
    out.id = command_of(standard, csv, r, command);
    const CommandSpec& spec = standard.spec(out.id);
    std::vector<int> fields(static_cast<std::size_t>(geometry.depth()), 0);
    for (std::size_t l = 1; l < fields.size(); ++l)
      if (names_level(standard, spec, static_cast<int>(l)))
        fields[l] = field_of(csv, r, level_columns[l], geometry.levels[l], geometry.sizes[l]);
    out.bank = geometry.bank_of(fields);
    if (has_row(spec)) out.row = field_of(csv, r, row, "row", geometry.rows);
    if (moves_data(spec)) out.column = field_of(csv, r, column, "column", geometry.columns);
    trace.push_back(out);
  }
  return trace;
}

}  // namespace

std::string trace_header(const Standard& standard) {
  std::string out = "tick,command";
  for (std::size_t l = 1; l < standard.geometry.levels.size(); ++l) out += "," + standard.geometry.levels[l];
  return out + ",row,column";
}

std::string trace_line(const Standard& standard, const Command& command) {
  const CommandSpec& spec = standard.spec(command.id);
  std::string out = fmt::format("{},{}", command.tick, spec.name);
  for (int l = 1; l < standard.geometry.depth(); ++l)
    out += names_level(standard, spec, l) ? fmt::format(",{}", standard.geometry.field(l, command.bank)) : ",";
  out += has_row(spec) ? fmt::format(",{}", command.row) : ",";
  out += moves_data(spec) ? fmt::format(",{}", command.column) : ",";
  return out;
}

void write_trace(std::ostream& out, const Standard& standard, const CommandTrace& trace) {
  out << trace_header(standard) << '\n';
  for (const auto& command : trace) out << trace_line(standard, command) << '\n';
}

CommandTrace parse_trace(const Standard& standard, std::string text, const std::string& name) {
  return commands_in(standard, core::Csv::parse(std::move(text), name));
}

CommandTrace read_trace(const Standard& standard, const std::filesystem::path& file) {
  return commands_in(standard, core::Csv::read(file));
}

}  // namespace wordline::dram
