// What a controller of one channel is to the injectors: it takes accesses, it is asked when something can happen next.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>

#include "wordline/core/statistics.h"
#include "wordline/dram/power.h"
#include "wordline/dram/trace.h"
#include "wordline/memory/access.h"
#include "wordline/memory/settings.h"

namespace wordline::memory {

using dram::Tick;
inline constexpr Tick never = std::numeric_limits<Tick>::max();

// What a channel counted.
struct Counters {
  std::uint64_t accepted_reads = 0, accepted_writes = 0, reads = 0, writes = 0;
  std::uint64_t row_hits = 0, row_misses = 0;
  Tick last_beat = 0;            // when the last data of all accesses had passed
  core::Histogram read_latency;  // ticks from acceptance to the last data beat
};

// A channel's controller. The order within a tick: arrivals, refresh due, policy updates, row bus, column bus; ties by
// age. On the row bus refreshes that are due go first and refreshes pulled in go last. There is one queue pair for each
// data bus, called a lane.
class Controller {
 public:
  virtual ~Controller() = default;
  virtual int lanes() const = 0;
  virtual int lane_of(std::int32_t bank) const = 0;
  // Whether the lane's queue of that kind takes one more access.
  virtual bool has_room(int lane, bool write) const = 0;
  // Takes an access at `now`, before process(now). There must be room.
  virtual void accept(const Access& access, Tick now) = 0;
  // Does what is to be done at `now`. Ticks come in rising order, none before next_event() is left out.
  virtual void process(Tick now) = 0;
  // The first tick after `now`, the last one processed, at which anything can happen without a further arrival.
  virtual Tick next_event(Tick now) const = 0;
  // Accesses that wait for commands.
  virtual int queued() const = 0;
  // Commands and state intervals up to `end`.
  virtual dram::Activity activity(Tick end) const = 0;
  const Counters& counters() const { return counters_; }

 protected:
  Counters counters_;
};

// Both take the same decisions, to the tick: the fast one keeps sets and jumps from event to event, the reference one
// looks through everything at every tick. `bursts`: column commands of one access. `commands`, where not null, receives
// every command. The standard must outlive the controller.
std::unique_ptr<Controller> make_fast_controller(const dram::Standard& standard, const Settings& settings, int bursts,
                                                 dram::CommandTrace* commands);
std::unique_ptr<Controller> make_reference_controller(const dram::Standard& standard, const Settings& settings,
                                                      int bursts, dram::CommandTrace* commands);

}  // namespace wordline::memory
