#include "wordline/memory/queue.h"

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::memory {

namespace {

Queue make_queue(int entries) {
  Queue queue;
  queue.slots.resize(static_cast<std::size_t>(entries));
  for (int slot = entries; slot-- > 0;) {
    slot_of(queue, static_cast<std::int16_t>(slot)).after = queue.free;
    queue.free = static_cast<std::int16_t>(slot);
  }
  return queue;
}

bool same_place(const Slot& slot, const Access& access) {
  return slot.column == access.column && slot.row == access.row && slot.bank == access.bank;
}

// The last of a bank's accesses of one direction to one place, by key.
std::int16_t find(const ChannelState& state, const Access& access, bool write) {
  const Bank& bank = state.bank(access.bank);
  const Queue& queue = state.lanes[static_cast<std::size_t>(bank.lane)].queues[write];
  for (std::int16_t slot = bank.waiting[write].last; slot != no_slot; slot = slot_of(queue, slot).before)
    if (same_place(slot_of(queue, slot), access)) return slot;
  return no_slot;
}

void make_lanes(ChannelState& state) {
  const auto& geometry = state.standard.geometry;
  const auto level = static_cast<std::size_t>(state.standard.data_bus_level);
  const auto lanes = static_cast<std::size_t>(geometry.nodes[level]);
  const std::int32_t banks = geometry.banks_below[level];
  if (banks > most_banks)
    throw core::UsageError(fmt::format("{}: found {} banks behind one data bus; wanted at most {}", state.standard.name,
                                       banks, most_banks));
  const auto room = static_cast<std::size_t>(padded(banks));
  state.gates.assign(lanes * (wants + 1) * room, Lane::shut);
  state.keys.assign(lanes * room, no_key);
  state.dues.assign(lanes * deeds + vector_ticks, Lane::shut);
  state.lanes.resize(lanes);
  for (std::size_t l = 0; l < lanes; ++l) {
    Lane& lane = state.lanes[l];
    lane.index = static_cast<std::int16_t>(l);
    lane.first_bank = static_cast<std::int32_t>(l) * banks;
    lane.end_bank = lane.first_bank + banks;
    lane.banks = banks;
    lane.bits = {std::uint64_t{1} << l * 2, std::uint64_t{2} << l * 2};
    for (std::size_t want = 0; want < lane.gates.size(); ++want)
      lane.gates[want] = state.gates.data() + (l * lane.gates.size() + want) * room;
    lane.keys = state.keys.data() + l * room;
    lane.due = state.dues.data() + l * deeds;
    lane.due[deed_update] = 0;
    for (const Kind kind : {act, pre, rd, wr}) {
      lane.ready[kind] = state.timing.ready(kind, lane.first_bank);
      lane.bus_free[kind] = state.timing.bus_free(kind, lane.first_bank);
    }
    lane.queues[0] = make_queue(state.settings.read_queue);
    lane.queues[1] = make_queue(state.settings.write_queue);
  }
}

}  // namespace

ChannelState make_state(const dram::Standard& standard, const Settings& settings, int bursts) {
  settings.check();
  ChannelState state(standard, settings.refresh == "all-bank"   ? ref_all
                               : settings.refresh == "per-bank" ? ref_bank
                                                                : kind_count);
  state.settings = settings;
  state.bursts = bursts;
  state.age_cap = Tick{settings.age_cap_clocks} * standard.ticks_per_clock;
  state.page_timeout = Tick{settings.page_timeout_clocks} * standard.ticks_per_clock;
  make_lanes(state);
  const auto& geometry = standard.geometry;
  state.banks.resize(static_cast<std::size_t>(geometry.banks()));
  for (int b = 0; b < geometry.banks(); ++b) {
    Bank& bank = state.bank(b);
    bank.lane = static_cast<std::int16_t>(geometry.node(standard.data_bus_level, b));
    bank.rank = static_cast<std::int16_t>(geometry.node(geometry.rank_level(), b));
    bank.place = static_cast<std::int16_t>(b - state.lanes[static_cast<std::size_t>(bank.lane)].first_bank);
    bank.timeout = state.page_timeout;
  }
  state.parked.reserve(static_cast<std::size_t>(settings.write_queue) * state.lanes.size());
  return state;
}

std::int16_t find_write(const ChannelState& state, const Access& access) {
  const std::int16_t lane = state.bank(access.bank).lane;
  for (auto parked = state.parked.rbegin(); parked != state.parked.rend(); ++parked)
    if (parked->lane == lane &&
        same_place(slot_of(state.lanes[static_cast<std::size_t>(lane)].queues[1], parked->slot), access))
      return parked->slot;
  return find(state, access, true);
}

std::int16_t find_read(const ChannelState& state, const Access& access) { return find(state, access, false); }

std::int16_t find_oldest(const Queue& queue) {
  std::int16_t oldest = no_slot;
  std::uint64_t first = ~std::uint64_t{0};
  for (std::size_t slot = 0; slot < queue.slots.size(); ++slot)
    if (queue.slots[slot].turn - 1 < first) {
      first = queue.slots[slot].turn - 1;
      oldest = static_cast<std::int16_t>(slot);
    }
  return oldest;
}

Tick first_arrival(const Queue& queue) {
  Tick first = never;
  for (const Slot& slot : queue.slots)
    if (slot.turn > 0) first = std::min(first, slot.arrival);
  return first;
}

void ChannelState::move(Tick now) {
  const Tick before = timing.epoch();
  timing.move(now);
  for (std::int32_t& due : dues)
    if (due != Lane::shut) due = static_cast<std::int32_t>(std::max<Tick>(due - (timing.epoch() - before), -1));
}

void renumber(ChannelState& state) {
  constexpr Key number = (most_numbers - 1) << bank_bits;
  std::vector<Slot*> waiting;
  for (Lane& lane : state.lanes)
    for (Queue& queue : lane.queues)
      for (Slot& slot : queue.slots)
        if (slot.turn > 0) waiting.push_back(&slot);
  for (const Parked& parked : state.parked)
    waiting.push_back(&slot_of(state.lanes[static_cast<std::size_t>(parked.lane)].queues[1], parked.slot));
  std::sort(waiting.begin(), waiting.end(), [](const Slot* a, const Slot* b) { return a->id < b->id; });
  state.next_number = 0;
  for (Slot* const slot : waiting) slot->key = (slot->key & ~number) | state.next_number++ << bank_bits;
  for (Lane& lane : state.lanes) settle_all(state, lane);
}

}  // namespace wordline::memory
