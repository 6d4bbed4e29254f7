#include "wordline/memory/timing.h"

#include <algorithm>

namespace wordline::memory {

std::array<dram::CommandId, kind_count> command_ids(const dram::Standard& standard) {
  const auto& usual = standard.usual;
  return {usual.act, usual.pre, usual.pre_all, usual.rd, usual.wr, usual.ref_all};
}

Timing::Timing(const dram::Standard& standard)
    : standard_(standard), depth_(static_cast<std::size_t>(standard.geometry.depth())), id_(command_ids(standard)) {
  const auto& geometry = standard.geometry;
  std::int32_t nodes = 0;
  for (const int count : geometry.nodes) {
    base_.push_back(nodes);
    nodes += count;
  }
  ready_.assign(static_cast<std::size_t>(nodes) * stride, 0);
  for (int bank = 0; bank < geometry.banks(); ++bank)
    for (int level = 0; level < geometry.depth(); ++level) path_.push_back(slot(level, geometry.node(level, bank)));

  std::array<std::uint8_t, 256> kind_of;
  kind_of.fill(kind_count);
  for (std::uint8_t kind = 0; kind < kind_count; ++kind) {
    if (id_[kind] == dram::no_command) continue;
    kind_of[id_[kind]] = kind;
    align_[kind] = standard.spec(id_[kind]).align;
    level_[kind] = standard.spec(id_[kind]).level;
  }
  std::array<std::vector<bool>, kind_count> bound;
  bound.fill(std::vector<bool>(depth_));
  for (std::uint8_t kind = 0; kind < kind_count; ++kind) {
    if (id_[kind] == dram::no_command) continue;
    for (const dram::Gap& gap : standard.after(id_[kind])) {
      const std::uint8_t later = kind_of[gap.later];
      if (later == kind_count) continue;
      updates_[kind].push_back({.ticks = gap.ticks,
                                .level = gap.level,
                                .later = later,
                                .other = gap.other,
                                .wide = gap.level > level_[kind]});
      bound[later][static_cast<std::size_t>(gap.level)] = true;
      if (gap.level > standard.data_bus_level && (gap.other || gap.level < geometry.bank_level()))
        spreads_[kind] |= static_cast<std::uint8_t>(1u << later);
      if (gap.other && gap.level <= standard.data_bus_level) reaches_other_lanes_[kind] = true;
      if (!gap.other && gap.level > 0 && gap.level < standard.data_bus_level) reaches_other_lanes_[kind] = true;
    }
  }
  for (const dram::Window& window : standard.windows) {
    Ring ring{.ticks = window.ticks, .level = window.level, .n = window.n, .later = {}, .past = {}, .next = {}};
    const auto count = static_cast<std::size_t>(geometry.nodes[static_cast<std::size_t>(window.level)]);
    ring.past.assign(count * static_cast<std::size_t>(window.n), -window.ticks);
    ring.next.assign(count, 0);
    for (std::uint8_t kind = 0; kind < kind_count; ++kind) {
      if (id_[kind] == dram::no_command) continue;
      ring.later[kind] = window.later >> id_[kind] & 1;
      if (ring.later[kind]) bound[kind][static_cast<std::size_t>(window.level)] = true;
      if (window.earlier >> id_[kind] & 1) {
        pushes_[kind].push_back(rings_.size());
        if (window.level > standard.data_bus_level)
          for (std::uint8_t later = 0; later < kind_count; ++later)
            if (id_[later] != dram::no_command && (window.later >> id_[later] & 1))
              spreads_[kind] |= static_cast<std::uint8_t>(1u << later);
        if (window.level < standard.data_bus_level) reaches_other_lanes_[kind] = true;
      }
    }
    rings_.push_back(std::move(ring));
  }
  for (std::size_t kind = 0; kind < kind_count; ++kind)
    for (std::size_t level = depth_; level-- > 0;)
      if (bound[kind][level])
        bound_levels_[kind].level[static_cast<std::size_t>(bound_levels_[kind].count++)] =
            static_cast<std::int8_t>(level);
}

Tick Timing::earliest_wide(Kind kind, int bank, Tick from) const {
  Tick at = from;
  const auto& geometry = standard_.geometry;
  for (int i = 0; i < bound_levels_[kind].count; ++i) {
    const int level = bound_levels_[kind].level[static_cast<std::size_t>(i)];
    const int node = geometry.node(level, bank);
    if (level <= level_[kind]) {
      at = std::max(at, ready_[static_cast<std::size_t>(slot(level, node) + kind)]);
      continue;
    }
    const int below = geometry.banks_below[static_cast<std::size_t>(level_[kind])] /
                      geometry.banks_below[static_cast<std::size_t>(level)];
    const int first = geometry.node(level_[kind], bank) * below;
    for (int n = first; n < first + below; ++n)
      at = std::max(at, ready_[static_cast<std::size_t>(slot(level, n) + kind)]);
  }
  return aligned(kind, at);
}

void Timing::raise_around(const Update& update, int bank, Kind kind, Tick at) {
  const auto& geometry = standard_.geometry;
  const int level = update.level, node = geometry.node(level, bank);
  if (update.wide) {
    const int below = geometry.banks_below[static_cast<std::size_t>(level_[kind])] /
                      geometry.banks_below[static_cast<std::size_t>(level)];
    const int first = geometry.node(level_[kind], bank) * below;
    for (int n = first; n < first + below; ++n) raise(slot(level, n) + update.later, at);
    return;
  }
  const int siblings = geometry.sizes[static_cast<std::size_t>(level)];
  const int first = node - node % siblings;
  for (int n = first; n < first + siblings; ++n)
    if (n != node) raise(slot(level, n) + update.later, at);
}

void Timing::push(Ring& ring, int bank, Tick now) {
  const int node = standard_.geometry.node(ring.level, bank);
  auto& next = ring.next[static_cast<std::size_t>(node)];
  Tick* const past = ring.past.data() + static_cast<std::size_t>(node) * static_cast<std::size_t>(ring.n);
  past[next] = now;
  if (++next == ring.n) next = 0;
  for (std::uint8_t kind = 0; kind < kind_count; ++kind)
    if (ring.later[kind]) raise(slot(ring.level, node) + kind, past[next] + ring.ticks);
}

void Timing::issue(Kind kind, int bank, Tick now) {
  const std::int32_t* const path = path_.data() + static_cast<std::size_t>(bank) * depth_;
  for (const Update& update : updates_[kind]) {
    if (update.other || update.wide)
      raise_around(update, bank, kind, now + update.ticks);
    else
      raise(path[update.level] + update.later, now + update.ticks);
  }
  for (const std::size_t ring : pushes_[kind]) push(rings_[ring], bank, now);
}

}  // namespace wordline::memory
