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

// Whether the ready times of a kind are kept up.
constexpr bool is_kept(Kind kind) { return kind < pre_all && kind != rda && kind != wra; }
// Whether its ready time is found when asked.
constexpr bool is_found(Kind kind) { return kind >= pre_all; }
// Whether it may reach more than its bank.
constexpr bool reaches_more(Kind kind) { return kind >= cas_rd; }

// What issue() does for the bank of a command without looking it up.
constexpr bool is_own_wait(Kind earlier, Kind later) {
  if (earlier == act) return later <= wr;
  return earlier == pre ? later == act : earlier <= wr && later == pre;
}

constexpr std::size_t most_points = 4;  // a command that holds back no more banks than these needs no row for them

}  // namespace

Timing::Timing(const dram::Standard& standard, Kind refresh)
    : standard_(standard),
      banks_(standard.geometry.banks()),
      lane_banks_(standard.geometry.banks_below[static_cast<std::size_t>(standard.data_bus_level)]),
      stride_((lane_banks_ + stride_ticks - 1) / stride_ticks * stride_ticks),
      id_(command_ids(standard)),
      last_(static_cast<std::size_t>(banks_) * kinds_apart, no_wait) {
  for (std::int32_t bank = 0; bank < banks_; ++bank)
    slot_of_.push_back(bank / lane_banks_ * stride_ * pre_all + bank % lane_banks_);
  ready_.assign(static_cast<std::size_t>(banks_ / lane_banks_ * stride_ * pre_all + stride_ticks), 0);
  if (!std::has_single_bit(static_cast<unsigned>(standard.ticks_per_clock)))
    throw std::logic_error("ticks per clock: wanted 1, 2 or 4");
  number_kinds(refresh);
  find_shared_levels();
  find_needs();
  compile_effects();
  compile_found();
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
  bus_of_.assign(static_cast<std::size_t>(banks_) * kinds_apart, 0);
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
      bus_of_[index(bank, kind)] =
          static_cast<std::int16_t>(first[static_cast<std::size_t>(spec.bus)] + standard_.geometry.node(level, bank));
      if (!reaches_more(kind)) continue;
      const auto banks = standard_.reached(id_[kind], bank);
      reached_[kind].emplace_back(banks.begin(), banks.end());
    }
  }
  if (bus_number_[act] != bus_number_[pre]) throw std::logic_error("ACT and PRE on different buses");
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

// Lists what each command that is found has to regard.
void Timing::compile_found() {
  newest_.fill(no_wait);
  for (const Kind kind : {pre_all, ref_all, ref_bank}) {
    if (!exists(kind)) continue;
    before_[kind].resize(static_cast<std::size_t>(banks_));
    for (std::int32_t bank = 0; bank < banks_; ++bank) {
      if (reached(kind, bank).front() != bank) continue;
      for (int e = 0; e < kind_count; ++e) {
        const auto earlier = static_cast<Kind>(e);
        if (!exists(earlier) || !binds(earlier, kind)) continue;
        BeforeKind before{.kind = earlier, .longest = 0, .commands = {}};
        for (std::int32_t b = 0; b < banks_; ++b)
          if (!is_found(earlier) || reached(earlier, b).front() == b)
            if (const std::int32_t ticks = wait(earlier, b, kind, bank); ticks > 0) {
              before.commands.push_back({static_cast<std::int32_t>(index(b, earlier)), ticks});
              before.longest = std::max(before.longest, ticks);
            }
        before_[kind][static_cast<std::size_t>(bank)].push_back(std::move(before));
      }
    }
  }
}

// The ready time of a kind that is found, where that is later than `from`: what the last command of each kind at each
// bank demands, and the windows.
std::int32_t Timing::found(Kind kind, std::int32_t bank, std::int32_t from) const {
  const std::int32_t lowest = reached(kind, bank).front();
  std::int32_t at = from;
  for (const BeforeKind& before : before_[kind][static_cast<std::size_t>(lowest)]) {
    if (newest_[before.kind] + before.longest <= at) continue;
    for (const Before& one : before.commands) at = std::max(at, last_[static_cast<std::size_t>(one.last)] + one.wait);
  }
  for (const Ring& ring : rings_) {
    if (!ring.later[kind]) continue;
    const auto node = static_cast<std::size_t>(ring.node[static_cast<std::size_t>(bank)]);
    const auto oldest = node * static_cast<std::size_t>(ring.n) + static_cast<std::size_t>(ring.next[node]);
    at = std::max(at, ring.past[oldest] + ring.ticks - ring.own_edge[kind]);
  }
  return at;
}

Tick Timing::earliest(Kind kind, std::int32_t bank, Tick from) const {
  const std::int32_t since = static_cast<std::int32_t>(std::min(from - epoch_, 2 * longest - 1));
  const Tick ready = epoch_ + (is_found(kind) ? found(kind, bank, since) : ready_[slot(kind, bank)]);
  const Tick at = std::max({from, ready, epoch_ + *bus_free(kind, bank)});
  return (at + mask_[kind]) & ~static_cast<Tick>(mask_[kind]);
}

// Effects in growing arrays, by their places there.
struct Timing::Draft {
  struct Span {
    std::size_t point = 0, point_end = 0, row = 0, row_end = 0;
  };
  std::vector<Span> spans;             // by bank and kind
  std::vector<std::size_t> row_waits;  // of each row: where its waits begin
};

void Timing::compile_effects() {
  for (auto& waits : own_waits_) waits.fill(no_wait);
  Draft draft;
  draft.spans.resize(static_cast<std::size_t>(banks_) * kinds_apart);
  for (int e = 0; e < kind_count; ++e) {
    const auto earlier = static_cast<Kind>(e);
    if (!exists(earlier)) continue;
    std::map<std::vector<std::int32_t>, std::size_t> known;  // rows of waits, as they stand in waits_
    for (std::int32_t bank = 0; bank < banks_; ++bank) {
      if (is_found(earlier) && reached(earlier, bank).front() != bank) continue;
      auto& span = draft.spans[index(bank, earlier)];
      span.point = points_.size();
      span.row = rows_.size();
      for (std::int32_t lane = 0; lane < banks_; lane += lane_banks_) {
        std::int32_t before = 0;  // kinds of which the row in hand tells
        std::vector<std::int32_t> row;
        const auto finish_row = [&](int kind) {
          if (row.empty()) return;
          const auto [place, added] = known.emplace(row, waits_.size());
          if (added) waits_.insert(waits_.end(), row.begin(), row.end());
          draft.row_waits.push_back(place->second);
          rows_.push_back({nullptr, slot_of_[static_cast<std::size_t>(lane)] + (kind - before) * stride_,
                           static_cast<std::int32_t>(row.size())});
          row.clear();
          before = 0;
        };
        for (int l = 0; l < pre_all; ++l) {
          const auto later = static_cast<Kind>(l);
          std::vector<std::pair<std::int32_t, std::int32_t>> held;  // of the lane's banks that wait: place, wait
          if (is_kept(later) && binds(earlier, later))
            for (std::int32_t b = lane; b < lane + lane_banks_; ++b)
              if (const std::int32_t ticks = wait(earlier, bank, later, b); ticks > 0)
                held.emplace_back(b - lane, ticks);
          if (held.size() == 1 && lane + held.front().first == bank && is_own_wait(earlier, later)) {
            finish_row(l);
            own_waits_[static_cast<std::size_t>(e)][static_cast<std::size_t>(l)] = held.front().second;
            continue;
          }
          if (held.size() <= most_points) {
            finish_row(l);
            for (const auto& [place, ticks] : held)
              points_.push_back({slot_of_[static_cast<std::size_t>(lane + place)] + l * stride_, ticks});
            continue;
          }
          row.resize(row.size() + static_cast<std::size_t>(stride_), no_wait);
          ++before;
          for (const auto& [place, ticks] : held) {
            // A bank's own longer wait is a point, so that others of its group can share the row.
            const bool own = lane + place == bank && !reaches_more(earlier) && !reaches_more(later);
            const auto& needed = needs(earlier, later);
            const std::int32_t alike = own ? std::min(ticks, *(needed.end() - 2)) : ticks;
            row[row.size() - static_cast<std::size_t>(stride_ - place)] = alike;
            if (alike < ticks && is_own_wait(earlier, later))
              own_waits_[static_cast<std::size_t>(e)][static_cast<std::size_t>(l)] = ticks;
            else if (alike < ticks)
              points_.push_back({slot_of_[static_cast<std::size_t>(bank)] + l * stride_, ticks});
          }
        }
        finish_row(pre_all);
      }
      span.point_end = points_.size();
      span.row_end = rows_.size();
    }
  }
  for (std::size_t row = 0; row < rows_.size(); ++row) rows_[row].waits = waits_.data() + draft.row_waits[row];
  for (const auto& span : draft.spans)
    effects_.push_back({points_.data() + span.point, points_.data() + span.point_end, rows_.data() + span.row,
                        rows_.data() + span.row_end});
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
    for (std::int32_t bank = 0; bank < banks_; ++bank) ring.node.push_back(bank / ring.banks);
    const std::int32_t lane_banks = std::min(ring.banks, lane_banks_);
    ring.no_waits.assign(static_cast<std::size_t>(lane_banks), 0);
    ring.no_waits.resize(static_cast<std::size_t>(padded(lane_banks)), no_wait);
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
    for (std::int32_t first = 0; first < banks_; first += lane_banks)
      for (int k = 0; k < pre_all; ++k)
        if (const auto kind = static_cast<Kind>(k); ring.later[kind] && is_kept(kind))
          ring.targets.push_back({static_cast<std::int32_t>(slot(kind, first)), lane_banks, ring.own_edge[kind]});
    ring.targets_of_node = static_cast<std::int32_t>(ring.targets.size() / nodes);
    rings_.push_back(std::move(ring));
  }
}

void Timing::move(Tick now) {
  now &= ~Tick{7};  // clock edges stay clock edges
  const Tick passed = now - epoch_;
  const auto move = [&](auto& ticks) {
    for (std::int32_t& tick : ticks) tick = static_cast<std::int32_t>(std::max<Tick>(tick - passed, no_wait));
  };
  move(ready_);
  move(last_);
  move(newest_);
  move(bus_free_);
  for (Ring& ring : rings_) move(ring.past);
  epoch_ = now;
}

}  // namespace wordline::memory
