#include "wordline/memory/timing.h"

#include <algorithm>
#include <bit>
#include <map>
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
// Whether a kind may reach more than its bank.
constexpr bool may_reach_more(Kind kind) { return kind >= pre_all; }

constexpr std::size_t most_points = 4;  // a command that holds back no more banks than these needs no row for them

}  // namespace

Timing::Timing(const dram::Standard& standard, Kind refresh)
    : standard_(standard),
      banks_(standard.geometry.banks()),
      stride_(static_cast<std::size_t>(padded(banks_))),
      id_(command_ids(standard)),
      ready_(stride_ * kind_count, 0) {
  if (!std::has_single_bit(static_cast<unsigned>(standard.ticks_per_clock)))
    throw std::logic_error("ticks per clock: wanted 1, 2 or 4");
  number_kinds(refresh);
  find_shared_levels();
  compile_effects();
  compile_windows();
}

void Timing::number_kinds(Kind refresh) {
  for (const Kind kind : {ref_all, ref_bank})
    if (kind != refresh) id_[kind] = dram::no_command;
  if (refresh != ref_all) id_[pre_all] = dram::no_command;
  std::vector<std::int32_t> first;  // node of each bus
  std::int32_t nodes = 0;
  for (const auto& bus : standard_.buses) {
    first.push_back(nodes);
    nodes += standard_.geometry.nodes[static_cast<std::size_t>(bus.level)];
  }
  bus_free_.assign(static_cast<std::size_t>(nodes), 0);
  bus_of_.assign(static_cast<std::size_t>(banks_) * kind_count, 0);
  for (int k = 0; k < kind_count; ++k) {
    const auto kind = static_cast<Kind>(k);
    if (!exists(kind)) continue;
    const auto& spec = standard_.spec(id_[kind]);
    mask_[kind] = static_cast<std::int32_t>(spec.align - 1);
    bus_number_[kind] = spec.bus;
    occupies_[kind] = static_cast<std::int32_t>(spec.occupies);
    if (parts(kind).size() > 1) {
      const auto& part = standard_.spec(standard_.usual.act_first);
      if (standard_.act_spacing != part.occupies) throw std::logic_error("something fits between the parts of an ACT");
      mask_[kind] = static_cast<std::int32_t>(part.align - 1);
      occupies_[kind] += static_cast<std::int32_t>(standard_.act_spacing);
    }
    const int level = standard_.buses[static_cast<std::size_t>(spec.bus)].level;
    for (std::int32_t bank = 0; bank < banks_; ++bank) {
      bus_of_[index(bank, kind)] = static_cast<std::int16_t>(first[static_cast<std::size_t>(spec.bus)] +
                                                             standard_.geometry.node(level, bank));
      if (!may_reach_more(kind)) continue;
      const auto banks = standard_.reached(id_[kind], bank);
      reached_[kind].emplace_back(banks.begin(), banks.end());
    }
  }
  for (const auto& [with, without] : {std::pair{rda, rd}, std::pair{wra, wr}})
    for (std::size_t e = 0; e < standard_.commands.size(); ++e)
      for (int s = 0; s < standard_.geometry.depth(); ++s)
        if (exists(with) && standard_.gap(s, static_cast<dram::CommandId>(e), id_[with]) !=
                                standard_.gap(s, static_cast<dram::CommandId>(e), id_[without]))
          throw std::logic_error("rules tell a column command from its auto-precharging form");
}

void Timing::find_shared_levels() {
  const auto& geometry = standard_.geometry;
  shared_.assign(static_cast<std::size_t>(banks_) * static_cast<std::size_t>(banks_), 0);
  for (int level = 1; level < geometry.depth(); ++level) {
    const std::int32_t below = geometry.banks_below[static_cast<std::size_t>(level)];
    for (std::int32_t a = 0; a < banks_; ++a)
      for (std::int32_t b = a / below * below; b < a / below * below + below; ++b)
        shared_[static_cast<std::size_t>(a * banks_ + b)] = static_cast<std::uint8_t>(level);
  }
}

std::vector<Timing::Part> Timing::parts(Kind kind) const {
  if (kind != act || standard_.usual.act_first == dram::no_command) return {{id_[kind], 0}};
  return {{standard_.usual.act_first, 0}, {id_[act], static_cast<std::int32_t>(standard_.act_spacing)}};
}

// The waits by the deepest level that two commands share, less what the command bus demands: that is kept apart.
std::vector<std::int32_t> Timing::needs(Kind earlier, Kind later) const {
  const int bus_level = standard_.buses[static_cast<std::size_t>(bus_number_[earlier])].level;
  std::vector<std::int32_t> waits;
  for (int shared = 0; shared < standard_.geometry.depth(); ++shared) {
    std::int32_t most = 0;
    for (const Part& e : parts(earlier))
      for (const Part& l : parts(later))
        if (const std::int32_t gap = standard_.gap(shared, e.id, l.id); gap > 0)
          most = std::max(most, gap + e.offset - l.offset);
    const bool one_bus = bus_number_[earlier] == bus_number_[later] && shared >= bus_level;
    waits.push_back(one_bus && most <= occupies_[earlier] ? 0 : most);
  }
  return waits;
}

// How long each bank's command of the later kind waits for an earlier one, by the deepest level that any two banks of
// what they reach share; `needed` is needs() of the two.
Timing::Waits Timing::waits_after(Kind earlier, std::int32_t bank, Kind later,
                                  const std::vector<std::int32_t>& needed) const {
  const std::vector<std::int32_t> alone{bank};
  Waits waits(static_cast<std::size_t>(banks_), 0);
  for (std::int32_t b = 0; b < banks_; ++b) {
    const bool more = may_reach_more(later);
    if (more && lowest(later, b) != b) continue;
    int deepest = 0;
    for (const std::int32_t from : may_reach_more(earlier) ? reached(earlier, bank) : alone) {
      const std::uint8_t* const levels = shared_.data() + static_cast<std::size_t>(from * banks_);
      if (!more) deepest = std::max<int>(deepest, levels[b]);
      if (more)
        for (const std::int32_t to : reached(later, b)) deepest = std::max<int>(deepest, levels[to]);
    }
    waits[static_cast<std::size_t>(b)] = needed[static_cast<std::size_t>(deepest)];
  }
  return waits;
}

// Adds to the effects that are last what raises the later kind's ready times so.
void Timing::add(Kind later, const Waits& waits) {
  const auto first_slot = static_cast<std::int32_t>(static_cast<std::size_t>(later) * stride_);
  std::vector<std::int32_t> held;
  for (std::int32_t b = 0; b < banks_; ++b)
    if (waits[static_cast<std::size_t>(b)] > 0) held.push_back(b);
  if (held.size() <= most_points) {
    for (const std::int32_t b : held) points_.push_back({first_slot + b, waits[static_cast<std::size_t>(b)]});
    return;
  }
  const std::int32_t first = held.front(), count = held.back() + 1 - first;
  rows_.push_back({first_slot + first, static_cast<std::int32_t>(waits_.size()), count});
  for (std::int32_t b = first; b < first + count; ++b) {
    const std::int32_t wait = waits[static_cast<std::size_t>(b)];
    waits_.push_back(wait > 0 ? wait : no_wait);
  }
  waits_.resize(static_cast<std::size_t>(rows_.back().waits + padded(count)), no_wait);
}

void Timing::compile_effects() {
  effects_.resize(static_cast<std::size_t>(banks_) * kind_count);
  const int group_level = std::max(0, standard_.geometry.bank_level() - 1);
  for (int e = 0; e < kind_count; ++e) {
    const auto earlier = static_cast<Kind>(e);
    if (!exists(earlier)) continue;
    std::vector<std::pair<Kind, std::vector<std::int32_t>>> held;  // the later kinds that wait, and how long
    for (int l = 0; l < kind_count; ++l) {
      const auto later = static_cast<Kind>(l);
      if (!exists(later) || !waits_itself(later)) continue;
      auto needed = needs(earlier, later);
      if (std::any_of(needed.begin(), needed.end(), [](std::int32_t wait) { return wait > 0; }))
        held.emplace_back(later, std::move(needed));
    }
    std::map<std::pair<Kind, std::int32_t>, Row> of_group;  // what banks of one group do alike, once for all of them
    for (std::int32_t bank = 0; bank < banks_; ++bank) {
      if (may_reach_more(earlier) && earlier < cas_rd && lowest(earlier, bank) != bank) continue;
      Effects& own = effects_[index(bank, earlier)];
      own.point = static_cast<std::int32_t>(points_.size());
      own.row = static_cast<std::int32_t>(rows_.size());
      for (const auto& [later, needed] : held) {
        // A bank's own longer wait is a point; the row is that of its group's other banks.
        const bool alike = !may_reach_more(earlier) && !may_reach_more(later) && needed.size() >= 2 &&
                           needed.back() >= *(needed.end() - 2) && *(needed.end() - 2) > 0;
        if (!alike) {
          add(later, waits_after(earlier, bank, later, needed));
          continue;
        }
        auto of_others = needed;
        of_others.back() = *(needed.end() - 2);
        const auto group = std::pair{later, standard_.geometry.node(group_level, bank)};
        if (const auto known = of_group.find(group); known != of_group.end()) {
          rows_.push_back(known->second);
        } else {
          const std::size_t before = rows_.size();
          add(later, waits_after(earlier, bank, later, of_others));
          if (rows_.size() > before) of_group.emplace(group, rows_.back());
        }
        if (needed.back() > of_others.back())
          points_.push_back({static_cast<std::int32_t>(static_cast<std::size_t>(later) * stride_) + bank, needed.back()});
      }
      own.points = static_cast<std::int16_t>(points_.size() - static_cast<std::size_t>(own.point));
      own.rows = static_cast<std::int16_t>(rows_.size() - static_cast<std::size_t>(own.row));
    }
  }
}

void Timing::compile_windows() {
  for (const dram::Window& window : standard_.windows) {
    Ring ring;
    ring.ticks = window.ticks;
    ring.n = window.n;
    ring.banks = standard_.geometry.banks_below[static_cast<std::size_t>(window.level)];
    const auto nodes = static_cast<std::size_t>(standard_.geometry.nodes[static_cast<std::size_t>(window.level)]);
    ring.past.assign(nodes * static_cast<std::size_t>(window.n), no_wait);
    ring.next.assign(nodes, 0);
    ring.zeros.assign(static_cast<std::size_t>(ring.banks), 0);
    ring.zeros.resize(static_cast<std::size_t>(padded(ring.banks)), no_wait);
    for (int k = 0; k < kind_count; ++k) {
      const auto kind = static_cast<Kind>(k);
      if (!exists(kind)) continue;
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

void Timing::move(Tick now) {
  const Tick passed = now - epoch_;
  const auto move = [&](std::vector<std::int32_t>& ticks) {
    for (std::int32_t& tick : ticks) tick = static_cast<std::int32_t>(std::max<Tick>(tick - passed, no_wait));
  };
  move(ready_);
  move(bus_free_);
  for (Ring& ring : rings_) move(ring.past);
  epoch_ = now;
}

}  // namespace wordline::memory
