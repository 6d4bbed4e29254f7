// When may a command issue? A ready time for each kind of command at each bank, which every command raises by the waits
// of the rule table.
#pragma once

#include <memory>
#include <vector>

#include "wordline/memory/timing_table.h"
#include "wordline/memory/vectors.h"

namespace wordline::memory {

inline constexpr Tick never = std::numeric_limits<Tick>::max();

// Times within are 32-bit ticks since an epoch, which move() sets; a command's row of waits is added to its tick and
// compared with the ready times of many banks at once.
class Timing {
 public:
  // `refresh`: ref_all, ref_bank or, where nothing is refreshed, kind_count. The standard must outlive it, unchanged.
  explicit Timing(const dram::Standard& standard, Kind refresh = kind_count);

  static constexpr Tick longest = TimingTable::longest;  // after the epoch no command may issue later
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
    return bus_free_.data() + bus_of_[TimingTable::index(bank, kind)];
  }
  // The first edge at or after `tick` where the kind may begin. `whole`: ticks are whole clocks.
  template <bool whole = false>
  std::int32_t edge(Kind kind, std::int32_t tick) const {
    return whole ? tick : (tick + mask_[kind]) & ~mask_[kind];
  }
  // Takes the command as issued at `tick`, which is within `longest`.
  [[gnu::always_inline]] void issue(Kind kind, std::int32_t bank, std::int32_t tick) {
    const std::size_t own = TimingTable::index(bank, kind);
    bus_free_[static_cast<std::size_t>(bus_of_[own])] = tick + occupies_[kind];
    last_[own] = newest_[kind] = tick;
    const TimingTable::Effects& effects = effects_[own];
    std::int32_t* const ready = ready_.data();
    if (kind <= wr) {  // what the bank itself waits for besides
      std::int32_t* const own_ready = ready + slot_of_[bank];
      const auto raise = [&](Kind later) {
        const std::int32_t at = tick + own_waits_[kind][later];
        std::int32_t& then = own_ready[later * stride_];
        if (then < at) then = at;
      };
      if (kind == act || kind == pre) raise(act);
      if (kind != pre) raise(pre);
      if (kind == act) raise(rd), raise(wr);
    }
    for (const TimingTable::Point* point = effects.points; point != effects.points_end; ++point) {
      const std::int32_t at = tick + point->wait;
      if (ready[point->slot] < at) ready[point->slot] = at;
    }
    for (const TimingTable::Row* row = effects.rows; row != effects.rows_end; ++row)
      raise_to(ready + row->slot, row->waits, tick, row->count);
    if (counted_[kind]) count(kind, bank, tick);
  }

  // ---- in ticks

  // Whether the rules for the bank's commands allow the kind at `now`, bus and clock edges apart; and from when on.
  bool allows(Kind kind, std::int32_t bank, Tick now) const { return of_bank(kind, bank) <= now; }
  Tick of_bank(Kind kind, std::int32_t bank) const { return epoch_ + ready_[slot(kind, bank)]; }
  // The first tick at or after `from` for any kind; `bank` is one that the command reaches.
  Tick earliest(Kind kind, std::int32_t bank, Tick from) const;
  // The banks that a command of that kind from cas_rd on reaches, in rising order.
  const std::vector<std::int32_t>& reached(Kind kind, std::int32_t bank) const {
    return table_->reached[kind][static_cast<std::size_t>(bank)];
  }

 private:
  struct Ring {  // of a window: the edges of the last n commands at each node
    const TimingTable::Window* window;
    std::vector<std::int32_t> past;  // n per node
    std::vector<std::int32_t> next;  // place of the oldest, per node
  };

  std::size_t slot(Kind kind, std::int32_t bank) const {
    return static_cast<std::size_t>(slot_of_[bank] + kind * stride_);
  }
  std::int32_t found(Kind kind, std::int32_t bank, std::int32_t from) const;
  // Counts a command in the windows and raises the ready times of what waits for their oldest one.
  [[gnu::always_inline]] void count(Kind kind, std::int32_t bank, std::int32_t tick) {
    for (Ring *ring = rings_.data(), *end = ring + rings_.size(); ring != end; ++ring) {
      const TimingTable::Window& window = *ring->window;
      if (!window.earlier[kind]) continue;
      const std::int32_t node = window.node[static_cast<std::size_t>(bank)];
      std::int32_t& next = ring->next[static_cast<std::size_t>(node)];
      std::int32_t* const past = ring->past.data() + node * window.n;
      past[next] = tick + window.edge[kind];
      if (++next == window.n) next = 0;
      const std::int32_t until = past[next] + window.ticks;
      if (until <= tick) continue;
      const TimingTable::Target* target = window.targets.data() + node * window.targets_of_node;
      for (const TimingTable::Target* const last = target + window.targets_of_node; target != last; ++target)
        raise_to(ready_.data() + target->slot, window.no_waits.data(), until - target->own_edge, target->count);
    }
  }

  std::shared_ptr<const TimingTable> table_;
  Tick epoch_ = 0;
  // Of the table, at hand.
  const TimingTable::Effects* effects_;
  const std::int32_t* slot_of_;
  const std::int16_t* bus_of_;
  std::int32_t stride_;
  std::array<std::int32_t, kind_count> mask_, occupies_;
  std::array<std::array<std::int32_t, 4>, 4> own_waits_;
  std::array<bool, kind_count> counted_;

  std::vector<std::int32_t> ready_;     // by lane, kind and bank
  std::vector<std::int32_t> last_;      // by bank and kind: when it was issued last; at the lowest bank it reaches
  std::vector<std::int32_t> bus_free_;  // by bus node
  std::array<std::int32_t, kind_count> newest_;  // of last_ by kind
  std::vector<Ring> rings_;
};

}  // namespace wordline::memory
