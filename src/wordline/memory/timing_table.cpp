#include "wordline/memory/timing_table.h"

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <stdexcept>

#include "wordline/memory/vectors.h"

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

TimingTable::TimingTable(const dram::Standard& standard, Kind refresh)
    : banks(standard.geometry.banks()),
      lane_banks(standard.geometry.banks_below[static_cast<std::size_t>(standard.data_bus_level)]),
      stride((lane_banks + stride_ticks - 1) / stride_ticks * stride_ticks),
      slots(banks / lane_banks * stride * pre_all),
      standard_(standard),
      id_(command_ids(standard)) {
  if (!std::has_single_bit(static_cast<unsigned>(standard.ticks_per_clock)))
    throw std::logic_error("ticks per clock: wanted 1, 2 or 4");
  for (std::int32_t bank = 0; bank < banks; ++bank)
    slot_of.push_back(bank / lane_banks * stride * pre_all + bank % lane_banks);
  number_kinds(refresh);
  find_shared_levels();
  find_needs();
  compile_effects();
  compile_before();
  compile_windows();
}

std::shared_ptr<const TimingTable> TimingTable::of(const dram::Standard& standard, Kind refresh) {
  // Whoever uses a table keeps its standard alive, so one that is still in use belongs to the standard at that address.
  static std::mutex mutex;
  static std::map<std::pair<const dram::Standard*, Kind>, std::weak_ptr<const TimingTable>> in_use;
  const std::lock_guard lock(mutex);
  std::erase_if(in_use, [](const auto& entry) { return entry.second.expired(); });
  auto& known = in_use[{&standard, refresh}];
  auto table = known.lock();
  if (!table) known = table = std::make_shared<const TimingTable>(standard, refresh);
  return table;
}

void TimingTable::number_kinds(Kind refresh) {
  for (const Kind kind : {ref_all, ref_bank})
    if (kind != refresh) id_[kind] = dram::no_command;
  if (refresh != ref_all) id_[pre_all] = dram::no_command;
  std::vector<std::int32_t> first;  // node of each bus
  std::int32_t nodes = 0;
  for (const auto& bus : standard_.buses) {
    first.push_back(nodes);
    nodes += standard_.geometry.nodes[static_cast<std::size_t>(bus.level)];
  }
  bus_nodes = nodes;
  bus_of.assign(static_cast<std::size_t>(banks) * kinds_apart, 0);
  for (int k = 0; k < kind_count; ++k) {
    const auto kind = static_cast<Kind>(k);
    if (!exists(kind)) continue;
    const auto& spec = standard_.spec(id_[kind]);
    mask[kind] = static_cast<std::int32_t>(spec.align - 1);
    bus_number_[kind] = spec.bus;
    occupies[kind] = static_cast<std::int32_t>(spec.occupies);
    if (parts(kind).size() > 1) {
      const auto& part = standard_.spec(standard_.usual.act_first);
      if (standard_.act_spacing != part.occupies) throw std::logic_error("something fits between the parts of an ACT");
      mask[kind] = static_cast<std::int32_t>(part.align - 1);
      occupies[kind] += static_cast<std::int32_t>(standard_.act_spacing);
    }
    const int level = standard_.buses[static_cast<std::size_t>(spec.bus)].level;
    for (std::int32_t bank = 0; bank < banks; ++bank) {
      bus_of[index(bank, kind)] =
          static_cast<std::int16_t>(first[static_cast<std::size_t>(spec.bus)] + standard_.geometry.node(level, bank));
      if (!reaches_more(kind)) continue;
      const auto there = standard_.reached(id_[kind], bank);
      reached[kind].emplace_back(there.begin(), there.end());
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

void TimingTable::find_shared_levels() {
  const auto& geometry = standard_.geometry;
  shared_.assign(static_cast<std::size_t>(banks) * static_cast<std::size_t>(banks), 0);
  for (int level = 1; level < geometry.depth(); ++level) {
    const std::int32_t below = geometry.banks_below[static_cast<std::size_t>(level)];
    for (std::int32_t a = 0; a < banks; ++a)
      for (std::int32_t b = a / below * below; b < a / below * below + below; ++b)
        shared_[static_cast<std::size_t>(a * banks + b)] = static_cast<std::uint8_t>(level);
  }
}

std::vector<TimingTable::Part> TimingTable::parts(Kind kind) const {
  if (kind != act || standard_.usual.act_first == dram::no_command) return {{id_[kind], 0}};
  return {{standard_.usual.act_first, 0}, {id_[act], static_cast<std::int32_t>(standard_.act_spacing)}};
}

// The waits by the deepest level that two commands share, less what the command bus demands: that is kept apart.
void TimingTable::find_needs() {
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
        waits.push_back(one_bus && most <= occupies[earlier] ? 0 : most);
      }
      if (std::any_of(waits.begin(), waits.end(), [](std::int32_t wait) { return wait > 0; }))
        needs_[static_cast<std::size_t>(e * kind_count + l)] = std::move(waits);
    }
}

// How long the later kind at one bank waits for an earlier one at another, by the deepest level that any two banks of
// what they reach share. They must bind each other at some level.
std::int32_t TimingTable::wait(Kind earlier, std::int32_t bank, Kind later, std::int32_t other) const {
  const auto level = [&](std::int32_t a, std::int32_t b) -> int {
    return shared_[static_cast<std::size_t>(a * banks + b)];
  };
  const auto& needed = needs(earlier, later);
  if (!reaches_more(earlier) && !reaches_more(later)) return needed[static_cast<std::size_t>(level(bank, other))];
  const auto deepest_of = [&](Kind kind, std::int32_t a, std::int32_t b) {
    if (!reaches_more(kind)) return level(a, b);
    int deepest = 0;
    for (const std::int32_t reached_bank : reached[kind][static_cast<std::size_t>(b)])
      deepest = std::max(deepest, level(a, reached_bank));
    return deepest;
  };
  int deepest = 0;
  if (!reaches_more(earlier)) deepest = deepest_of(later, bank, other);
  if (reaches_more(earlier))
    for (const std::int32_t from : reached[earlier][static_cast<std::size_t>(bank)])
      deepest = std::max(deepest, deepest_of(later, from, other));
  return needed[static_cast<std::size_t>(deepest)];
}

// Effects in growing arrays, by their places there.
struct TimingTable::Draft {
  struct Span {
    std::size_t point = 0, point_end = 0, row = 0, row_end = 0;
  };
  std::vector<Span> spans;                                 // by bank and kind
  std::vector<std::size_t> row_waits;                      // of each row: where its waits begin
  std::map<std::vector<std::int32_t>, std::size_t> known;  // rows of waits, as they stand in waits_
};

void TimingTable::compile_effects() {
  for (auto& waits : own_waits) waits.fill(no_wait);
  Draft draft;
  draft.spans.resize(static_cast<std::size_t>(banks) * kinds_apart);
  for (int kind = 0; kind < kind_count; ++kind)
    if (exists(static_cast<Kind>(kind))) compile_effects(static_cast<Kind>(kind), draft);
  for (std::size_t row = 0; row < rows_.size(); ++row) rows_[row].waits = waits_.data() + draft.row_waits[row];
  for (const auto& span : draft.spans)
    effects.push_back({points_.data() + span.point, points_.data() + span.point_end, rows_.data() + span.row,
                       rows_.data() + span.row_end});
}

void TimingTable::compile_effects(Kind earlier, Draft& draft) {
  for (std::int32_t bank = 0; bank < banks; ++bank) {
    if (is_found(earlier) && reached[earlier][static_cast<std::size_t>(bank)].front() != bank) continue;
    auto& span = draft.spans[index(bank, earlier)];
    span.point = points_.size();
    span.row = rows_.size();
    for (std::int32_t lane = 0; lane < banks; lane += lane_banks) compile_lane(earlier, bank, lane, draft);
    span.point_end = points_.size();
    span.row_end = rows_.size();
  }
}

// What a command does to the banks of the lane that begins at bank `lane`. Rows of kinds that follow one another are
// one row.
void TimingTable::compile_lane(Kind earlier, std::int32_t bank, std::int32_t lane, Draft& draft) {
  const std::int32_t first = slot_of[static_cast<std::size_t>(lane)];
  std::vector<std::int32_t> row;
  std::vector<std::pair<std::int32_t, std::int32_t>> held;  // of the lane's banks that wait: place, wait
  const auto finish_row = [&](int end) {
    if (row.empty()) return;
    const auto [known, is_new] = draft.known.emplace(row, waits_.size());
    if (is_new) waits_.insert(waits_.end(), row.begin(), row.end());
    draft.row_waits.push_back(known->second);
    const auto count = static_cast<std::int32_t>(row.size());
    rows_.push_back({nullptr, first + end * stride - count, count});
    row.clear();
  };
  for (int l = 0; l < pre_all; ++l) {
    const auto later = static_cast<Kind>(l);
    const auto kind_slot = l * stride;
    held.clear();
    if (is_kept(later) && binds(earlier, later))
      for (std::int32_t b = lane; b < lane + lane_banks; ++b)
        if (const std::int32_t ticks = wait(earlier, bank, later, b); ticks > 0) held.emplace_back(b - lane, ticks);
    if (held.size() <= most_points) {
      finish_row(l);
      for (const auto& [place, ticks] : held)
        if (lane + place == bank && held.size() == 1 && is_own_wait(earlier, later))
          own_waits[earlier][later] = ticks;
        else
          points_.push_back({first + place + kind_slot, ticks});
      continue;
    }
    row.resize(row.size() + static_cast<std::size_t>(stride), no_wait);
    for (const auto& [place, ticks] : held) {
      // A bank's own longer wait stands apart, so that others of its group can share the row.
      const bool own = lane + place == bank && !reaches_more(earlier) && !reaches_more(later);
      const std::int32_t alike = own ? std::min(ticks, *(needs(earlier, later).end() - 2)) : ticks;
      row[row.size() - static_cast<std::size_t>(stride - place)] = alike;
      if (alike == ticks) continue;
      if (is_own_wait(earlier, later))
        own_waits[earlier][later] = ticks;
      else
        points_.push_back({first + place + kind_slot, ticks});
    }
  }
  finish_row(pre_all);
}

// Lists what each command that is found has to regard.
void TimingTable::compile_before() {
  for (const Kind kind : {pre_all, ref_all, ref_bank}) {
    if (!exists(kind)) continue;
    before[kind].resize(static_cast<std::size_t>(banks));
    for (std::int32_t bank = 0; bank < banks; ++bank) {
      if (reached[kind][static_cast<std::size_t>(bank)].front() != bank) continue;
      for (int e = 0; e < kind_count; ++e) {
        const auto earlier = static_cast<Kind>(e);
        if (!exists(earlier) || !binds(earlier, kind)) continue;
        BeforeKind list{.kind = earlier, .longest = 0, .commands = {}};
        for (std::int32_t b = 0; b < banks; ++b)
          if (!is_found(earlier) || reached[earlier][static_cast<std::size_t>(b)].front() == b)
            if (const std::int32_t ticks = wait(earlier, b, kind, bank); ticks > 0) {
              list.commands.push_back({static_cast<std::int32_t>(index(b, earlier)), ticks});
              list.longest = std::max(list.longest, ticks);
            }
        before[kind][static_cast<std::size_t>(bank)].push_back(std::move(list));
      }
    }
  }
}

void TimingTable::compile_windows() {
  for (const dram::Window& window : standard_.windows) {
    Window own;
    own.ticks = window.ticks;
    own.n = window.n;
    own.banks = standard_.geometry.banks_below[static_cast<std::size_t>(window.level)];
    const auto nodes = static_cast<std::size_t>(standard_.geometry.nodes[static_cast<std::size_t>(window.level)]);
    own.nodes = nodes;
    for (std::int32_t bank = 0; bank < banks; ++bank) own.node.push_back(bank / own.banks);
    const std::int32_t of_lane = std::min(own.banks, lane_banks);
    own.no_waits.assign(static_cast<std::size_t>(of_lane), 0);
    own.no_waits.resize(static_cast<std::size_t>(padded(of_lane)), no_wait);
    for (int k = 0; k < kind_count; ++k) {
      const auto kind = static_cast<Kind>(k);
      if (!exists(kind)) continue;
      for (const Part& part : parts(kind)) {
        const auto edge =
            part.offset + (window.first_edges ? 0 : static_cast<std::int32_t>(standard_.spec(part.id).last_edge));
        if (window.later >> part.id & 1) {
          own.later[kind] = true;
          own.own_edge[kind] = edge;
        }
        if (window.earlier >> part.id & 1) {
          own.edge[kind] = edge;
          own.earlier[kind] = counted[kind] = true;
        }
      }
    }
    for (std::int32_t first = 0; first < banks; first += of_lane)
      for (int k = 0; k < pre_all; ++k)
        if (const auto kind = static_cast<Kind>(k); own.later[kind] && is_kept(kind))
          own.targets.push_back({slot_of[static_cast<std::size_t>(first)] + k * stride, of_lane, own.own_edge[kind]});
    own.targets_of_node = static_cast<std::int32_t>(own.targets.size() / nodes);
    windows.push_back(std::move(own));
  }
}

}  // namespace wordline::memory
