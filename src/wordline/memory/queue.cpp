#include "wordline/memory/queue.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace wordline::memory {

namespace {

constexpr std::uint64_t bit(std::int8_t slot) { return std::uint64_t{1} << slot; }

// The oldest of a set of slots, or no_slot.
std::int8_t oldest_of(const Queue& queue, std::uint64_t set) {
  std::int8_t best = no_slot;
  for (; set; set &= set - 1) {
    const auto slot = static_cast<std::int8_t>(std::countr_zero(set));
    if (best == no_slot ||
        queue.slots[static_cast<std::size_t>(slot)].id < queue.slots[static_cast<std::size_t>(best)].id)
      best = slot;
  }
  return best;
}

Queue make_queue(int entries) {
  Queue queue;
  queue.free = entries == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << entries) - 1;
  queue.slots.resize(static_cast<std::size_t>(entries));
  queue.banks.reserve(static_cast<std::size_t>(entries));
  return queue;
}

void set_refresh(ChannelState& state, const dram::Standard& standard) {
  const auto& geometry = standard.geometry;
  const auto refresh = standard.usual.ref_all;
  const int level = refresh == dram::no_command ? geometry.rank_level() : standard.spec(refresh).level;
  if (level < standard.data_bus_level) throw std::logic_error("an all-bank refresh reaches more than one data bus");
  const int banks = geometry.banks_below[static_cast<std::size_t>(level)];
  for (int bank = 0; bank < geometry.banks(); bank += banks) {
    Unit unit;
    unit.lane = geometry.node(standard.data_bus_level, bank);
    unit.first_bank = bank;
    state.units.push_back(unit);
  }
  for (const auto& spec : standard.refreshes) {
    if (spec.command != refresh) continue;
    state.refresh_period = spec.credit;
    state.may_pull_in = spec.earliest >= 2 * spec.credit;
  }
  for (int bank = 0; bank < geometry.banks(); ++bank) state.banks[static_cast<std::size_t>(bank)].unit = bank / banks;
}

}  // namespace

ChannelState make_state(const dram::Standard& standard, const Settings& settings, int bursts) {
  settings.check();
  ChannelState state(standard);
  state.settings = settings;
  state.bursts = bursts;
  state.age_cap = Tick{settings.age_cap_clocks} * standard.ticks_per_clock;
  const auto& geometry = standard.geometry;
  state.banks.resize(static_cast<std::size_t>(geometry.banks()));
  for (int b = 0; b < geometry.banks(); ++b) {
    Bank& bank = state.banks[static_cast<std::size_t>(b)];
    bank.lane = geometry.node(standard.data_bus_level, b);
    bank.rank = geometry.node(geometry.rank_level(), b);
  }
  state.lanes.resize(static_cast<std::size_t>(geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)]));
  for (Lane& lane : state.lanes) {
    lane.queues[0] = make_queue(settings.read_queue);
    lane.queues[1] = make_queue(settings.write_queue);
  }
  set_refresh(state, standard);
  return state;
}

void enqueue(ChannelState& state, const Access& access, std::uint64_t id, Tick now) {
  Bank& bank = state.banks[static_cast<std::size_t>(access.bank)];
  Lane& lane = state.lanes[static_cast<std::size_t>(bank.lane)];
  Queue& queue = lane.queues[access.write];
  const auto slot = static_cast<std::int8_t>(std::countr_zero(queue.free));
  queue.free &= queue.free - 1;
  ++queue.size;
  queue.slots[static_cast<std::size_t>(slot)] = {.arrival = now,
                                                 .id = id,
                                                 .bank = access.bank,
                                                 .row = access.row,
                                                 .column = access.column,
                                                 .left = static_cast<std::int16_t>(state.bursts),
                                                 .older = queue.youngest};
  (queue.youngest == no_slot ? queue.oldest : queue.slots[static_cast<std::size_t>(queue.youngest)].younger) = slot;
  queue.youngest = slot;

  Waiting& waiting = bank.waiting[access.write];
  if (waiting.all == 0) {
    waiting.first = slot;
    waiting.place = static_cast<std::int32_t>(queue.banks.size());
    queue.banks.push_back(access.bank);
  }
  waiting.all |= bit(slot);
  if (bank.row == access.row) {
    if (waiting.hits == 0) waiting.first_hit = slot;
    waiting.hits |= bit(slot);
  }
  ++state.units[static_cast<std::size_t>(bank.unit)].queued[access.write];
}

void dequeue(ChannelState& state, Lane& lane, std::int8_t slot) {
  Queue& queue = lane.active();
  const Slot& gone = queue.slots[static_cast<std::size_t>(slot)];
  (gone.older == no_slot ? queue.oldest : queue.slots[static_cast<std::size_t>(gone.older)].younger) = gone.younger;
  (gone.younger == no_slot ? queue.youngest : queue.slots[static_cast<std::size_t>(gone.younger)].older) = gone.older;
  queue.free |= bit(slot);
  --queue.size;

  Bank& bank = state.banks[static_cast<std::size_t>(gone.bank)];
  Waiting& waiting = bank.waiting[lane.writing];
  waiting.all &= ~bit(slot);
  waiting.hits &= ~bit(slot);
  if (waiting.first == slot) waiting.first = oldest_of(queue, waiting.all);
  if (waiting.first_hit == slot) waiting.first_hit = oldest_of(queue, waiting.hits);
  if (waiting.all == 0) {
    const std::int32_t moved = queue.banks.back();
    queue.banks[static_cast<std::size_t>(waiting.place)] = moved;
    state.banks[static_cast<std::size_t>(moved)].waiting[lane.writing].place = waiting.place;
    queue.banks.pop_back();
  }
  --state.units[static_cast<std::size_t>(bank.unit)].queued[lane.writing];
}

void set_row(ChannelState& state, std::int32_t bank, std::int32_t row) {
  Bank& changed = state.banks[static_cast<std::size_t>(bank)];
  changed.row = row;
  for (const int direction : {0, 1}) {
    Waiting& waiting = changed.waiting[direction];
    const Queue& queue = state.lanes[static_cast<std::size_t>(changed.lane)].queues[direction];
    waiting.hits = 0;
    if (row != Bank::closed)
      for (std::uint64_t set = waiting.all; set; set &= set - 1) {
        const auto slot = static_cast<std::int8_t>(std::countr_zero(set));
        if (queue.slots[static_cast<std::size_t>(slot)].row == row) waiting.hits |= bit(slot);
      }
    waiting.first_hit = oldest_of(queue, waiting.hits);
  }
}

}  // namespace wordline::memory
