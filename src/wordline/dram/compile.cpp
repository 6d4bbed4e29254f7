#include "wordline/dram/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wordline/core/units.h"

namespace wordline::dram {

namespace {

int level_named(const core::Reader& table, std::string_view key, const Geometry& geometry) {
  return geometry.level_of(table.choice(key, geometry.levels));
}

Geometry read_geometry(const core::Reader& standard, const core::Reader& part, const LevelSizes& sizes) {
  Geometry out;
  const core::Reader organisation = part.table("organisation");
  out.levels = standard.texts("levels");
  if (out.levels.size() < 2 || out.levels.front() != "channel" || out.levels.back() != "bank")
    standard.fail("levels", "levels from \"channel\" down to \"bank\"");
  for (const auto& level : out.levels) {
    const auto given = sizes.find(level);
    if (given != sizes.end())
      out.sizes.push_back(given->second);
    else if (level == "channel")
      out.sizes.push_back(1);
    else
      out.sizes.push_back(static_cast<int>(organisation.integer_or(level, 1, 1, 4096)));
    organisation.has(level);
  }
  for (const auto& [level, size] : sizes)
    if (out.level_of(level) <= 0 || size < 1)
      throw core::InputError(standard.where(), fmt::format("{} {}s", size, level),
                             "a level of the standard and a size of at least 1", core::nearest_name(level, out.levels));
  std::int64_t banks = 1;
  for (const auto size : out.sizes)
    if ((banks *= size) > 65536)
      throw core::InputError(organisation.where(), "more than 65,536 banks a channel", "fewer");
  out.finish();
  const auto burst = standard.integer("burst_length", 1, 1024);
  out.channels = static_cast<int>(organisation.integer("channels", 1, 1024));
  out.rows = static_cast<std::int32_t>(organisation.integer("rows", 1, 1 << 24));
  const auto columns = organisation.integer("columns", 1, 1 << 20);
  if (columns % burst != 0) organisation.fail("columns", fmt::format("a multiple of the burst length {}", burst));
  out.columns = static_cast<std::int32_t>(columns / burst);
  out.burst_bytes = static_cast<std::int32_t>(burst * standard.integer("data_bits", 8, 1024) / 8);
  organisation.has("device_bits");
  organisation.finish();
  return out;
}

int index_in(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<int>(std::find(names.begin(), names.end(), name) - names.begin());
}

bool wants_closed(Effect effect) {
  return effect == Effect::activate || effect == Effect::activate_first || effect == Effect::refresh ||
         effect == Effect::refresh_management || effect == Effect::self_refresh_entry;
}

// Which banks, and in which state they must be.
void read_reach(const core::Reader& table, const Geometry& geometry, CommandSpec& spec) {
  spec.level = level_named(table, "level", geometry);
  spec.effect = static_cast<Effect>(index_in(effect_names(), table.choice("effect", effect_names())));
  spec.auto_precharge = table.flag_or("auto_precharge", false);
  spec.wants_closed =
      wants_closed(spec.effect) || (table.has("banks") && table.choice("banks", {"closed"}) == "closed");
  const std::vector<std::string> reaches = {"node", "same_bank", "pair"};
  if (table.has("reach")) spec.reach = static_cast<Reach>(index_in(reaches, table.choice("reach", reaches)));
  if (spec.reach == Reach::pair && geometry.banks_below[static_cast<std::size_t>(spec.level)] % 2 != 0)
    table.fail("reach", "an even number of banks below the command's level");
}

void read_bus(const core::Reader& table, const Standard& out, CommandSpec& spec) {
  std::vector<std::string> buses;
  for (const auto& bus : out.buses) buses.push_back(bus.name);
  spec.bus = index_in(buses, table.choice("bus", buses));
  const double ticks = table.number("clocks", 0.5, 64) * out.ticks_per_clock;
  if (ticks != std::floor(ticks)) table.fail("clocks", fmt::format("a multiple of 1/{}", out.ticks_per_clock));
  spec.occupies = static_cast<Tick>(ticks);
  const bool from_first = table.has("counts_from") && table.choice("counts_from", {"first", "last"}) == "first";
  spec.last_edge = from_first ? 0 : spec.occupies - 1;
  const bool either = table.has("edges") && table.choice("edges", {"either", "rising"}) == "either";
  spec.align = either ? 1 : out.ticks_per_clock;
}

CommandSpec read_command(const std::string& name, const core::Reader& table, TimingTable& timings, Standard& out) {
  CommandSpec spec;
  spec.name = name;
  const auto ticks = [&](const char* key) { return timings.evaluate(table.text(key), table.where(key)); };
  read_reach(table, out.geometry, spec);
  read_bus(table, out, spec);
  if (spec.effect == Effect::read || spec.effect == Effect::write) {
    spec.latency = ticks("latency") + spec.last_edge;
    spec.burst = timings.value("tBURST", table.where());
  }
  if (spec.effect == Effect::refresh || spec.effect == Effect::refresh_management) spec.busy = ticks("busy");
  if (table.has("hold")) spec.hold = ticks("hold");
  if (spec.effect == Effect::activate_first) out.act_within = ticks("within");
  table.finish();
  return spec;
}

void read_refreshes(const core::Reader& table, TimingTable& timings, Standard& out) {
  for (const auto& line : table.tables("refresh")) {
    RefreshSpec spec;
    std::vector<std::string> names;
    for (const auto& command : out.commands)
      if (command.effect == Effect::refresh) names.push_back(command.name);
    spec.command = out.id(line.choice("command", names));
    spec.credit = timings.evaluate(line.text("interval"), line.where("interval"));
    spec.latest = spec.credit * (1 + line.integer("postponed", 0, 64));
    spec.earliest = spec.credit * (1 + line.integer("pulled_in", 0, 64));
    line.finish();
    out.refreshes.push_back(spec);
  }
}

}  // namespace

Clocks clocks_of(const core::Reader& standard, const core::Reader& part) {
  const double bits_per_second = part.quantity<core::BytesPerSecond>("rate").value() * 8;
  const auto rate = std::llround(bits_per_second);
  if (rate < 1'000'000 || rate > 1'000'000'000'000 || std::abs(bits_per_second - static_cast<double>(rate)) > 1e-3)
    part.fail("rate", "a whole number of bits per second and pin, from 1 Mb/s to 1 Tb/s");
  const auto transfers = standard.integer("transfers_per_clock", 1, 16);
  const auto ticks = standard.integer("ticks_per_clock", 1, 4);
  return {core::Clock(transfers * 1'000'000'000'000, rate), core::Clock(transfers * 1'000'000'000'000, rate * ticks),
          bits_per_second};
}

void read_commands(const core::Reader& table, TimingTable& timings, Standard& out) {
  const core::Reader buses = table.table("buses");
  for (const auto& name : buses.keys())
    if (name != "source" && name != "kind") out.buses.push_back({name, level_named(buses, name, out.geometry)});
  out.data_bus_level = level_named(table, "data_bus", out.geometry);
  const core::Reader commands = table.table("commands");
  for (const auto& name : commands.keys())
    if (name != "source" && name != "kind")
      out.commands.push_back(read_command(name, commands.table(name), timings, out));
  if (out.commands.size() > 64) table.fail("commands", "at most 64 commands");
}

namespace {

void check_states(const core::Reader& table, const Standard& out) {
  const UsualCommands& usual = out.usual;
  const auto level = [&](CommandId id) { return id == no_command ? -1 : out.spec(id).level; };
  const auto pair = [&](CommandId a, CommandId b, const char* what) {
    if (level(a) != level(b)) table.fail("commands", fmt::format("{} of one level, or neither", what));
  };
  pair(usual.power_down_entry, usual.power_down_exit, "both power-down entry and exit");
  pair(usual.self_refresh_entry, usual.self_refresh_exit, "both self-refresh entry and exit");
  pair(usual.cas_rd, usual.cas_wr, "CAS for reads and for writes");
  if (usual.power_down_entry != no_command && usual.self_refresh_entry != no_command)
    pair(usual.power_down_entry, usual.self_refresh_entry, "power-down and self-refresh");
  if (usual.act_first != no_command && (usual.act == no_command || out.act_spacing > out.act_within))
    table.fail("commands", "an \"activate\" that may follow the \"activate_first\" in time");
  for (const auto& command : out.commands)
    if (command.hold > 0 && out.sync_level < 0)
      table.fail("commands", fmt::format("a CAS beside the hold of {}", command.name));
}

// Timings that hold in the modes that were asked for; the others are only read.
void read_modes(const core::Reader& standard, const Modes& wanted, TimingTable& timings) {
  std::vector<std::string> known;
  if (const auto modes = standard.optional_table("modes"))
    for (const auto& name : modes->keys()) {
      if (name == "source" || name == "kind") continue;
      known.push_back(name);
      const core::Reader mode = modes->table(name), changed = mode.table("timings");
      const bool on = std::find(wanted.begin(), wanted.end(), name) != wanted.end();
      on ? timings.add(changed) : timings.mention(changed);
      mode.finish();
    }
  for (const auto& name : wanted)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw core::InputError(standard.where(), fmt::format("the mode \"{}\"", name), "a mode of this standard",
                             core::nearest_name(name, known));
}

}  // namespace

Standard compile(const std::string& name, const core::Reader& standard, const core::Reader& part, const Clocks& clocks,
                 const LevelSizes& sizes, const Modes& modes) {
  Standard out;
  out.name = name;
  out.ticks_per_clock = static_cast<int>(standard.integer("ticks_per_clock", 1, 4));
  out.geometry = read_geometry(standard, part, sizes);
  const auto rounding =
      standard.choice("rounding", {"ceiling", "jedec-ddr5"}) == "ceiling" ? Rounding::ceiling : Rounding::jedec_ddr5;
  TimingTable timings(clocks.nck, out.ticks_per_clock, rounding);
  const auto burst_ticks = standard.integer("burst_length") * out.ticks_per_clock;
  if (burst_ticks % standard.integer("transfers_per_clock") != 0)
    standard.fail("burst_length", "whole ticks on the bus");
  timings.set("tBURST", burst_ticks / standard.integer("transfers_per_clock"));
  if (const auto own = standard.optional_table("timings")) timings.add(*own);
  const core::Reader part_timings = part.table("timings");
  timings.add(part_timings);
  read_modes(standard, modes, timings);

  read_commands(standard, timings, out);
  read_rules(standard, timings, out);
  read_refreshes(standard, timings, out);
  out.timings = timings.all();
  timings.reject_unused(part_timings);
  out.finish();
  check_states(standard, out);
  return out;
}

}  // namespace wordline::dram
