// When may a command issue? The rule table as ready times by node and kind, kept up by every command.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "wordline/dram/standard.h"

namespace wordline::memory {

using dram::Tick;
inline constexpr Tick never = std::numeric_limits<Tick>::max();

// The commands that the controllers issue, numbered densely. Each has a ready time at each node, which every command
// raises; the auto-precharging ones are ready when their plain ones are. An activation of two parts is one kind: its
// second part follows the first at the least spacing, and nothing comes between.
enum Kind : std::uint8_t { act, pre, rd, wr, rda, wra, pre_all, ref_all, ref_bank, cas_rd, cas_wr, kind_count };

// The command id of each kind; no_command where the standard lacks it.
std::array<dram::CommandId, kind_count> command_ids(const dram::Standard& standard);

class Timing {
 public:
  // `refresh`: ref_all, ref_bank or, where nothing is refreshed, kind_count. The standard must outlive it.
  explicit Timing(const dram::Standard& standard, Kind refresh = kind_count);

  // The first tick at or after `from` that the channel, the lane and the command bus allow for a hot kind to any bank
  // of the lane of `bank`.
  Tick common(Kind kind, std::int32_t bank, Tick from) const {
    const Place& place = places_[static_cast<std::size_t>(bank)];
    Tick at = later(from, bus_free_[static_cast<std::size_t>(place.bus[kind])]);
    at = later(at, hot_[static_cast<std::size_t>(place.lane + kind)]);
    return aligned(kind, at);
  }
  // The same for one bank, where common() has given `from`: what the levels below the lane add.
  Tick below(Kind kind, std::int32_t bank, Tick from) const {
    const Place& place = places_[static_cast<std::size_t>(bank)];
    const Tick* const hot = hot_.data() + kind;
    return later(later(from, hot[place.rank]), later(hot[place.group], hot[place.bank]));
  }
  // What the bank alone allows: no command of the kind is earlier.
  Tick of_bank(Kind kind, std::int32_t bank) const {
    return hot_[static_cast<std::size_t>(places_[static_cast<std::size_t>(bank)].bank + kind)];
  }
  Tick earliest_hot(Kind kind, std::int32_t bank, Tick from) const {
    return below(kind, bank, common(kind, bank, from));
  }
  // The first tick at or after `from` for a command to more than one bank, or a refresh. `bank` is any that it reaches.
  Tick earliest_wide(Kind kind, std::int32_t bank, Tick from) const;
  // Takes the command as issued at `now`.
  void issue(Kind kind, std::int32_t bank, Tick now) {
    bus_free_[static_cast<std::size_t>(places_[static_cast<std::size_t>(bank)].bus[kind])] = now + occupies_[kind];
    const Span span = spans_[static_cast<std::size_t>(bank) * kind_count + kind];
    const Effect* effect = effects_.data() + span.first;
    const Effect* const end = effects_.data() + span.end;
    Tick* const hot = hot_.data();
    if (whole_clocks_[kind]) {
      for (; effect != end; ++effect) hot[effect->slot] = later(hot[effect->slot], now + effect->ticks);
    } else {
      for (; effect != end; ++effect)
        hot[effect->slot] =
            later(hot[effect->slot], aligned(static_cast<Kind>(effect->slot % stride), now + effect->ticks));
    }
    for (const std::int32_t ring : pushes_[kind]) push(rings_[static_cast<std::size_t>(ring)], kind, bank, now);
  }
  // The banks that a command of that kind reaches.
  const std::vector<std::int32_t>& reached(Kind kind, std::int32_t bank) const {
    return reached_[kind][static_cast<std::size_t>(bank)];
  }

 private:
  static constexpr Tick long_ago = std::numeric_limits<Tick>::min() / 4;
  static constexpr std::int32_t stride = 16;  // ready times of a node
  static_assert(kind_count <= stride);

  struct Update {  // of a ready time, after a command
    std::int32_t ticks;
    std::int32_t mask;  // alignment of the later kind - 1
    std::int8_t level;
    std::uint8_t later;
  };
  struct Effect {  // an update of one command at one bank, laid out flat
    std::int32_t slot, ticks;
  };
  struct Span {  // a command's part of effects_
    std::int32_t first = 0, end = 0;
  };
  struct alignas(64) Place {  // a bank's ready times: slots of its lane and of the three levels below
    std::int32_t lane = 0, rank = 0, group = 0, bank = 0;
    std::array<std::int32_t, kind_count> bus{};  // into bus_free_
  };
  struct Ring {  // the edges of the last n commands of a window at each node of its level
    std::int32_t ticks = 0, level = 0, n = 0;
    std::array<std::int32_t, kind_count> edge{};      // from an earlier command's tick to the edge that counts
    std::array<std::int32_t, kind_count> own_edge{};  // and from the later one's
    std::vector<Kind> later;                          // those that wait
    std::vector<std::int32_t> node;                   // by bank
    std::vector<Tick> past;                           // n per node
    std::vector<std::int32_t> next;                   // place of the oldest, per node
    std::vector<std::int32_t> first_slot, end_slot;   // its ready times, per node
  };

  static Tick later(Tick a, Tick b) { return a > b ? a : b; }
  Tick aligned(Kind kind, Tick at) const { return (at + mask_[kind]) & ~static_cast<Tick>(mask_[kind]); }
  void raise(std::size_t slot, Tick at) { hot_[slot] = later(hot_[slot], at); }
  // Nodes of a level, counted over all levels, that a command of a wide kind reaches.
  std::vector<std::int32_t> nodes(Kind kind, std::int32_t bank, int level) const;
  void lay_out_effects();
  void add_effects(Kind kind, std::int32_t bank);
  void add_set_effects(Kind kind, std::int32_t bank);
  bool set_reach(Kind kind) const { return kind == ref_bank && sets_; }
  void push(Ring& ring, Kind kind, std::int32_t bank, Tick now);

  void lay_out_nodes();
  void lay_out_places();
  void compile_kind(Kind earlier);
  void compile_windows();
  std::vector<std::int32_t> needs(Kind earlier, Kind later) const;
  struct Part {  // of a kind: a command that many ticks after the kind's tick
    dram::CommandId id;
    std::int32_t offset;
  };
  std::vector<Part> parts(Kind kind) const;

  const dram::Standard& standard_;
  std::size_t depth_;
  int lane_level_;
  std::array<dram::CommandId, kind_count> id_;
  std::array<std::int32_t, kind_count> mask_{};
  std::array<int, kind_count> level_{};  // of the node that it goes to
  std::array<bool, kind_count> wide_{};  // reaches more than one bank
  std::vector<std::int32_t> node_base_;  // first node of each level
  std::vector<std::int32_t> path_;       // by bank and level: the node
  std::vector<Tick> hot_;                // ready times by node and kind, then those of sets of banks
  std::array<std::int32_t, kind_count> bus_base_{}, bus_level_{}, occupies_{};
  std::vector<Tick> bus_free_;
  std::array<std::vector<Update>, kind_count> updates_;        // at the command's own nodes
  std::array<std::vector<Update>, kind_count> other_updates_;  // at their siblings
  std::vector<Effect> effects_;
  std::vector<Span> spans_;                      // by bank and kind
  std::vector<Place> places_;                    // by bank
  std::array<bool, kind_count> whole_clocks_{};  // its effects need no rounding up
  bool sets_ = false;                            // ref_bank reaches sets of banks, neither one bank nor a node
  std::vector<std::int32_t> set_slot_;  // by bank: the ready time of what ref_bank reaches there, where that is a set
  std::array<std::vector<std::int32_t>, kind_count> pushes_;
  std::vector<Ring> rings_;
  std::array<std::vector<std::vector<std::int32_t>>, kind_count> reached_;
};

}  // namespace wordline::memory
