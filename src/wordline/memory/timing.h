// When may a command issue? The rule table as one array of ready times by node and kind, kept up by every command.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "wordline/dram/standard.h"

namespace wordline::memory {

using dram::Tick;

// The commands that the controllers issue, numbered densely.
enum Kind : std::uint8_t { act, pre, pre_all, rd, wr, ref_all, kind_count };

// Ready times of one channel. Windows (tFAW) are folded in when the command that closes them issues.
class Timing {
 public:
  explicit Timing(const dram::Standard& standard);

  // The first tick at or after `from` at which rules and alignment allow a command for one bank: act, pre, rd, wr.
  // Gives up with `never` once it is known to be after `limit`.
  Tick earliest(Kind kind, int bank, Tick from, Tick limit) const {
    Tick at = from;
    const Tick* const ready = ready_.data() + kind;
    const std::int32_t* const path = path_.data() + static_cast<std::size_t>(bank) * depth_;
    const Levels& levels = bound_levels_[kind];
    for (int i = 0; i < levels.count; ++i) {
      const Tick there = ready[path[levels.level[i]]];
      if (there <= at) continue;
      if (there > limit) return std::numeric_limits<Tick>::max();
      at = there;
    }
    return aligned(kind, at);
  }
  // The same for a command to all banks of a node: pre_all, ref_all. `bank` is any bank of it.
  Tick earliest_wide(Kind kind, int bank, Tick from) const;
  // What rules of the data bus and of all above it allow for the bank's lane: they bind its banks alike.
  Tick earliest_on_lane(Kind kind, int bank) const {
    const std::int32_t* const path = path_.data() + static_cast<std::size_t>(bank) * depth_;
    Tick at = 0;
    for (int level = 0; level <= standard_.data_bus_level; ++level) {
      const Tick there = ready_[static_cast<std::size_t>(path[level] + kind)];
      at = there > at ? there : at;
    }
    return at;
  }
  // Takes the command as issued at `now`.
  void issue(Kind kind, int bank, Tick now);
  // Whether `issued` may hold back `later` at other banks of its lane in other ways than earliest_on_lane() shows.
  bool spreads(Kind issued, Kind later) const { return spreads_[issued] >> later & 1; }
  // Whether a command of this kind holds back others beyond its own lane in other ways than by the channel's ready
  // times.
  bool reaches_other_lanes(Kind kind) const { return reaches_other_lanes_[kind]; }
  Tick aligned(Kind kind, Tick at) const {
    const Tick align = align_[kind];
    return align == 1 ? at : (at + align - 1) / align * align;
  }

 private:
  struct Levels {  // that bind a kind, the bank first
    int count = 0;
    std::array<std::int8_t, 8> level{};
  };
  struct Update {
    std::int32_t ticks;
    std::int8_t level;
    std::uint8_t later;
    bool other;
    bool wide;  // below the command's own node: all nodes under it
  };
  struct Ring {  // the last n commands of a window at each node of its level
    std::int32_t ticks, level, n;
    std::array<bool, kind_count> later;
    std::vector<Tick> past;          // n per node
    std::vector<std::int32_t> next;  // place of the oldest, per node
  };
  void raise(std::int32_t slot, Tick at) {
    if (ready_[static_cast<std::size_t>(slot)] < at) ready_[static_cast<std::size_t>(slot)] = at;
  }
  void raise_around(const Update& update, int bank, Kind kind, Tick at);
  void push(Ring& ring, int bank, Tick now);
  std::int32_t slot(int level, int node) const { return (base_[static_cast<std::size_t>(level)] + node) * stride; }

  static constexpr int stride = 8;  // ready times of a node: one cache line
  const dram::Standard& standard_;
  std::size_t depth_;
  std::vector<std::int32_t> base_;  // first node of each level
  std::vector<std::int32_t> path_;  // by bank and level: the node's first ready time
  std::vector<Tick> ready_;
  std::array<dram::CommandId, kind_count> id_{};
  std::array<Tick, kind_count> align_{};
  std::array<int, kind_count> level_{};
  std::array<Levels, kind_count> bound_levels_;
  std::array<std::vector<Update>, kind_count> updates_;
  std::array<std::vector<std::size_t>, kind_count> pushes_;
  std::array<bool, kind_count> reaches_other_lanes_{};
  std::array<std::uint8_t, kind_count> spreads_{};  // bit per later kind
  std::vector<Ring> rings_;
};

// The command id of each kind; no_command where the standard lacks it.
std::array<dram::CommandId, kind_count> command_ids(const dram::Standard& standard);

}  // namespace wordline::memory
