// The state of one channel as the fast controller's policies see it: queues, banks, refresh units, in flat arrays.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "wordline/memory/access.h"
#include "wordline/memory/settings.h"
#include "wordline/memory/timing.h"

namespace wordline::memory {

inline constexpr std::int16_t no_slot = -1;
inline constexpr std::int16_t no_bank = -1;

// A queued access. The links run through its queue by age, and through its bank's accesses by key.
struct alignas(64) Slot {
  Tick arrival = 0;
  std::uint64_t key = 0;  // order within a bank and among banks: priority, then age; lower goes first
  std::uint64_t id = 0;   // rises with arrival in the channel
  std::uint64_t token = 0;
  std::int32_t bank = 0, row = 0, column = 0;
  std::int16_t left = 0;  // bursts to go
  std::int16_t older = no_slot, younger = no_slot;
  std::int16_t before = no_slot, after = no_slot;
  std::uint8_t priority = 0;
  bool opened = false;  // a row was opened for it
};

// What a bank's accesses of one direction wait for: its activation, its precharge, the column bus; or nothing waits.
enum Want : std::uint8_t { want_act, want_pre, want_column, want_nothing };
inline constexpr int wants = 3;

// The accesses that wait for one bank in one queue.
struct Waiting {
  std::uint64_t first_key = 0, hit_key = 0;      // keys of first and first_hit
  std::int16_t first = no_slot, last = no_slot;  // by key
  std::int16_t first_hit = no_slot;              // the first whose row is open
  std::int16_t count = 0, hits = 0;
};

// A bank's place in one of its lane's lists for one direction: see BankLists.
struct alignas(32) BankLink {
  std::uint64_t key = 0;
  Tick rests_until = 0;
  std::int16_t before = no_bank, after = no_bank;
  Want want = want_nothing;
  bool resting = false;
  bool blocked = false;  // waits for its refresh: takes no other command
};

struct alignas(128) Bank {
  static constexpr std::int32_t closed = -1, unlearned = -2;
  std::int32_t row = closed;
  std::int16_t lane = 0, unit = 0, rank = 0;
  Waiting waiting[2];  // reads, writes
  Tick opened_at = 0;
  Tick used_at = 0;  // its last ACT or column command
  // Of the adaptive page policy.
  Tick timeout = 0;
  std::int32_t closed_row = unlearned;  // that the policy closed last; `closed`: an access did; unlearned: a refresh
};

// One queue, of reads or of writes.
struct Queue {
  std::vector<Slot> slots;
  std::vector<std::int16_t> free;  // a stack
  int size = 0;                    // parked writes included
  int linked = 0;                  // without them
  std::int16_t oldest = no_slot, youngest = no_slot;
};

struct BankList {
  std::int16_t first = no_bank, last = no_bank;
};

// The banks of a lane whose accesses of one direction want the same: those that their own timing (tRCD, tRP, tRAS, ...)
// keeps back, by the tick until which it does, and the others by key.
struct BankLists {
  BankList ready, resting;
  bool empty() const { return ready.first == no_bank && resting.first == no_bank; }
};

// The banks that one refresh command reaches.
struct Unit {
  Tick due = 0;           // of its next refresh
  Tick ready = 0;         // while wanted: no command of it before this
  std::int32_t bank = 0;  // the lowest of its banks
  std::int16_t lane = 0;
  std::int16_t open_banks = 0;
  std::int16_t queued[2] = {0, 0};  // accesses that wait for it, reads and writes
};

// One data bus with its queues.
struct Lane {
  // No command of each want can issue before; last: when the lane has to be updated.
  std::array<Tick, wants + 1> due{never, never, never, 0};
  std::int16_t index = 0;
  std::int32_t first_bank = 0, end_bank = 0;
  std::int16_t first_unit = 0, unit_count = 0;
  Queue queues[2];  // reads, writes
  BankLists lists[2][wants];
  std::int32_t turn[wants] = {0, 0, 0};  // of bank-round-robin: where the next search begins
  bool writing = false;
  bool starving = false;     // its oldest access is beyond the age cap
  Tick starving_at = never;  // when the access that is oldest now will be beyond the age cap
  Tick page_at = never;      // no idle row is due for closing before
  // Of its refresh units, a bit each from first_unit on.
  Tick refresh_at = 0;  // the next three change by time no earlier
  std::uint64_t may_come_early = 0, owed = 0, forced = 0;
  std::uint64_t queued[2] = {0, 0};  // some access waits for it
  std::uint64_t wanted = 0;          // its banks take no other command until it is refreshed
  Queue& active() { return queues[writing]; }
  const Queue& active() const { return queues[writing]; }
};

// A write that waits outside its bank's list until an older read of the same address is done.
struct Parked {
  std::int16_t lane = 0, slot = no_slot, read = no_slot;
};

struct ChannelState {
  ChannelState(const dram::Standard& table, Kind refreshed_by) : standard(table), timing(table, refreshed_by) {}
  const dram::Standard& standard;
  Tick now = 0;  // what is done now is done at this tick
  Settings settings;
  int bursts = 1;
  Tick age_cap = 0;       // in ticks
  Tick page_timeout = 0;  // in ticks
  // Refresh: the command, its interval (0: nothing is refreshed), the ticks after and before `due`.
  Kind refresh = ref_all;
  Tick refresh_period = 0, postponed = 0, pulled_in = 0;
  Timing timing;
  std::vector<Bank> banks;
  std::vector<BankLink> links[2];  // by bank; reads, writes
  std::vector<Unit> units;
  std::vector<Lane> lanes;
  std::vector<Parked> parked;

  Bank& bank(std::int32_t b) { return banks[static_cast<std::size_t>(b)]; }
  const Bank& bank(std::int32_t b) const { return banks[static_cast<std::size_t>(b)]; }
  BankLink& link(std::int32_t b, bool write) { return links[write][static_cast<std::size_t>(b)]; }
  const BankLink& link(std::int32_t b, bool write) const { return links[write][static_cast<std::size_t>(b)]; }
  bool blocked(std::int32_t b) const { return link(b, false).blocked; }
  Lane& lane_of_bank(std::int32_t b) { return lanes[static_cast<std::size_t>(bank(b).lane)]; }
};

inline Slot& slot_of(Queue& queue, std::int16_t slot) { return queue.slots[static_cast<std::size_t>(slot)]; }
inline const Slot& slot_of(const Queue& queue, std::int16_t slot) {
  return queue.slots[static_cast<std::size_t>(slot)];
}

}  // namespace wordline::memory
