// A standard's table compiled for one part: commands, pairwise gaps and windows in ticks. Three readers use it: the
// fast controller, the reference controller and the auditor.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "wordline/dram/command.h"
#include "wordline/dram/geometry.h"

namespace wordline::dram {

// What a command does to the banks that it reaches.
enum class Effect : std::uint8_t { none, activate, precharge, read, write, refresh };

// Which banks a command reaches: every bank of its node, or the bank of one number in each bank group of its node
// (REFsb).
enum class Reach : std::uint8_t { node, same_bank };

// One command of the table, in ticks.
struct CommandSpec {
  std::string name;  // as the standard writes it: "ACT", "REFab"
  Effect effect = Effect::none;
  bool auto_precharge = false;  // RDA, WRA: the bank closes by itself
  int level = 0;                // of the node it goes to: the last level for ACT, the rank for PREA
  Reach reach = Reach::node;
  int bus = 0;         // index into Standard::buses
  Tick occupies = 1;   // its ticks on that bus
  Tick last_edge = 0;  // from its first edge to the one from which its timings count
  Tick align = 1;      // its first edge stands on a multiple of this: 1 either edge, ticks_per_clock whole clocks
  Tick latency = 0;    // reads, writes: from the first edge to the first data
  Tick burst = 0;      // its ticks on the data bus; 0 where it moves no data
  Tick busy = 0;       // refresh: how long the banks are refreshing (tRFC)
};

// A bus: one for each node of `level`. Row and column commands share one in DDR5 and have one each in HBM.
struct Bus {
  std::string name;
  int level = 0;
};

// One line of the table, resolved. After any of `earlier`, any of `later` waits. It binds two commands that reach one
// common node of `level` or, where `other`, two that reach different nodes of `level` under one common parent. With
// window n > 1 the wait counts from the n-th last of `earlier` (tFAW: n = 4). The implied ones, "command-bus" (two
// commands overlap on their bus) and "data-bus" (two bursts overlap), are written out as rules too.
struct Rule {
  std::string name;  // "tRCD", "tFAW", ...: what the auditor reports
  int level = 0;
  bool other = false;
  int window = 1;
  bool first_edges = false;  // counted from first edge to first edge whatever the commands' lengths
  Tick base = 0;             // the wait as the table states it, before the edges of the two commands are regarded
  std::vector<CommandId> earlier, later;
  // Ticks from first edge to first edge for earlier[i] and later[j]: waits[i * later.size() + j]. They differ where the
  // table counts from last edges and commands have several.
  std::vector<Tick> waits;
  Tick wait(std::size_t i, std::size_t j) const { return waits[i * later.size() + j]; }
};

// How much refresh a command gives and how late it may come. Each bank is owed its refreshes at the pace of time: a
// refresh command credits each bank it reaches with `credit` ticks; time minus credit never exceeds `latest`, and
// credit minus time never exceeds `earliest` (pulled-in refreshes).
struct RefreshSpec {
  CommandId command = no_command;
  Tick credit = 0;    // tREFI of its mode
  Tick latest = 0;    // (1 + postponable) * credit
  Tick earliest = 0;  // (1 + pulled in) * credit
};

// A gap that binds only above a node: one entry of the sparse form of the gap table, see Standard::after.
struct Gap {
  CommandId later;
  std::int8_t level;
  bool other;
  std::int32_t ticks;
};

// A window rule in the form that a hot loop wants. The n-th last of `earlier` (bit per command id) at a node of
// `level`, issued as command e at t, keeps each command l of `later` away until t + ticks + last_edge(e) -
// last_edge(l); where `first_edges`, until t + ticks.
struct Window {
  int rule = 0;  // index into Standard::rules
  int level = 0;
  int n = 0;
  std::uint64_t earlier = 0, later = 0;
  std::int32_t ticks = 0;
  bool first_edges = false;
};

// Ids of the commands that any controller needs, found by effect and scope; no_command where the standard has none.
struct UsualCommands {
  CommandId act = no_command, pre = no_command, pre_all = no_command;
  CommandId rd = no_command, rda = no_command, wr = no_command, wra = no_command;
  CommandId ref_all = no_command, ref_bank = no_command;  // REFab; REFsb or REFpb
};

// The compiled table of one part in one module (the number of ranks is the module's). Immutable after load.
class Standard {
 public:
  std::string name;         // "hbm3"
  int ticks_per_clock = 1;  // 2 where the standard has half clocks, or where a host clock runs at twice the DRAM's
  Geometry geometry;
  std::vector<CommandSpec> commands;
  std::vector<Bus> buses;
  int data_bus_level = 0;   // one data bus for each node of this level
  std::vector<Rule> rules;  // everything the table says, for the auditor and for messages
  std::vector<Window> windows;
  std::vector<RefreshSpec> refreshes;
  UsualCommands usual;
  std::map<std::string, Tick, std::less<>> timings;  // every named timing in ticks, for reports and tests

  // The least ticks from an `earlier` command to a `later` one whose deepest common node is of level `shared`, over all
  // rules that are no windows; 0 where nothing binds them. "Deepest common": over all the banks that the two reach, so
  // PREA and an ACT in its rank share the bank level. This one array is enough for an exact controller with the
  // windows.
  std::int32_t gap(int shared, CommandId earlier, CommandId later) const {
    return gaps_[(static_cast<std::size_t>(shared) * commands.size() + earlier) * commands.size() + later];
  }
  // The same, rule by rule in levels: issuing `earlier` at t at a node sets, for each entry, ready(entry.level, node,
  // entry.later) = max(itself, t + ticks), or that of the node's siblings where `other`. Entries with one key are
  // merged.
  const std::vector<Gap>& after(CommandId earlier) const { return after_[earlier]; }

  // The id of a command name, or no_command.
  CommandId id(std::string_view name) const;
  const CommandSpec& spec(CommandId id) const { return commands[id]; }
  // A named timing in ticks. Throws InputError for an unknown one, with the nearest.
  Tick timing(std::string_view name) const;
  // The flat banks that a command reaches, in rising order.
  std::vector<int> reached(CommandId id, int bank) const;
  // The level a command's banks and those of another share at the deepest.
  int shared_level(CommandId a, int bank_a, CommandId b, int bank_b) const;

  // Fills gaps, after, windows and usual from commands and rules. compile() (compile.h) calls it.
  void finish();

 private:
  std::vector<std::int32_t> gaps_;       // [shared level][earlier][later]
  std::vector<std::vector<Gap>> after_;  // [earlier]
};

}  // namespace wordline::dram
