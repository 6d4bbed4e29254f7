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

// Whether a kind has ready times of its own.
constexpr bool waits_itself(Kind kind) { return kind != rda && kind != wra; }

}  // namespace

Timing::Timing(const dram::Standard& standard, Kind refresh)
    : standard_(standard),
      depth_(static_cast<std::size_t>(standard.geometry.depth())),
      lane_level_(standard.data_bus_level),
      id_(command_ids(standard)) {
  if (!std::has_single_bit(static_cast<unsigned>(standard.ticks_per_clock)))
    throw std::logic_error("ticks per clock: wanted 1, 2 or 4");
  for (const Kind kind : {ref_all, ref_bank})
    if (kind != refresh) id_[kind] = dram::no_command;
  if (refresh != ref_all) id_[pre_all] = dram::no_command;
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
  sets_ = id_[ref_bank] != dram::no_command && standard.spec(id_[ref_bank]).reach != dram::Reach::node;
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
  hot_.assign(static_cast<std::size_t>(count + geometry.banks()) * stride, 0);
  for (int bank = 0; bank < geometry.banks(); ++bank) set_slot_.push_back((count + bank) * stride);
  for (int bank = 0; bank < geometry.banks(); ++bank)
    for (int level = 0; level < geometry.depth(); ++level)
      path_.push_back(node_base_[static_cast<std::size_t>(level)] + geometry.node(level, bank));
}

void Timing::lay_out_places() {
  const int depth = static_cast<int>(depth_), below = depth - 1 - lane_level_;
  if (below < 1 || below > 3) throw std::logic_error("wanted one to three levels below the data bus");
  for (int bank = 0; bank < standard_.geometry.banks(); ++bank) {
    const std::int32_t* const path = path_.data() + static_cast<std::size_t>(bank) * depth_;
    const auto slot = [&](int level) { return path[level] * stride; };
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
// it waits less. Whatever reaches a command's own node binds it there, as deep as can be.
void Timing::compile_kind(Kind earlier) {
  for (int k = 0; k < kind_count; ++k) {
    const auto kind = static_cast<Kind>(k);
    if (id_[kind] == dram::no_command || !waits_itself(kind)) continue;
    auto gaps = needs(earlier, kind);
    if (wide_[earlier] && !set_reach(earlier))  // its whole node waits alike
      std::fill(gaps.begin() + level_[earlier], gaps.end(), gaps.back());
    if (wide_[kind]) {  // a set's own waits are added for each set
      gaps[static_cast<std::size_t>(level_[kind])] = set_reach(kind) ? 0 : gaps.back();
      gaps.resize(static_cast<std::size_t>(level_[kind]) + 1);
    }
    for (int level = 0; level < static_cast<int>(gaps.size()); ++level) {
      // What every pair that shares this level or a deeper one has to wait for.
      const std::int32_t all = *std::min_element(gaps.begin() + level, gaps.end());
      const std::int32_t above = level == 0 ? 0 : *std::min_element(gaps.begin() + level - 1, gaps.end());
      if (all > above) updates_[earlier].push_back({all, mask_[kind], static_cast<std::int8_t>(level), kind});
      // Those that share this level and no deeper one may wait longer: siblings below it.
      const std::int32_t siblings = gaps[static_cast<std::size_t>(level)];
      if (siblings <= all) continue;
      if (wide_[earlier] && level + 1 > level_[earlier])
        throw std::logic_error("a rule of siblings below the node that a command goes to");
      other_updates_[earlier].push_back({siblings, mask_[kind], static_cast<std::int8_t>(level + 1), kind});
    }
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
    for (int bank = 0; bank < standard_.geometry.banks(); ++bank)
      ring.node.push_back(standard_.geometry.node(window.level, bank));
    for (std::size_t node = 0; node < count; ++node) {  // its own ready times, or those of the lanes below it
      const auto level = static_cast<std::size_t>(std::max(ring.level, lane_level_));
      const std::size_t below = static_cast<std::size_t>(standard_.geometry.nodes[level]) / count;
      const std::size_t first =
          (static_cast<std::size_t>(node_base_[level]) + node * below) * static_cast<std::size_t>(stride);
      ring.first_slot.push_back(static_cast<std::int32_t>(first));
      ring.end_slot.push_back(static_cast<std::int32_t>(first + below * static_cast<std::size_t>(stride)));
    }
    for (int k = 0; k < kind_count; ++k) {
      const auto kind = static_cast<Kind>(k);
      const auto id = id_[kind];
      if (id == dram::no_command) continue;
      for (const Part& part : parts(kind)) {
        const auto edge =
            part.offset + (window.first_edges ? 0 : static_cast<std::int32_t>(standard_.spec(part.id).last_edge));
        if (window.later >> part.id & 1) {
          ring.later.push_back(kind);
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

Tick Timing::earliest_wide(Kind kind, std::int32_t bank, Tick from) const {
  const std::int32_t* const path = path_.data() + static_cast<std::size_t>(bank) * depth_;
  Tick at = later(from, bus_free_[static_cast<std::size_t>(places_[static_cast<std::size_t>(bank)].bus[kind])]);
  for (int level = lane_level_; level <= level_[kind]; ++level)
    at = later(at, hot_[static_cast<std::size_t>(path[level] * stride + kind)]);
  if (set_reach(kind)) at = later(at, hot_[static_cast<std::size_t>(set_slot_[static_cast<std::size_t>(bank)] + kind)]);
  return aligned(kind, at);
}

void Timing::push(Ring& ring, Kind kind, std::int32_t bank, Tick now) {
  const std::int32_t node = ring.node[static_cast<std::size_t>(bank)];
  auto& next = ring.next[static_cast<std::size_t>(node)];
  Tick* const past = ring.past.data() + static_cast<std::size_t>(node) * static_cast<std::size_t>(ring.n);
  past[next] = now + ring.edge[kind];
  if (++next == ring.n) next = 0;
  const Tick until = past[next] + ring.ticks;
  if (until <= now) return;
  for (const Kind later_kind : ring.later) {
    const Tick at = aligned(later_kind, until - ring.own_edge[later_kind]);
    const std::int32_t end = ring.end_slot[static_cast<std::size_t>(node)];
    for (std::int32_t slot = ring.first_slot[static_cast<std::size_t>(node)]; slot < end; slot += stride)
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
    const std::int32_t first = level < lane ? node_base_[lane] + (node - node_base_[level]) * below : node;
    for (std::int32_t n = first; n < first + below; ++n) effects_.push_back({n * stride + update.later, ticks});
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
  if (set_reach(ref_bank)) add_set_effects(kind, bank);
  spans_[static_cast<std::size_t>(bank) * kind_count + kind] = {first, static_cast<std::int32_t>(effects_.size())};
}

// What keeps ref_bank from sets of banks: from all of a rank alike, and from some for longer.
void Timing::add_set_effects(Kind kind, std::int32_t bank) {
  const auto& geometry = standard_.geometry;
  const int level = level_[ref_bank];
  const std::int32_t below = geometry.banks_below[static_cast<std::size_t>(level)], first = bank / below * below;
  std::vector<std::pair<std::int32_t, std::int32_t>> waits;  // of each set: its lowest bank, the wait
  std::int32_t least = std::numeric_limits<std::int32_t>::max();
  for (std::int32_t b = first; b < first + below; ++b) {
    if (reached(ref_bank, b).front() != b) continue;
    std::int32_t most = 0;
    for (const Part& part : parts(kind)) {
      const int shared = standard_.shared_level(part.id, bank, id_[ref_bank], b);
      if (const std::int32_t gap = standard_.gap(shared, part.id, id_[ref_bank]); gap > 0)
        most = std::max(most, gap + part.offset);
    }
    waits.emplace_back(b, most);
    least = std::min(least, most);
  }
  const auto add = [&](std::int32_t slot, std::int32_t ticks) {
    if (ticks > 0) effects_.push_back({slot + ref_bank, ticks});
  };
  add(path_[static_cast<std::size_t>(bank) * depth_ + static_cast<std::size_t>(level)] * stride, least);
  for (const auto& [lowest, wait] : waits)
    if (wait > least) add(set_slot_[static_cast<std::size_t>(lowest)], wait);
}

void Timing::lay_out_effects() {
  spans_.resize(static_cast<std::size_t>(standard_.geometry.banks()) * kind_count);
  const auto widest = *std::max_element(mask_.begin(), mask_.end());
  for (int k = 0; k < kind_count; ++k) {
    const auto kind = static_cast<Kind>(k);
    if (id_[kind] == dram::no_command) continue;
    whole_clocks_[kind] = mask_[kind] == widest && !set_reach(ref_bank);
    for (std::int32_t bank = 0; bank < standard_.geometry.banks(); ++bank) add_effects(kind, bank);
  }
}

}  // namespace wordline::memory
