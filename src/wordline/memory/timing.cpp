#include "wordline/memory/timing.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace wordline::memory {

std::array<dram::CommandId, kind_count> command_ids(const dram::Standard& standard) {
  const auto& usual = standard.usual;
  return {usual.act,     usual.pre,     usual.rd,       usual.wr,     usual.rda,   usual.wra,
          usual.pre_all, usual.ref_all, usual.ref_bank, usual.cas_rd, usual.cas_wr};
}

namespace {

constexpr bool is_hot(Kind kind) { return kind < hot_kinds; }
constexpr bool is_cold(Kind kind) { return kind >= pre_all; }

}  // namespace

Timing::Timing(const dram::Standard& standard)
    : standard_(standard),
      depth_(static_cast<std::size_t>(standard.geometry.depth())),
      lane_level_(standard.data_bus_level),
      id_(command_ids(standard)) {
  if (!std::has_single_bit(static_cast<unsigned>(standard.ticks_per_clock)))
    throw std::logic_error("ticks per clock: wanted 1, 2 or 4");
  lay_out_nodes();
  std::vector<std::int32_t> bus_base;  // of each bus
  std::int32_t slots = 0;
  for (const auto& bus : standard.buses) {
    bus_base.push_back(slots);
    slots += standard.geometry.nodes[static_cast<std::size_t>(bus.level)];
  }
  bus_free_.assign(static_cast<std::size_t>(slots), 0);
  for (int k = 0; k < kind_count; ++k) {
    const auto kind = static_cast<Kind>(k);
    if (id_[kind] == dram::no_command) continue;
    const auto& spec = standard.spec(id_[kind]);
    mask_[kind] = static_cast<std::int32_t>(spec.align - 1);
    level_[kind] = spec.level;
    wide_[kind] = spec.level < standard.geometry.bank_level();
    bus_base_[kind] = bus_base[static_cast<std::size_t>(spec.bus)];
    bus_level_[kind] = standard.buses[static_cast<std::size_t>(spec.bus)].level;
    occupies_[kind] = static_cast<std::int32_t>(spec.occupies);
    if (parts(kind).size() > 1) {  // in two parts
      const auto& first = standard.spec(standard.usual.act_first);
      if (standard.act_spacing != first.occupies) throw std::logic_error("something fits between the parts of an ACT");
      mask_[kind] = static_cast<std::int32_t>(first.align - 1);
      occupies_[kind] += static_cast<std::int32_t>(standard.act_spacing);
    }
    for (int bank = 0; bank < standard.geometry.banks(); ++bank) {
      const auto banks = standard.reached(id_[kind], bank);
      reached_[kind].emplace_back(banks.begin(), banks.end());
    }
  }
  for (const auto& [with, without] : {std::pair{rda, rd}, std::pair{wra, wr}})
    for (std::size_t e = 0; e < standard.commands.size(); ++e)
      for (int s = 0; s < standard.geometry.depth(); ++s)
        if (id_[with] != dram::no_command && standard.gap(s, static_cast<dram::CommandId>(e), id_[with]) !=
                                                 standard.gap(s, static_cast<dram::CommandId>(e), id_[without]))
          throw std::logic_error("rules tell a column command from its auto-precharging form");
  for (int k = 0; k < kind_count; ++k)
    if (id_[static_cast<std::size_t>(k)] != dram::no_command) compile_kind(static_cast<Kind>(k));
  compile_windows();
  lay_out_places();
  lay_out_effects();
}

void Timing::lay_out_nodes() {
  const auto& geometry = standard_.geometry;
  std::int32_t count = 0;
  for (const int nodes : geometry.nodes) {
    node_base_.push_back(count);
    count += nodes;
  }
  hot_.assign(static_cast<std::size_t>(count * hot_stride), 0);
  cold_.assign(static_cast<std::size_t>(count) * cold_stride, long_ago);
  for (int bank = 0; bank < geometry.banks(); ++bank)
    for (int level = 0; level < geometry.depth(); ++level)
      path_.push_back(node_base_[static_cast<std::size_t>(level)] + geometry.node(level, bank));
}

void Timing::lay_out_places() {
  const int depth = static_cast<int>(depth_), below = depth - 1 - lane_level_;
  if (below < 1 || below > 3) throw std::logic_error("wanted one to three levels below the data bus");
  for (int bank = 0; bank < standard_.geometry.banks(); ++bank) {
    const std::int32_t* const path = path_.data() + static_cast<std::size_t>(bank) * depth_;
    const auto slot = [&](int level) { return path[level] * hot_stride; };
    Place place{.lane = slot(lane_level_),
                .rank = slot(below == 3 ? depth - 3 : depth - 1),
                .group = slot(below >= 2 ? depth - 2 : depth - 1),
                .bank = slot(depth - 1),
                .bus = {}};
    for (int k = 0; k < kind_count; ++k) {
      const auto kind = static_cast<std::size_t>(k);
      const auto level = static_cast<std::size_t>(bus_level_[kind]);
      place.bus[kind] = bus_base_[kind] + path[level] - node_base_[level];
    }
    places_.push_back(place);
  }
}

// The gap by the deepest level that two commands share, less what the command bus demands: that is kept apart.
std::vector<std::int32_t> Timing::needs(Kind earlier, Kind later) const {
  std::vector<std::int32_t> gaps;
  for (int shared = 0; shared < static_cast<int>(depth_); ++shared) {
    std::int32_t most = 0;
    for (const Part& e : parts(earlier))
      for (const Part& l : parts(later))
        if (const std::int32_t gap = standard_.gap(shared, e.id, l.id); gap > 0)
          most = std::max(most, gap + e.offset - l.offset);
    const bool one_bus = bus_base_[earlier] == bus_base_[later] && shared >= bus_level_[earlier];
    gaps.push_back(one_bus && most <= occupies_[earlier] ? 0 : most);
  }
  return gaps;
}

std::vector<Timing::Part> Timing::parts(Kind kind) const {
  if (kind != act || standard_.usual.act_first == dram::no_command) return {{id_[kind], 0}};
  return {{standard_.usual.act_first, 0}, {id_[act], static_cast<std::int32_t>(standard_.act_spacing)}};
}

// Turns the gaps after one kind into the fewest updates: at a node where deeper sharing waits longer, at siblings where
// it waits less.
void Timing::compile_kind(Kind earlier) {
  for (int k = 0; k < kind_count; ++k) {
    const auto kind = static_cast<Kind>(k);
    if (id_[kind] == dram::no_command || (!is_hot(kind) && !is_cold(kind))) continue;
    const auto gaps = needs(earlier, kind);
    for (int level = 0; level < static_cast<int>(depth_); ++level) {
      const auto l = static_cast<std::size_t>(level);
      // What every pair that shares this level or a deeper one has to wait for.
      const std::int32_t all = *std::min_element(gaps.begin() + level, gaps.end());
      const std::int32_t above = level == 0 ? 0 : *std::min_element(gaps.begin() + level - 1, gaps.end());
      if (all > above) {
        if (is_hot(kind))
          updates_[earlier].push_back({all, mask_[kind], static_cast<std::int8_t>(level), kind});
        else
          waits_[kind].push_back({all, static_cast<std::int8_t>(level), earlier, false});
      }
      if (gaps[l] > all) {  // those that share this level and no deeper one wait longer: siblings below it
        if (is_hot(kind))
          other_updates_[earlier].push_back({gaps[l], mask_[kind], static_cast<std::int8_t>(level + 1), kind});
        else
          waits_[kind].push_back({gaps[l], static_cast<std::int8_t>(level + 1), earlier, true});
        if (wide_[earlier] && level + 1 > level_[earlier])
          throw std::logic_error("a rule of siblings below the node that a command goes to");
      }
    }
    if (!is_cold(kind)) continue;
    for (const Wait& wait : waits_[kind])
      if (wait.earlier == earlier &&
          std::count(noted_levels_[earlier].begin(), noted_levels_[earlier].end(), wait.level) == 0)
        noted_levels_[earlier].push_back(wait.level);
  }
}

void Timing::compile_windows() {
  for (const dram::Window& window : standard_.windows) {
    Ring ring;
    ring.ticks = window.ticks;
    ring.level = window.level;
    ring.n = window.n;
    const auto count = static_cast<std::size_t>(standard_.geometry.nodes[static_cast<std::size_t>(window.level)]);
    ring.past.assign(count * static_cast<std::size_t>(window.n), long_ago);
    ring.next.assign(count, 0);
    for (std::size_t node = 0; node < count; ++node) {  // its own ready times, or those of the lanes below it
      const auto level = static_cast<std::size_t>(std::max(ring.level, lane_level_));
      const std::size_t below = static_cast<std::size_t>(standard_.geometry.nodes[level]) / count;
      const std::size_t first = (static_cast<std::size_t>(node_base_[level]) + node * below) * static_cast<std::size_t>(hot_stride);
      ring.first_slot.push_back(static_cast<std::int32_t>(first));
      ring.end_slot.push_back(static_cast<std::int32_t>(first + below * static_cast<std::size_t>(hot_stride)));
    }
    for (int k = 0; k < kind_count; ++k) {
      const auto kind = static_cast<Kind>(k);
      const auto id = id_[kind];
      if (id == dram::no_command) continue;
      for (const Part& part : parts(kind)) {
        const auto edge = part.offset +
                          (window.first_edges ? 0 : static_cast<std::int32_t>(standard_.spec(part.id).last_edge));
        if (window.later >> part.id & 1) {
          ring.is_later[kind] = 1;
          ring.own_edge[kind] = edge;
        }
        if (window.earlier >> part.id & 1) {
          ring.edge[kind] = edge;
          pushes_[kind].push_back(static_cast<std::int32_t>(rings_.size()));
        }
      }
    }
    rings_.push_back(std::move(ring));
  }
}

std::vector<std::int32_t> Timing::nodes(Kind kind, std::int32_t bank, int level) const {
  std::vector<std::int32_t> found;
  for (const std::int32_t reached : reached_[kind][static_cast<std::size_t>(bank)]) {
    const std::int32_t node = path_[static_cast<std::size_t>(reached) * depth_ + static_cast<std::size_t>(level)];
    if (found.empty() || found.back() != node) found.push_back(node);
  }
  return found;
}

Tick Timing::earliest_cold(Kind kind, std::int32_t bank, Tick from) const {
  const std::int32_t* const path = path_.data() + static_cast<std::size_t>(bank) * depth_;
  Tick at = later(from, bus_free_[static_cast<std::size_t>(places_[static_cast<std::size_t>(bank)].bus[kind])]);
  const auto regard = [&](std::int32_t node, const Wait& wait) {
    at = later(at, cold_[static_cast<std::size_t>(node) * cold_stride + wait.earlier] + wait.ticks);
  };
  for (const Wait& wait : waits_[kind]) {
    if (wait.other) {
      const auto level = static_cast<std::size_t>(wait.level);
      const std::int32_t siblings = standard_.geometry.sizes[level], own = path[level] - node_base_[level];
      const std::int32_t first = node_base_[level] + own / siblings * siblings;
      for (std::int32_t n = first; n < first + siblings; ++n)
        if (n != path[level]) regard(n, wait);
    } else if (wait.level <= level_[kind]) {
      regard(path[wait.level], wait);
    } else {
      std::int32_t before = -1;
      for (const std::int32_t reached : reached_[kind][static_cast<std::size_t>(bank)]) {
        const std::int32_t node =
            path_[static_cast<std::size_t>(reached) * depth_ + static_cast<std::size_t>(wait.level)];
        if (node != before) regard(node, wait);
        before = node;
      }
    }
  }
  for (const Ring& ring : rings_) {
    if (!ring.is_later[kind]) continue;
    const auto node = static_cast<std::size_t>(path[ring.level] - node_base_[static_cast<std::size_t>(ring.level)]);
    const Tick oldest = ring.past[node * static_cast<std::size_t>(ring.n) + static_cast<std::size_t>(ring.next[node])];
    at = later(at, oldest + ring.ticks - ring.own_edge[kind]);
  }
  return aligned(kind, at);
}

void Timing::push(Ring& ring, Kind kind, std::int32_t bank, Tick now) {
  const std::int32_t* const path = path_.data() + static_cast<std::size_t>(bank) * depth_;
  const std::int32_t node = path[ring.level] - node_base_[static_cast<std::size_t>(ring.level)];
  auto& next = ring.next[static_cast<std::size_t>(node)];
  Tick* const past = ring.past.data() + static_cast<std::size_t>(node) * static_cast<std::size_t>(ring.n);
  past[next] = now + ring.edge[kind];
  if (++next == ring.n) next = 0;
  const Tick until = past[next] + ring.ticks;
  for (int k = 0; k < hot_kinds; ++k) {
    if (!ring.is_later[static_cast<std::size_t>(k)]) continue;
    const auto later_kind = static_cast<Kind>(k);
    const Tick at = aligned(later_kind, later(0, until - ring.own_edge[later_kind]));
    for (std::int32_t slot = ring.first_slot[static_cast<std::size_t>(node)]; slot < ring.end_slot[static_cast<std::size_t>(node)]; slot += hot_stride)
      raise(static_cast<std::size_t>(slot + later_kind), at);
  }
}

// All that a command of one kind to one bank does to ready times, as (slot, ticks) pairs. Where its ticks lie on whole
// clocks, or the later command may begin on any tick, rounding up is done here once for all.
void Timing::add_effects(Kind kind, std::int32_t bank) {
  const auto add = [&](const Update& update, std::int32_t node) {
    const bool round = whole_clocks_[kind];
    const std::int32_t ticks = round ? (update.ticks + update.mask) & ~update.mask : update.ticks;
    const auto level = static_cast<std::size_t>(update.level);
    // What binds above the lanes is told to each lane, so that one look there is enough.
    const auto lane = static_cast<std::size_t>(lane_level_);
    const std::int32_t below = level < lane ? standard_.geometry.nodes[lane] / standard_.geometry.nodes[level] : 1;
    const std::int32_t first =
        level < lane ? node_base_[lane] + (node - node_base_[level]) * below : node;
    for (std::int32_t n = first; n < first + below; ++n)
      effects_.push_back({n * hot_stride + update.later, ticks});
  };
  const auto first = static_cast<std::int32_t>(effects_.size());
  for (const Update& update : updates_[kind])
    for (const std::int32_t node : nodes(kind, bank, update.level)) add(update, node);
  for (const Update& update : other_updates_[kind]) {
    const auto level = static_cast<std::size_t>(update.level);
    const auto own = nodes(kind, bank, update.level);
    const std::int32_t siblings = standard_.geometry.sizes[level];
    const std::int32_t begin = node_base_[level] + (own.front() - node_base_[level]) / siblings * siblings;
    for (std::int32_t n = begin; n < begin + siblings; ++n)
      if (std::find(own.begin(), own.end(), n) == own.end()) add(update, n);
  }
  Span& span = spans_[static_cast<std::size_t>(bank) * kind_count + kind];
  span.first = first;
  span.end = static_cast<std::int32_t>(effects_.size());
  span.first_note = static_cast<std::int32_t>(notes_.size());
  for (const std::int8_t level : noted_levels_[kind])
    for (const std::int32_t node : nodes(kind, bank, level))
      notes_.push_back(static_cast<std::int32_t>(static_cast<std::size_t>(node) * cold_stride + kind));
  span.end_note = static_cast<std::int32_t>(notes_.size());
}

void Timing::lay_out_effects() {
  spans_.resize(static_cast<std::size_t>(standard_.geometry.banks()) * kind_count);
  const auto widest = *std::max_element(mask_.begin(), mask_.end());
  for (int k = 0; k < kind_count; ++k) {
    const auto kind = static_cast<Kind>(k);
    if (id_[kind] == dram::no_command) continue;
    whole_clocks_[kind] = mask_[kind] == widest;
    for (std::int32_t bank = 0; bank < standard_.geometry.banks(); ++bank) add_effects(kind, bank);
  }
}

}  // namespace wordline::memory
