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
enum Kind : std::uint8_t { act, pre, rd, wr, rda, wra, pre_all, ref_all, ref_bank, cas_rd, cas_wr, kind_count };

// The command id of each kind; no_command where the standard lacks it.
std::array<dram::CommandId, kind_count> command_ids(const dram::Standard& standard);

// Ready times are 32-bit ticks since an epoch, which move() sets. What a command does to those of many banks is one row
// of waits, added to its tick and compared eight banks at a time; what it does to few are points.
class Timing {
 public:
  // `refresh`: ref_all, ref_bank or, where nothing is refreshed, kind_count. The standard must outlive it.
  explicit Timing(const dram::Standard& standard, Kind refresh = kind_count);

  static constexpr Tick longest = Tick{1} << 30;  // after the epoch no command may issue later
  Tick epoch() const { return epoch_; }
  // Makes `now` the epoch.
  void move(Tick now);
  std::int32_t since_epoch(Tick now) const { return static_cast<std::int32_t>(now - epoch_); }

  // The ready times of a kind by bank, with numbers behind them as vectors.h wants them.
  const std::int32_t* ready(Kind kind) const { return ready_.data() + static_cast<std::size_t>(kind) * stride_; }
  // The first tick at or after `from` that the command bus and the kind's clock edges allow.
  Tick bus(Kind kind, std::int32_t bank, Tick from) const {
    return aligned(kind, later(from, epoch_ + bus_free_[static_cast<std::size_t>(bus_of_[index(bank, kind)])]));
  }
  // Whether the rules for the bank's commands allow the kind at `now`, bus and clock edges apart; and from when on.
  bool allows(Kind kind, std::int32_t bank, Tick now) const { return of_bank(kind, bank) <= now; }
  Tick of_bank(Kind kind, std::int32_t bank) const {
    return epoch_ + ready_[static_cast<std::size_t>(kind) * stride_ + static_cast<std::size_t>(bank)];
  }
  Tick edge_of_bank(Kind kind, std::int32_t bank) const { return aligned(kind, of_bank(kind, bank)); }
  // The first tick at or after `from` for a kind that goes to one bank.
  Tick earliest(Kind kind, std::int32_t bank, Tick from) const {
    return bus(kind, bank, later(from, of_bank(kind, bank)));
  }
  // The same for any kind; `bank` is any that the command reaches.
  Tick earliest_wide(Kind kind, std::int32_t bank, Tick from) const {
    return earliest(kind, lowest(kind, bank), from);
  }
  // Takes the command as issued at `now`, which is within `longest` of the epoch.
  [[gnu::always_inline]] void issue(Kind kind, std::int32_t bank, Tick now) {
    const std::int32_t tick = since_epoch(now);
    const std::size_t own = index(bank, kind);
    bus_free_[static_cast<std::size_t>(bus_of_[own])] = tick + occupies_[kind];
    const Effects effects = effects_[own];
    std::int32_t* const ready = ready_.data();
    for (const Point *point = points_.data() + effects.point, *end = point + effects.points; point != end; ++point)
      ready[point->slot] = later(ready[point->slot], tick + point->wait);
    for (const Row *row = rows_.data() + effects.row, *end = row + effects.rows; row != end; ++row)
      raise_to(ready + row->slot, waits_.data() + row->waits, tick, row->count);
    for (const std::int32_t ring : pushes_[kind]) push(rings_[static_cast<std::size_t>(ring)], kind, bank, tick);
  }
  // The banks that a command of that kind reaches, in rising order.
  const std::vector<std::int32_t>& reached(Kind kind, std::int32_t bank) const {
    return reached_[kind][static_cast<std::size_t>(bank)];
  }

 private:
  static constexpr std::int32_t no_wait = -static_cast<std::int32_t>(longest);

  struct Point {  // one ready time that a command raises
    std::int32_t slot, wait;
  };
  struct Row {  // `count` of them in a row, from `slot` on, to waits_ from `waits` on
    std::int32_t slot, waits, count;
  };
  struct Effects {  // a command's parts of points_ and rows_
    std::int32_t point = 0, row = 0;
    std::int16_t points = 0, rows = 0;
  };
  struct Ring {  // the edges of the last n commands of a window at each node of its level
    std::int32_t ticks = 0, n = 0, banks = 0;         // ... of a node
    std::array<std::int32_t, kind_count> edge{};      // from an earlier command's tick to the edge that counts
    std::array<std::int32_t, kind_count> own_edge{};  // and from the later one's
    std::vector<Kind> later;                          // those that wait
    std::vector<std::int32_t> past;                   // n per node
    std::vector<std::int32_t> next;                   // place of the oldest, per node
    std::vector<std::int32_t> zeros;                  // a row without waits for a node's banks
  };
  using Waits = std::vector<std::int32_t>;  // by bank; 0: none

  template <class T>
  static T later(T a, T b) {
    return a > b ? a : b;
  }
  static std::size_t index(std::int32_t bank, Kind kind) {
    return static_cast<std::size_t>(bank) * kind_count + static_cast<std::size_t>(kind);
  }
  Tick aligned(Kind kind, Tick at) const { return (at + mask_[kind]) & ~static_cast<Tick>(mask_[kind]); }
  bool exists(Kind kind) const { return id_[kind] != dram::no_command; }
  std::int32_t lowest(Kind kind, std::int32_t bank) const { return reached(kind, bank).front(); }
  [[gnu::always_inline]] void push(Ring& ring, Kind kind, std::int32_t bank, std::int32_t tick) {
    const std::int32_t node = bank / ring.banks;
    std::int32_t& next = ring.next[static_cast<std::size_t>(node)];
    std::int32_t* const past = ring.past.data() + node * ring.n;
    past[next] = tick + ring.edge[kind];
    if (++next == ring.n) next = 0;
    const std::int32_t until = past[next] + ring.ticks;
    if (until <= tick) return;
    for (const Kind later_kind : ring.later)
      raise_to(ready_.data() + static_cast<std::size_t>(later_kind) * stride_ + node * ring.banks, ring.zeros.data(),
               until - ring.own_edge[later_kind], ring.banks);
  }

  void number_kinds(Kind refresh);
  void find_shared_levels();
  std::vector<std::int32_t> needs(Kind earlier, Kind later) const;
  void compile_windows();
  void compile_effects();
  Waits waits_after(Kind earlier, std::int32_t bank, Kind later, const std::vector<std::int32_t>& needed) const;
  void add(Kind later, const Waits& waits);
  struct Part {  // of a kind: a command that many ticks after the kind's tick
    dram::CommandId id;
    std::int32_t offset;
  };
  std::vector<Part> parts(Kind kind) const;

  const dram::Standard& standard_;
  std::int32_t banks_;
  std::size_t stride_;  // ready times of a kind
  Tick epoch_ = 0;
  std::array<dram::CommandId, kind_count> id_;
  std::array<std::int32_t, kind_count> mask_{}, occupies_{};
  std::array<int, kind_count> bus_number_{};
  std::vector<std::int32_t> ready_;                  // by kind and bank; of wide kinds at the lowest bank of each reach
  std::vector<std::int32_t> bus_free_;               // by bus node
  std::vector<std::int16_t> bus_of_;                 // by bank and kind
  std::array<std::vector<std::vector<std::int32_t>>, kind_count> reached_;
  std::vector<std::uint8_t> shared_;                 // by two banks: the level of their deepest common node
  std::vector<Effects> effects_;                     // by bank and kind
  std::vector<Point> points_;
  std::vector<Row> rows_;
  std::vector<std::int32_t> waits_;
  std::array<std::vector<std::int32_t>, kind_count> pushes_;
  std::vector<Ring> rings_;
};

}  // namespace wordline::memory
