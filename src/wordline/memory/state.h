// The state of one channel as the fast controller's policies see it: queues, banks, refresh units, in flat arrays.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "wordline/memory/access.h"
#include "wordline/memory/settings.h"
#include "wordline/memory/timing.h"

namespace wordline::memory {

inline constexpr std::int16_t no_slot = -1;
inline constexpr std::int16_t no_bank = -1;

// The order of accesses and, in its low bits, the access's bank in its lane: priority, then number, lower goes first.
// Numbers rise with arrival in the channel; before they run out, all that wait are numbered anew.
using Key = std::uint32_t;
inline constexpr int bank_bits = 8, number_bits = 20;
inline constexpr Key no_key = ~Key{0};
inline constexpr std::int32_t most_banks = 1 << bank_bits;
inline constexpr std::uint32_t most_numbers = std::uint32_t{1} << number_bits;

// A queued access. The links run through its bank's accesses by key; `after` through the free slots.
struct alignas(64) Slot {
  Tick arrival = 0;
  std::uint64_t id = 0;  // rises with arrival in the channel
  std::uint64_t token = 0;
  std::uint64_t turn = 0;  // its place in its queue's order; 0: it waits for nothing yet, or the slot is free
  std::int32_t bank = 0, row = 0, column = 0;
  Key key = 0;
  std::int16_t left = 0;  // bursts to go
  std::int16_t before = no_slot, after = no_slot;
  std::uint8_t priority = 0;
  bool opened = false;  // a row was opened for it
};

// What a bank's accesses of its lane's direction wait for: its activation, its precharge, the column bus; or nothing.
enum Want : std::uint8_t { want_act, want_pre, want_column, want_nothing };
inline constexpr int wants = 3;

// What a lane does at some time: a command on the row bus, one on the column bus, an update of what policies decide.
enum Deed : std::uint8_t { deed_row, deed_column, deed_update, deed_none, deeds };
constexpr Deed deed_of(Want want) { return want == want_column ? deed_column : deed_row; }

// The accesses that wait for one bank in one queue.
struct Waiting {
  std::int16_t first = no_slot, last = no_slot;  // by key
  std::int16_t first_hit = no_slot;              // the first whose row is open
  std::int16_t count = 0, hits = 0;
};

struct alignas(64) Bank {
  static constexpr std::int32_t closed = -1, unlearned = -2;
  std::int32_t row = closed;
  std::int32_t closed_row = unlearned;  // that the policy closed last; `closed`: an access did; unlearned: a refresh
  std::int16_t lane = 0, unit = 0, rank = 0;
  std::int16_t place = 0;  // in its lane
  Waiting waiting[2];      // reads, writes
  // Of its lane's direction: see settle().
  Want want = want_nothing;
  bool blocked = false;            // waits for its refresh: takes no other command
  std::int16_t speaker = no_slot;  // the access that its next command is for
  Tick opened_at = 0;
  Tick used_at = 0;  // its last ACT or column command
  Tick timeout = 0;  // of the adaptive page policy
};

// One queue, of reads or of writes.
struct Queue {
  std::vector<Slot> slots;
  std::uint64_t turns = 0;      // given out
  std::int16_t free = no_slot;  // the first free slot
  int size = 0;                 // parked writes included
  int linked = 0;               // of writes: without them
};

// The banks that one refresh command reaches.
struct Unit {
  Tick due = 0;           // of its next refresh
  Tick ready = 0;         // while wanted: no command of it before this
  std::int32_t bank = 0;  // the lowest of its banks
  std::int16_t lane = 0;
  std::int16_t open_banks = 0;
  std::int16_t queued[2] = {0, 0};  // of its banks those with accesses, reads and writes, and its parked writes
};

// One data bus with its queues. What its banks want is kept as arrays over them, which are searched many at a time.
struct alignas(64) Lane {
  static constexpr std::int32_t open = std::numeric_limits<std::int32_t>::min();
  static constexpr std::int32_t shut = std::numeric_limits<std::int32_t>::max();
  // By deed, in ticks since the epoch; shut: never. Nothing of the kind happens before.
  std::int32_t* due = nullptr;
  std::array<std::int32_t*, wants + 1> gates{};   // by bank: open where the bank wants that
  Key* keys = nullptr;                            // by bank: of its speaker
  std::array<const std::int32_t*, 4> ready{};     // by bank: of act, pre, rd, wr
  std::array<const std::int32_t*, 4> bus_free{};  // of the same
  std::array<std::uint64_t, 2> bits{};            // of its queues in a mask of all lanes' queues
  std::int16_t index = 0;
  std::int16_t leader = no_slot;  // the one access that decides for its bank: one that starves, or of fcfs the oldest
  bool writing = false;
  bool starving = false;  // its oldest access is beyond the age cap
  // There are only reads, none starves, and starving_at tells when one could: a further read changes neither.
  bool calm = false;
  std::int32_t first_bank = 0, end_bank = 0, banks = 0;
  std::int16_t first_unit = 0, unit_count = 0;
  Queue queues[2];                       // reads, writes
  std::int32_t turn[wants] = {0, 0, 0};  // of bank-round-robin: where the next search begins
  Tick starving_at = never;              // no access of the direction gets beyond the age cap before
  Tick page_at = never;                  // no idle row is due for closing before
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
  ChannelState(ChannelState&&) = default;  // not copied: lanes point into it
  const dram::Standard& standard;
  Settings settings;
  int bursts = 1;
  Tick age_cap = 0;          // in ticks
  Tick page_timeout = 0;     // in ticks
  bool only_oldest = false;  // of a lane's accesses the oldest alone gets commands
  std::uint32_t next_number = 0;
  // Refresh: the command, its interval (0: nothing is refreshed), the ticks after and before `due`.
  Kind refresh = ref_all;
  Tick refresh_period = 0, postponed = 0, pulled_in = 0;
  Timing timing;
  std::vector<Bank> banks;
  std::vector<Unit> units;
  std::vector<Lane> lanes;
  std::vector<Parked> parked;
  std::vector<std::int32_t> dues, gates;  // of all lanes
  std::vector<Key> keys;

  // A tick as lanes keep it: capped, so that what is farther away is asked for too early.
  std::int32_t due_at(Tick at) const {
    if (at == never) return Lane::shut;
    return static_cast<std::int32_t>(at - timing.epoch() < Lane::shut ? at - timing.epoch() : Lane::shut - 1);
  }
  void lower(std::int32_t& due, Tick at) const {
    if (const std::int32_t then = due_at(at); then < due) due = then;
  }
  // Makes `now` the epoch.
  void move(Tick now);

  Bank& bank(std::int32_t b) { return banks[static_cast<std::size_t>(b)]; }
  const Bank& bank(std::int32_t b) const { return banks[static_cast<std::size_t>(b)]; }
  bool blocked(std::int32_t b) const { return bank(b).blocked; }
};

inline Slot& slot_of(Queue& queue, std::int16_t slot) { return queue.slots[static_cast<std::size_t>(slot)]; }
inline const Slot& slot_of(const Queue& queue, std::int16_t slot) {
  return queue.slots[static_cast<std::size_t>(slot)];
}

}  // namespace wordline::memory
