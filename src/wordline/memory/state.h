// The state of one channel as the fast controller's policies see it: queues, banks, refresh units, in flat arrays.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/memory/controller.h"
#include "wordline/memory/timing.h"

namespace wordline::memory {

// Entries of a queue are numbered 0..63 and linked by age.
inline constexpr std::int8_t no_slot = -1;

// A queued access.
struct Slot {
  Tick arrival = 0;
  std::uint64_t id = 0;  // rising with arrival: age
  std::int32_t bank = 0, row = 0, column = 0;
  std::int16_t left = 0;  // bursts to go
  bool opened = false;    // a row was opened for it
  std::int8_t older = no_slot, younger = no_slot;
};

// One queue, of reads or of writes.
struct Queue {
  std::uint64_t free = 0;  // bit per slot
  int size = 0;
  std::int8_t oldest = no_slot, youngest = no_slot;
  std::vector<Slot> slots;
  std::vector<std::int32_t> banks;  // those that some access waits for, in no order
};

// What waits for a bank in one queue.
struct Waiting {
  std::uint64_t all = 0, hits = 0;                   // bit per slot; hits: its row is the open one
  std::int8_t first = no_slot, first_hit = no_slot;  // the oldest of each
  std::int32_t place = 0;                            // in Queue::banks
};

struct Bank {
  static constexpr std::int32_t closed = -1;
  std::int32_t row = closed;
  std::int32_t lane = 0, unit = 0, rank = 0;
  Tick opened_at = 0;
  Waiting waiting[2];  // reads, writes
};

// The banks that one all-bank refresh reaches.
struct Unit {
  Tick due = 0;         // of its next refresh
  bool wanted = false;  // no other command goes there until it is refreshed
  int lane = 0, first_bank = 0;
  int open_banks = 0;
  int queued[2] = {0, 0};  // accesses that wait for it, reads and writes
};

// The next command that a bus could carry for a lane.
struct Pick {
  Tick tick = never;
  std::uint64_t id = ~std::uint64_t{0};
  std::int32_t bank = 0;
  std::int8_t slot = no_slot;
  Kind kind = act;
};

// One data bus with its queues.
struct Lane {
  Queue queues[2];  // reads, writes
  bool writing = false;
  bool starving = false;                       // its oldest access is beyond the age cap
  bool row_stale = true, column_stale = true;  // the pick must be made anew
  Pick row, column;
  void make_stale() { row_stale = column_stale = true; }
  Queue& active() { return queues[writing]; }
  const Queue& active() const { return queues[writing]; }
};

struct ChannelState {
  explicit ChannelState(const dram::Standard& standard) : timing(standard) {}
  Settings settings;
  int bursts = 1;
  Tick age_cap = 0;         // in ticks
  Tick refresh_period = 0;  // 0: nothing is ever refreshed
  bool may_pull_in = false;
  Timing timing;
  std::vector<Bank> banks;
  std::vector<Unit> units;
  std::vector<Lane> lanes;
};

}  // namespace wordline::memory
