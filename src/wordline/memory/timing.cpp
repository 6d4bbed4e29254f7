#include "wordline/memory/timing.h"

#include <algorithm>
#include <bit>
#include <map>
#include <stdexcept>

namespace wordline::memory {

std::array<dram::CommandId, kind_count> command_ids(const dram::Standard& standard) {
  const auto& usual = standard.usual;
  return {usual.act,    usual.pre,    usual.rd,      usual.wr,      usual.rda,     usual.wra,
          usual.cas_rd, usual.cas_wr, usual.pre_all, usual.ref_all, usual.ref_bank};
}

namespace {

constexpr Kind kept[] = {act, pre, rd, wr, cas_rd, cas_wr};  // the kinds whose ready times are kept up
// Whether its ready time is found when asked.
constexpr bool is_found(Kind kind) { return kind >= pre_all; }
// Whether it may reach more than its bank.
constexpr bool reaches_more(Kind kind) { return kind >= cas_rd; }

constexpr std::size_t most_points = 4;  // a command that holds back no more banks than these needs no row for them

}  // namespace

Timing::Timing(const dram::Standard& standard, Kind refresh)
    : standard_(standard),
      banks_(standard.geometry.banks()),
      stride_(static_cast<std::size_t>(padded(banks_))),
      id_(command_ids(standard)),
      ready_(stride_ * pre_all, 0),
      last_(stride_ * kind_count, no_wait) {
  if (!std::has_single_bit(static_cast<unsigned>(standard.ticks_per_clock)))
    throw std::logic_error("ticks per clock: wanted 1, 2 or 4");
  number_kinds(refresh);
  find_shared_levels();
  find_needs();
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
      if (!reaches_more(kind)) continue;
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
void Timing::find_needs() {
  needs_.resize(std::size_t{kind_count} * kind_count);
  for (int e = 0; e < kind_count; ++e)
    for (int l = 0; l < kind_count; ++l) {
      const auto earlier = static_cast<Kind>(e), later = static_cast<Kind>(l);
      if (!exists(earlier) || !exists(later)) continue;
      const int bus_level = standard_.buses[static_cast<std::size_t>(bus_number_[earlier])].level;
      std::vector<std::int32_t> waits;
      for (int shared = 0; shared < standard_.geometry.depth(); ++shared) {
        std::int32_t most = 0;
        for (const Part& from : parts(earlier))
          for (const Part& to : parts(later))
            if (const std::int32_t gap = standard_.gap(shared, from.id, to.id); gap > 0)
              most = std::max(most, gap + from.offset - to.offset);
        const bool one_bus = bus_number_[earlier] == bus_number_[later] && shared >= bus_level;
        waits.push_back(one_bus && most <= occupies_[earlier] ? 0 : most);
      }
      if (std::any_of(waits.begin(), waits.end(), [](std::int32_t wait) { return wait > 0; }))
        needs_[static_cast<std::size_t>(e * kind_count + l)] = std::move(waits);
    }
}

// How long the later kind at one bank waits for an earlier one at another, by the deepest level that any two banks of
// what they reach share. They must bind each other at some level.
std::int32_t Timing::wait(Kind earlier, std::int32_t bank, Kind later, std::int32_t other) const {
  const auto level = [&](std::int32_t a, std::int32_t b) -> int {
    return shared_[static_cast<std::size_t>(a * banks_ + b)];
  };
  const auto deepest_of = [&](Kind kind, std::int32_t a, std::int32_t b) {
    if (!reaches_more(kind)) return level(a, b);
    int deepest = 0;
    for (const std::int32_t reached_bank : reached(kind, b)) deepest = std::max(deepest, level(a, reached_bank));
    return deepest;
  };
  int deepest = 0;
  if (!reaches_more(earlier)) deepest = deepest_of(later, bank, other);
  if (reaches_more(earlier))
    for (const std::int32_t from : reached(earlier, bank)) deepest = std::max(deepest, deepest_of(later, from, other));
  return needs(earlier, later)[static_cast<std::size_t>(deepest)];
}

// The ready time of a kind that is found: what the last command of each kind at each bank demands, and the windows.
std::int32_t Timing::found(Kind kind, std::int32_t bank) const {
  std::int32_t at = no_wait;
  for (int e = 0; e < kind_count; ++e) {
    const auto earlier = static_cast<Kind>(e);
    if (!binds(earlier, kind)) continue;
    // Nothing that shares less than a level at which they bind each other matters.
    const auto& needed = needs(earlier, kind);
    int level = 0;
    while (needed[static_cast<std::size_t>(level)] == 0) ++level;
    level = std::min({level, standard_.spec(id_[earlier]).level, standard_.spec(id_[kind]).level});
    const std::int32_t below = standard_.geometry.banks_below[static_cast<std::size_t>(level)], first = bank / below * below;
    for (std::int32_t b = first; b < first + below; ++b)
      if (const std::int32_t last = last_[slot(earlier, b)]; last > no_wait)
        at = std::max(at, last + wait(earlier, b, kind, bank));
  }
  for (const Ring& ring : rings_) {
    if (!ring.later[kind]) continue;
    const auto node = static_cast<std::size_t>(bank / ring.banks);
    const std::int32_t oldest = ring.past[node * static_cast<std::size_t>(ring.n) + static_cast<std::size_t>(ring.next[node])];
    at = std::max(at, oldest + ring.ticks - ring.own_edge[kind]);
  }
  return at;
}

Tick Timing::earliest(Kind kind, std::int32_t bank, Tick from) const {
  const Tick ready = epoch_ + (is_found(kind) ? found(kind, bank) : ready_[slot(kind, bank)]);
  const Tick at = std::max({from, ready, epoch_ + *bus_free(kind, bank)});
  return (at + mask_[kind]) & ~static_cast<Tick>(mask_[kind]);
}

// Adds to the effects that are last what raises the later kind's ready times so.
void Timing::add(Kind later, const Waits& waits) {
  const auto first_slot = static_cast<std::int32_t>(slot(later, 0));
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
  const int group_level = standard_.geometry.bank_level() - 1;
  const auto waits_after = [&](Kind earlier, std::int32_t bank, Kind later) {
    Waits waits;
    for (std::int32_t b = 0; b < banks_; ++b) waits.push_back(wait(earlier, bank, later, b));
    return waits;
  };
  for (int e = 0; e < kind_count; ++e) {
    const auto earlier = static_cast<Kind>(e);
    if (!exists(earlier)) continue;
    std::map<std::pair<Kind, std::int32_t>, Row> of_group;  // what banks of one group do alike, once for all of them
    for (std::int32_t bank = 0; bank < banks_; ++bank) {
      if (is_found(earlier) && reached(earlier, bank).front() != bank) continue;
      Effects& own = effects_[index(bank, earlier)];
      own.point = static_cast<std::int32_t>(points_.size());
      own.row = static_cast<std::int32_t>(rows_.size());
      for (const Kind later : kept) {
        if (!binds(earlier, later)) continue;
        const auto& needed = needs(earlier, later);
        const std::int32_t own_wait = needed.back(), of_others = *(needed.end() - 2);
        if (reaches_more(earlier) || reaches_more(later) || of_others == 0 || own_wait < of_others) {
          add(later, waits_after(earlier, bank, later));
          continue;
        }
        // A bank's own longer wait is a point; the row is that of its group's other banks.
        const auto group = std::pair{later, standard_.geometry.node(group_level, bank)};
        if (const auto known = of_group.find(group); known != of_group.end()) {
          rows_.push_back(known->second);
        } else {
          Waits waits = waits_after(earlier, bank, later);
          waits[static_cast<std::size_t>(bank)] = of_others;
          const std::size_t before = rows_.size();
          add(later, waits);
          if (rows_.size() > before) of_group.emplace(group, rows_.back());
        }
        if (own_wait > of_others) points_.push_back({static_cast<std::int32_t>(slot(later, bank)), own_wait});
      }
      own.point_end = static_cast<std::int32_t>(points_.size());
      own.row_end = static_cast<std::int32_t>(rows_.size());
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
          ring.later[kind] = true;
          ring.own_edge[kind] = edge;
        }
        if (window.earlier >> part.id & 1) {
          ring.edge[kind] = edge;
          ring.earlier[kind] = pushes_[kind] = true;
        }
      }
    }
    rings_.push_back(std::move(ring));
  }
}

// Counts a command in the windows and raises the ready times of those that wait for its oldest one.
void Timing::push(Kind kind, std::int32_t bank, std::int32_t tick) {
  for (Ring& ring : rings_) {
    if (!ring.earlier[kind]) continue;
    const std::int32_t node = bank / ring.banks;
    std::int32_t& next = ring.next[static_cast<std::size_t>(node)];
    std::int32_t* const past = ring.past.data() + node * ring.n;
    past[next] = tick + ring.edge[kind];
    if (++next == ring.n) next = 0;
    const std::int32_t until = past[next] + ring.ticks;
    if (until <= tick) continue;
    for (const Kind later : kept)
      if (ring.later[later])
        raise_to(ready_.data() + slot(later, node * ring.banks), ring.zeros.data(), until - ring.own_edge[later],
                 ring.banks);
  }
}

void Timing::move(Tick now) {
  now &= ~Tick{7};  // clock edges stay clock edges
  const Tick passed = now - epoch_;
  const auto move = [&](std::vector<std::int32_t>& ticks) {
    for (std::int32_t& tick : ticks) tick = static_cast<std::int32_t>(std::max<Tick>(tick - passed, no_wait));
  };
  move(ready_);
  move(last_);
  move(bus_free_);
  for (Ring& ring : rings_) move(ring.past);
  epoch_ = now;
}

}  // namespace wordline::memory
