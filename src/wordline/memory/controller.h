// What a controller of one channel is to the injectors: it takes accesses, and simulates up to a tick.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "wordline/core/statistics.h"
#include "wordline/dram/power.h"
#include "wordline/memory/access.h"
#include "wordline/memory/observer.h"
#include "wordline/memory/settings.h"
#include "wordline/memory/timing.h"

namespace wordline::memory {

// What a channel counted.
struct Counters {
  std::uint64_t accepted_reads = 0, accepted_writes = 0, reads = 0, writes = 0;
  std::uint64_t forwarded_reads = 0;  // of the reads: answered by a queued write
  std::uint64_t row_hits = 0, row_misses = 0;
  Tick last_beat = 0;            // when the last data of all accesses had passed
  core::Histogram read_latency;  // ticks from acceptance to the last data beat
};

// Where a front end stands that offers accesses in order, at clock edges, so many at most in one clock.
struct FrontEdge {
  Tick clock = 1;  // ticks, a power of two
  int most_per_clock = std::numeric_limits<int>::max();
  Tick at = 0;
  int taken = 0;  // at that edge
  // When the next access is offered, the first edge after a tick, and what an access taken at an edge changes.
  Tick next() const { return taken == most_per_clock ? at + clock : at; }
  Tick edge_after(Tick tick) const { return (tick + clock) & -clock; }
  void took(Tick edge) {
    taken = edge == at ? taken + 1 : 1;
    at = edge;
  }
};

// A channel's controller. The order within a tick: arrivals; each data bus' direction and age; refreshes that become
// wanted; the row bus (refreshes that are due, accesses, idle rows to close, refreshes that come early); the column
// bus. Ties between data buses by age. There is one queue pair for each data bus, called a lane.
class Controller {
 public:
  virtual ~Controller() = default;
  virtual int lanes() const = 0;
  virtual int lane_of(std::int32_t bank) const = 0;
  // Whether the lane's queue of that kind takes one more access.
  virtual bool has_room(int lane, bool write) const = 0;
  // Takes an access at `now`: no earlier than any tick that was simulated. There must be room.
  virtual void accept(const Access& access, Tick now) = 0;
  // Simulates all ticks before `until`.
  virtual void advance(Tick until) = 0;
  // The same, but stops behind the first tick in which an access left a queue that `lanes_waiting` names (a bit for
  // lane
  // * 2 + write); returns that tick, or `until` where there was none.
  virtual Tick advance_until_room(std::uint64_t lanes_waiting, Tick until) = 0;
  // Takes accesses in order, each at the front end's tick or, where its queue is full, at the first clock edge after
  // one left it; everything before is simulated. Moves the front end on.
  virtual void feed(const Access* accesses, std::size_t count, FrontEdge& front) {
    for (const Access* access = accesses; access != accesses + count; ++access) {
      Tick at = front.next();
      const int lane = lane_of(access->bank);
      advance(at);
      if (!has_room(lane, access->write)) {
        at = front.edge_after(advance_until_room(std::uint64_t{1} << (lane * 2 + access->write), never));
        advance(at);
      }
      accept(*access, at);
      front.took(at);
    }
  }
  // Simulates until no access waits for commands; returns the last tick in which a command issued for one.
  virtual Tick drain() = 0;
  // Commands and state intervals up to `end`.
  virtual dram::Activity activity(Tick end) const = 0;

  const Counters& counters() const { return counters_; }
  // Watches from now on; null: nobody does.
  void watch(Observer* observer) { observer_ = observer; }
  // Completions are appended there as soon as they are known, which is before they happen; null: nowhere.
  void collect(std::vector<Completion>* completions) { completions_ = completions; }

 protected:
  Counters counters_;
  Observer* observer_ = nullptr;
  std::vector<Completion>* completions_ = nullptr;
};

// Both take the same decisions, to the tick: the fast one keeps sets and jumps from event to event, the reference one
// looks through everything at every tick that does not repeat the one before. `bursts`: column commands of one access.
// The standard must outlive the controller. Throw core::UsageError for policies that the standard cannot have.
std::unique_ptr<Controller> make_fast_controller(const dram::Standard& standard, const Settings& settings, int bursts);
std::unique_ptr<Controller> make_reference_controller(const dram::Standard& standard, const Settings& settings,
                                                      int bursts);
// The reference controller that looks at every tick, and at each anew: for the test that the other leaves out nothing.
std::unique_ptr<Controller> make_plain_reference_controller(const dram::Standard& standard, const Settings& settings,
                                                            int bursts);

}  // namespace wordline::memory
