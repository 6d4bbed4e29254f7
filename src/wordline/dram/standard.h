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

// What a command does to the banks that it reaches. `none`: mode registers, calibration.
enum class Effect : std::uint8_t {
  none,
  activate,
  activate_first,  // ACT1 of a two-part activation: the bank opens with the `activate` that follows
  precharge,
  read,
  write,
  refresh,
  refresh_management,  // RFM: works as a refresh does, but pays no refresh debt
  power_down_entry,
  power_down_exit,
  self_refresh_entry,
  self_refresh_exit,
  sync_read,   // CAS before a read: starts the data clock
  sync_write,  // CAS before a write
};
// Their names in tables, in the order of the enumerators.
const std::vector<std::string>& effect_names();

// Which banks a command reaches: every bank of its node; the bank of one number in each bank group of its node (REFsb);
// or a bank and the one half a node away (REFpb of LPDDR5's sixteen banks).
enum class Reach : std::uint8_t { node, same_bank, pair };

// One command of the table, in ticks.
struct CommandSpec {
  std::string name;  // as the standard writes it: "ACT", "REFab"
  Effect effect = Effect::none;
  bool auto_precharge = false;  // RDA, WRA: the bank closes by itself
  bool wants_closed = false;    // all banks that it reaches must be closed: ACT, refreshes, self-refresh entry, MRS
  int level = 0;                // of the node it goes to: the last level for ACT, the rank for PREA
  Reach reach = Reach::node;
  int bus = 0;         // index into Standard::buses
  Tick occupies = 1;   // its ticks on that bus
  Tick last_edge = 0;  // from its first edge to the one from which its timings count
  Tick align = 1;      // its first edge stands on a multiple of this: 1 either edge, ticks_per_clock whole clocks
  Tick latency = 0;    // reads, writes: from the first edge to the first data
  Tick burst = 0;      // its ticks on the data bus; 0 where it moves no data
  Tick busy = 0;       // refresh, RFM: how long the banks are busy (tRFC)
  Tick hold = 0;       // how long after its first edge a read or write still finds the data clock running; 0: no change
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
  // From earlier[i]'s first edge to the instant from which the rule allows, and from later[j]'s first edge to the
  // instant that the rule allows or not: what both commands' edges and latencies make of the base wait.
  std::vector<Tick> from, to;
  // Ticks from first edge to first edge for earlier[i] and later[j].
  Tick wait(std::size_t i, std::size_t j) const { return from[i] > to[j] ? from[i] - to[j] : 0; }
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

// Flat banks from `first` to `last`, `stride` apart.
struct BankSpan {
  int first, last, stride;
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
  CommandId act_first = no_command;  // ACT1; `act` is then ACT2: always the one that opens the bank
  CommandId act = no_command, pre = no_command, pre_all = no_command;
  CommandId rd = no_command, rda = no_command, wr = no_command, wra = no_command;
  CommandId ref_all = no_command, ref_bank = no_command;  // REFab; REFsb or REFpb
  CommandId rfm_all = no_command, rfm_bank = no_command;
  CommandId cas_rd = no_command, cas_wr = no_command;  // what starts the data clock
  CommandId power_down_entry = no_command, power_down_exit = no_command;
  CommandId self_refresh_entry = no_command, self_refresh_exit = no_command;
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
  Tick act_spacing = 0;  // two-part activation: the least ticks from ACT1 to ACT2 (controllers issue it exactly there)
  Tick act_within = 0;   // ... and the most (tAAD); 0 where an activation is one command
  int sync_level = -1;   // each node of this level has a data clock that a CAS must start; -1: nothing of the kind
  std::vector<Tick> sync_hold;  // by command: CommandSpec::hold
  int power_level = -1;         // the nodes that power down and refresh themselves as one; -1: none do
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
  // The flat banks that a command reaches, and the same in rising order.
  BankSpan span(CommandId id, int bank) const {
    return spec(id).level == geometry.bank_level() ? BankSpan{bank, bank, 1} : wide_span(id, bank);
  }
  std::vector<int> reached(CommandId id, int bank) const;
  // The level a command's banks and those of another share at the deepest.
  int shared_level(CommandId a, int bank_a, CommandId b, int bank_b) const;

  // Fills all that follows from commands and rules: gaps, after, windows, usual and what belongs to it. compile()
  // (compile.h) calls it.
  void finish();

 private:
  BankSpan wide_span(CommandId id, int bank) const;

  std::vector<std::int32_t> gaps_;       // [shared level][earlier][later]
  std::vector<std::vector<Gap>> after_;  // [earlier]
};

}  // namespace wordline::dram
