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
  const Tick tick = state.timing.earliest(kind, bank, now);
  const std::uint64_t id = queue.slots[static_cast<std::size_t>(slot)].id;
  if (!best.before(tick, id)) best = {.tick = tick, .id = id, .bank = bank, .slot = slot, .kind = kind};
}

}  // namespace

void choose(const ChannelState& state, Lane& lane, Tick now) {
  lane.row = {};
  lane.column = {};
  lane.stale = false;
  const Queue& queue = lane.active();
  const Kind column = lane.writing ? wr : rd;
  const std::int32_t starved_bank =
      lane.starving ? queue.slots[static_cast<std::size_t>(queue.oldest)].bank : std::int32_t{-1};
  for (const std::int32_t b : queue.banks) {
    const Bank& bank = state.banks[static_cast<std::size_t>(b)];
    if (state.units[static_cast<std::size_t>(bank.unit)].wanted) continue;
    const Waiting& waiting = bank.waiting[lane.writing];
    if (bank.row == Bank::closed) {
      offer(lane.row, state, now, act, b, queue, waiting.first);
      continue;
    }
    const bool row_is_given_up = b == starved_bank && !(waiting.hits >> queue.oldest & 1);
    if (waiting.hits && !row_is_given_up)
      offer(lane.column, state, now, column, b, queue, waiting.first_hit);
    else
      offer(lane.row, state, now, pre, b, queue, waiting.first);
  }
}

}  // namespace wordline::memory::policy::scheduler
