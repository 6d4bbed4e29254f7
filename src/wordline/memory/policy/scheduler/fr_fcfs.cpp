#include "wordline/memory/policy/scheduler/fr_fcfs.h"

namespace wordline::memory::policy::scheduler {

bool writes_next(const Lane& lane, const Settings& settings) {
  const int reads = lane.queues[0].size, writes = lane.queues[1].size;
  if (lane.writing) return writes > 0 && (writes > settings.write_low || reads == 0);
  return writes >= settings.write_high || (reads == 0 && writes > 0);
}

namespace {

void offer(Pick& best, const ChannelState& state, Tick now, Kind kind, std::int32_t bank, const Queue& queue,
           std::int8_t slot) {
  const Tick tick = state.timing.earliest(kind, bank, now, best.tick);
  if (tick > best.tick) return;
  const std::uint64_t id = queue.slots[static_cast<std::size_t>(slot)].id;
  if (tick < best.tick || id < best.id) best = {.tick = tick, .id = id, .bank = bank, .slot = slot, .kind = kind};
}

// Offers what one bank has for the row bus or for the column bus, where that is asked for.
inline void offer_bank(const ChannelState& state, Lane& lane, std::int32_t b, Tick now, bool rows, bool columns) {
  const Queue& queue = lane.active();
  const Bank& bank = state.banks[static_cast<std::size_t>(b)];
  const Waiting& waiting = bank.waiting[lane.writing];
  if (bank.row == Bank::closed) {
    if (rows && !state.units[static_cast<std::size_t>(bank.unit)].wanted)
      offer(lane.row, state, now, act, b, queue, waiting.first);
    return;
  }
  const auto gives_up_row = [&] {
    return lane.starving && queue.slots[static_cast<std::size_t>(queue.oldest)].bank == b &&
           !(waiting.hits >> queue.oldest & 1);
  };
  const bool hits = waiting.hits && !gives_up_row();
  if (!(hits ? columns : rows) || state.units[static_cast<std::size_t>(bank.unit)].wanted) return;
  if (hits)
    offer(lane.column, state, now, lane.writing ? wr : rd, b, queue, waiting.first_hit);
  else
    offer(lane.row, state, now, pre, b, queue, waiting.first);
}

}  // namespace

void choose(const ChannelState& state, Lane& lane, Tick now) {
  const bool rows = lane.row_stale, columns = lane.column_stale;
  if (rows) lane.row = {};
  if (columns) lane.column = {};
  lane.row_stale = lane.column_stale = false;
  for (const std::int32_t bank : lane.active().banks) offer_bank(state, lane, bank, now, rows, columns);
}

void consider(const ChannelState& state, Lane& lane, std::int32_t bank, Tick now) {
  if (state.banks[static_cast<std::size_t>(bank)].waiting[lane.writing].all == 0) return;
  offer_bank(state, lane, bank, now, !lane.row_stale, !lane.column_stale);
}

}  // namespace wordline::memory::policy::scheduler
