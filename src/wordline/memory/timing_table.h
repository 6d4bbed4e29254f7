// The rule table of a standard, laid out for Timing: what each command does to the ready times of every bank.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "wordline/dram/standard.h"

namespace wordline::memory {

using dram::Tick;

// The commands that the controllers issue, numbered densely; the auto-precharging ones are ready when their plain ones
// are. An activation of two parts is one kind: its second part follows the first at the least spacing, and nothing
// comes between.
enum Kind : std::uint8_t { act, pre, rd, wr, rda, wra, cas_rd, cas_wr, pre_all, ref_all, ref_bank, kind_count };

// The command id of each kind; no_command where the standard lacks it.
std::array<dram::CommandId, kind_count> command_ids(const dram::Standard& standard);

// Of the kinds that every access needs, and of CAS, each bank has a ready time that is kept up: what a command does to
// those of many banks is one row of waits, what it does to few are points. Of refreshes and of what closes many banks
// it is found when asked, from when each kind was last issued at each bank. Immutable; its parts point into one
// another.
class TimingTable {
 public:
  // One table for all that use a standard at the same time; `refresh`: ref_all, ref_bank or, where nothing is
  // refreshed, kind_count. The standard must outlive what uses the table, unchanged. Any thread may ask.
  static std::shared_ptr<const TimingTable> of(const dram::Standard& standard, Kind refresh);
  TimingTable(const dram::Standard& standard, Kind refresh);
  TimingTable(const TimingTable&) = delete;
  TimingTable& operator=(const TimingTable&) = delete;

  static constexpr Tick longest = Tick{1} << 30;  // a time that is nowhere reached
  static constexpr std::int32_t no_wait = -static_cast<std::int32_t>(longest);
  static constexpr std::size_t kinds_apart = 16;  // in arrays by bank and kind
  static_assert(kind_count <= kinds_apart);

  struct Point {  // one ready time that a command raises
    std::int32_t slot, wait;
  };
  struct Row {  // `count` of them in a row, from `slot` on
    const std::int32_t* waits;
    std::int32_t slot, count;
  };
  struct Effects {  // what a command does
    const Point *points = nullptr, *points_end = nullptr;
    const Row *rows = nullptr, *rows_end = nullptr;
  };
  struct Target {  // ready times that a window raises: `count` of them from `slot` on
    std::int32_t slot, count, own_edge;
  };
  struct Window {                                     // counts commands at each node of its level
    std::int32_t ticks = 0, n = 0, banks = 0;         // ... of a node
    std::array<std::int32_t, kind_count> edge{};      // from an earlier command's tick to the edge that counts
    std::array<std::int32_t, kind_count> own_edge{};  // and from the later one's
    std::array<bool, kind_count> earlier{}, later{};
    std::vector<std::int32_t> node;  // by bank
    std::size_t nodes = 0;
    std::vector<Target> targets;  // of all nodes, so many each:
    std::int32_t targets_of_node = 0;
    std::vector<std::int32_t> no_waits;  // a row of them
  };
  struct Before {  // what a command that is found waits for: the last command of a kind there, so long
    std::int32_t last, wait;
  };
  struct BeforeKind {  // and all of that kind
    Kind kind;
    std::int32_t longest;  // wait
    std::vector<Before> commands;
  };

  static std::size_t index(std::int32_t bank, Kind kind) {
    return static_cast<std::size_t>(bank) * kinds_apart + static_cast<std::size_t>(kind);
  }

  std::int32_t banks = 0, lane_banks = 0;
  std::int32_t stride = 0, slots = 0;  // ready times of a kind in a lane, and of all
  std::int32_t bus_nodes = 0;
  std::array<std::int32_t, kind_count> mask{}, occupies{};  // a kind's clock edges less one, its ticks on the bus
  std::array<bool, kind_count> counted{};                   // by some window
  std::array<std::array<std::int32_t, 4>, 4> own_waits{};   // of act, pre, rd, wr after the bank's act, pre, rd, wr
  std::vector<std::int32_t> slot_of;                        // by bank: of its first kind
  std::vector<std::int16_t> bus_of;                         // by bank and kind: the node of its command bus
  std::vector<Effects> effects;                             // by bank and kind; of what reaches many at the lowest
  std::vector<Window> windows;
  std::array<std::vector<std::vector<BeforeKind>>, kind_count> before;     // by kind that is found and lowest bank
  std::array<std::vector<std::vector<std::int32_t>>, kind_count> reached;  // by kind from cas_rd on and bank: the banks

 private:
  bool exists(Kind kind) const { return id_[kind] != dram::no_command; }
  const std::vector<std::int32_t>& needs(Kind earlier, Kind later) const {
    return needs_[static_cast<std::size_t>(earlier) * kind_count + later];
  }
  bool binds(Kind earlier, Kind later) const { return !needs(earlier, later).empty(); }
  std::int32_t wait(Kind earlier, std::int32_t bank, Kind later, std::int32_t other) const;
  struct Part {  // of a kind: a command that many ticks after the kind's tick
    dram::CommandId id;
    std::int32_t offset;
  };
  std::vector<Part> parts(Kind kind) const;
  struct Draft;
  void number_kinds(Kind refresh);
  void find_shared_levels();
  void find_needs();
  void compile_effects();
  void compile_effects(Kind earlier, Draft& draft);
  void compile_lane(Kind earlier, std::int32_t bank, std::int32_t lane, Draft& draft);
  void compile_before();
  void compile_windows();

  const dram::Standard& standard_;
  std::array<dram::CommandId, kind_count> id_;
  std::array<int, kind_count> bus_number_{};
  std::vector<std::uint8_t> shared_;              // by two banks: the level of their deepest common node
  std::vector<std::vector<std::int32_t>> needs_;  // by two kinds: waits by the level they share; empty: none
  std::vector<Point> points_;
  std::vector<Row> rows_;
  std::vector<std::int32_t> waits_;
};

}  // namespace wordline::memory
