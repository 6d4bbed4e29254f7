// When may a command issue? A ready time for each kind of command at each bank, which every command raises by the waits
// of the rule table.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "wordline/dram/standard.h"
#include "wordline/memory/vectors.h"

namespace wordline::memory {

using dram::Tick;
inline constexpr Tick never = std::numeric_limits<Tick>::max();

// The commands that the controllers issue, numbered densely; the auto-precharging ones are ready when their plain ones
// are. An activation of two parts is one kind: its second part follows the first at the least spacing, and nothing
// comes between.
enum Kind : std::uint8_t { act, pre, rd, wr, rda, wra, cas_rd, cas_wr, pre_all, ref_all, ref_bank, kind_count };

// The command id of each kind; no_command where the standard lacks it.
std::array<dram::CommandId, kind_count> command_ids(const dram::Standard& standard);

// Times within are 32-bit ticks since an epoch, which move() sets. Of the kinds that every access needs, and of CAS,
// the ready time of each bank is kept up: what a command does to those of many banks is one row of waits, added to its
// tick and compared many banks at a time; what it does to few are points. Of refreshes and of what closes many banks it
// is found when asked, from when each kind was last issued at each bank.
class Timing {
 public:
  // `refresh`: ref_all, ref_bank or, where nothing is refreshed, kind_count. The standard must outlive it.
  explicit Timing(const dram::Standard& standard, Kind refresh = kind_count);
  Timing(Timing&&) = default;  // not copied: it points into itself

  static constexpr Tick longest = Tick{1} << 30;  // after the epoch no command may issue later
  Tick epoch() const { return epoch_; }
  // Makes `now`, or a few ticks before it, the epoch.
  void move(Tick now);
  std::int32_t since_epoch(Tick now) const { return static_cast<std::int32_t>(now - epoch_); }

  // ---- in ticks since the epoch

  // The ready times of a kind below pre_all from a bank of a lane to the lane's last, with numbers behind them as
  // vectors.h wants them.
  const std::int32_t* ready(Kind kind, std::int32_t bank) const { return ready_.data() + slot(kind, bank); }
  // When the command bus of a kind at a bank is free.
  const std::int32_t* bus_free(Kind kind, std::int32_t bank) const {
    return bus_free_.data() + bus_of_[index(bank, kind)];
  }
  // The first edge at or after `tick` where the kind may begin. `whole`: ticks are whole clocks.
  template <bool whole = false>
  std::int32_t edge(Kind kind, std::int32_t tick) const {
    return whole ? tick : (tick + mask_[kind]) & ~mask_[kind];
  }
  // Takes the command as issued at `tick`, which is within `longest`.
  [[gnu::always_inline]] void issue(Kind kind, std::int32_t bank, std::int32_t tick) {
    const std::size_t own = index(bank, kind);
    bus_free_[static_cast<std::size_t>(bus_of_[own])] = tick + occupies_[kind];
    last_[own] = newest_[kind] = tick;
    const Effects& effects = effects_[own];
    std::int32_t* const ready = ready_.data();
    if (kind <= wr) {  // what the bank itself waits for besides
      std::int32_t* const own_ready = ready + slot_of_[static_cast<std::size_t>(bank)];
      const auto raise = [&](Kind later) {
        const std::int32_t at = tick + own_waits_[kind][later];
        std::int32_t& then = own_ready[later * stride_];
        if (then < at) then = at;
      };
      if (kind == act || kind == pre) raise(act);
      if (kind != pre) raise(pre);
      if (kind == act) raise(rd), raise(wr);
    }
    for (const Point* point = effects.points; point != effects.points_end; ++point) {
      const std::int32_t at = tick + point->wait;
      if (ready[point->slot] < at) ready[point->slot] = at;
    }
    for (const Row* row = effects.rows; row != effects.rows_end; ++row)
      raise_to(ready + row->slot, row->waits, tick, row->count);
    if (pushes_[kind]) push(kind, bank, tick);
  }

  // ---- in ticks

  // Whether the rules for the bank's commands allow the kind at `now`, bus and clock edges apart; and from when on.
  bool allows(Kind kind, std::int32_t bank, Tick now) const { return of_bank(kind, bank) <= now; }
  Tick of_bank(Kind kind, std::int32_t bank) const { return epoch_ + ready_[slot(kind, bank)]; }
  // The first tick at or after `from` for any kind; `bank` is one that the command reaches.
  Tick earliest(Kind kind, std::int32_t bank, Tick from) const;
  // The banks that a command of that kind from pre_all on reaches, in rising order.
  const std::vector<std::int32_t>& reached(Kind kind, std::int32_t bank) const {
    return reached_[kind][static_cast<std::size_t>(bank)];
  }

 private:
  static constexpr std::size_t kinds_apart = 16;  // in arrays by bank and kind
  static_assert(kind_count <= kinds_apart);
  static constexpr std::int32_t no_wait = -static_cast<std::int32_t>(longest);

  struct Point {  // one ready time that a command raises
    std::int32_t slot, wait;
  };
  struct Row {  // `count` of them in a row, from `slot` on
    const std::int32_t* waits;
    std::int32_t slot, count;
  };
  struct Effects {  // a command's parts of points_ and rows_
    const Point *points = nullptr, *points_end = nullptr;
    const Row *rows = nullptr, *rows_end = nullptr;
  };
  struct Target {  // ready times that a window raises: `count` of them from `slot` on
    std::int32_t slot, count, own_edge;
  };
  struct Ring {                                // the edges of the last n commands of a window at each node of its level
    std::int32_t ticks = 0, n = 0, banks = 0;  // ... of a node
    std::array<std::int32_t, kind_count> edge{};      // from an earlier command's tick to the edge that counts
    std::array<std::int32_t, kind_count> own_edge{};  // and from the later one's
    std::array<bool, kind_count> earlier{}, later{};
    std::vector<std::int32_t> node;  // by bank
    std::vector<std::int32_t> past;  // n per node
    std::vector<std::int32_t> next;  // place of the oldest, per node
    std::vector<Target> targets;     // of all nodes, so many each:
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
  std::size_t slot(Kind kind, std::int32_t bank) const {
    return static_cast<std::size_t>(slot_of_[static_cast<std::size_t>(bank)] + kind * stride_);
  }
  static std::size_t index(std::int32_t bank, Kind kind) {
    return static_cast<std::size_t>(bank) * kinds_apart + static_cast<std::size_t>(kind);
  }
  bool exists(Kind kind) const { return id_[kind] != dram::no_command; }
  [[gnu::always_inline]] void push(Kind kind, std::int32_t bank, std::int32_t tick) {
    for (Ring *ring = rings_.data(), *end = ring + rings_.size(); ring != end; ++ring) {
      if (!ring->earlier[kind]) continue;
      const std::int32_t node = ring->node[static_cast<std::size_t>(bank)];
      std::int32_t& next = ring->next[static_cast<std::size_t>(node)];
      std::int32_t* const past = ring->past.data() + node * ring->n;
      past[next] = tick + ring->edge[kind];
      if (++next == ring->n) next = 0;
      const std::int32_t until = past[next] + ring->ticks;
      if (until <= tick) continue;
      const Target* target = ring->targets.data() + node * ring->targets_of_node;
      for (const Target* const last = target + ring->targets_of_node; target != last; ++target)
        raise_to(ready_.data() + target->slot, ring->no_waits.data(), until - target->own_edge, target->count);
    }
  }
  std::int32_t found(Kind kind, std::int32_t bank, std::int32_t from) const;

  void number_kinds(Kind refresh);
  void find_shared_levels();
  void find_needs();
  void compile_windows();
  void compile_effects();
  void compile_found();
  const std::vector<std::int32_t>& needs(Kind earlier, Kind later) const {
    return needs_[static_cast<std::size_t>(earlier) * kind_count + later];
  }
  bool binds(Kind earlier, Kind later) const { return !needs(earlier, later).empty(); }
  std::int32_t wait(Kind earlier, std::int32_t bank, Kind later, std::int32_t other) const;
  // What commands do, as parts of growing arrays.
  struct Draft;
  struct Part {  // of a kind: a command that many ticks after the kind's tick
    dram::CommandId id;
    std::int32_t offset;
  };
  std::vector<Part> parts(Kind kind) const;

  const dram::Standard& standard_;
  std::int32_t banks_;
  std::int32_t lane_banks_, stride_;  // ready times of a kind in a lane
  Tick epoch_ = 0;
  std::array<dram::CommandId, kind_count> id_;
  std::array<std::int32_t, kind_count> mask_{}, occupies_{};
  std::array<int, kind_count> bus_number_{};
  std::vector<std::int32_t> slot_of_;   // by bank: of its first kind in ready_
  std::vector<std::int32_t> ready_;     // by lane, kind and bank
  std::vector<std::int32_t> last_;      // by bank and kind: when it was issued last; at the lowest bank it reaches
  std::vector<std::int32_t> bus_free_;  // by bus node
  std::vector<std::int16_t> bus_of_;    // by bank and kind
  std::array<std::vector<std::vector<std::int32_t>>, kind_count> reached_;
  std::vector<std::uint8_t> shared_;              // by two banks: the level of their deepest common node
  std::vector<std::vector<std::int32_t>> needs_;  // by two kinds: waits by the level they share; empty: none
  std::vector<Effects> effects_;                  // by bank and kind
  std::vector<Point> points_;
  std::vector<Row> rows_;
  std::vector<std::int32_t> waits_;
  std::array<std::int32_t, kind_count> newest_;  // of last_ by kind
  std::array<std::vector<std::vector<BeforeKind>>, kind_count>
      before_;                                            // by kind that is found, lowest bank it reaches
  std::array<bool, kind_count> pushes_{};                 // is counted by a window
  std::array<std::array<std::int32_t, 4>, 4> own_waits_;  // of act, pre, rd, wr after a bank's act, pre, rd, wr
  std::vector<Ring> rings_;
};

}  // namespace wordline::memory
