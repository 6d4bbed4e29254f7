#include "wordline/memory/timing.h"

#include <algorithm>

namespace wordline::memory {

namespace {

constexpr std::int32_t no_wait = TimingTable::no_wait;

}  // namespace

Timing::Timing(const dram::Standard& standard, Kind refresh)
    : table_(TimingTable::of(standard, refresh)),
      effects_(table_->effects.data()),
      slot_of_(table_->slot_of.data()),
      bus_of_(table_->bus_of.data()),
      stride_(table_->stride),
      mask_(table_->mask),
      occupies_(table_->occupies),
      own_waits_(table_->own_waits),
      counted_(table_->counted),
      ready_(static_cast<std::size_t>(padded(table_->slots)), 0),
      last_(static_cast<std::size_t>(table_->banks) * TimingTable::kinds_apart, no_wait),
      bus_free_(static_cast<std::size_t>(table_->bus_nodes), 0) {
  newest_.fill(no_wait);
  for (const TimingTable::Window& window : table_->windows)
    rings_.push_back({&window, std::vector<std::int32_t>(window.nodes * static_cast<std::size_t>(window.n), no_wait),
                      std::vector<std::int32_t>(window.nodes, 0)});
}

// The ready time of a kind that is found, where that is later than `from`: what the last command of each kind at each
// bank demands, and the windows.
std::int32_t Timing::found(Kind kind, std::int32_t bank, std::int32_t from) const {
  const auto lowest = static_cast<std::size_t>(reached(kind, bank).front());
  std::int32_t at = from;
  for (const TimingTable::BeforeKind& before : table_->before[kind][lowest]) {
    if (newest_[before.kind] + before.longest <= at) continue;
    for (const TimingTable::Before& one : before.commands)
      at = std::max(at, last_[static_cast<std::size_t>(one.last)] + one.wait);
  }
  for (const Ring& ring : rings_) {
    const TimingTable::Window& window = *ring.window;
    if (!window.later[kind]) continue;
    const auto node = static_cast<std::size_t>(window.node[static_cast<std::size_t>(bank)]);
    const auto oldest = node * static_cast<std::size_t>(window.n) + static_cast<std::size_t>(ring.next[node]);
    at = std::max(at, ring.past[oldest] + window.ticks - window.own_edge[kind]);
  }
  return at;
}

Tick Timing::earliest(Kind kind, std::int32_t bank, Tick from) const {
  const std::int32_t since = static_cast<std::int32_t>(std::min(from - epoch_, 2 * longest - 1));
  const Tick ready = epoch_ + (kind >= pre_all ? found(kind, bank, since) : ready_[slot(kind, bank)]);
  const Tick at = std::max({from, ready, epoch_ + *bus_free(kind, bank)});
  return (at + mask_[kind]) & ~static_cast<Tick>(mask_[kind]);
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
