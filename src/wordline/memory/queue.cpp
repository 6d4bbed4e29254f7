#include "wordline/memory/queue.h"

namespace wordline::memory {

namespace {

Queue make_queue(int entries) {
  Queue queue;
  queue.slots.resize(static_cast<std::size_t>(entries));
  for (int slot = entries; slot-- > 0;) queue.free.push_back(static_cast<std::int16_t>(slot));
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
  const auto& geometry = standard.geometry;
  state.banks.resize(static_cast<std::size_t>(geometry.banks()));
  for (auto& links : state.links) links.resize(static_cast<std::size_t>(geometry.banks()));
  for (int b = 0; b < geometry.banks(); ++b) {
    Bank& bank = state.bank(b);
    bank.lane = static_cast<std::int16_t>(geometry.node(standard.data_bus_level, b));
    bank.rank = static_cast<std::int16_t>(geometry.node(geometry.rank_level(), b));
    bank.timeout = state.page_timeout;
  }
  const auto banks = geometry.banks_below[static_cast<std::size_t>(standard.data_bus_level)];
  state.lanes.resize(static_cast<std::size_t>(geometry.nodes[static_cast<std::size_t>(standard.data_bus_level)]));
  for (std::size_t l = 0; l < state.lanes.size(); ++l) {
    Lane& lane = state.lanes[l];
    lane.index = static_cast<std::int16_t>(l);
    lane.first_bank = static_cast<std::int32_t>(l) * banks;
    lane.end_bank = lane.first_bank + banks;
    lane.queues[0] = make_queue(settings.read_queue);
    lane.queues[1] = make_queue(settings.write_queue);
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

}  // namespace wordline::memory
