// One channel with its controller, driven through time by the injectors.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "wordline/memory/controller.h"
#include "wordline/memory/result.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

// On cache lines of its own, as its supplies are: channels work side by side on threads.
class alignas(64) Channel {
 public:
  // The system must outlive the channel.
  explicit Channel(const System& system, bool reference = false, int number = 0);

  int lane_of(std::int32_t bank) const { return controller_->lane_of(bank); }
  // Split injection: appends to what a lane takes in order, as fast as its queues accept, at whole clocks.
  void supply(const Access& access);
  // Runs until a lane's supply might run out within a clock; with `last`, until everything is done.
  void pump(bool last);

  // Single injection: offers an access at clock edge `at` (rising over all calls) and returns the edge at which it was
  // accepted.
  Tick offer(const Access& access, Tick at) {
    FrontEdge front{.clock = ticks_per_clock_, .at = std::max(at, at_)};
    feed(&access, 1, front);
    return front.at;
  }
  // The same for several in order.
  void feed(const Access* accesses, std::size_t count, FrontEdge& front) {
    controller_->feed(accesses, count, front);
    at_ = front.at;
  }
  // The same without waiting: false where the queue is full.
  bool try_offer(const Access& access, Tick at);
  bool has_room(std::int32_t bank, bool write) const { return controller_->has_room(lane_of(bank), write); }
  // Does everything before `until`.
  void advance(Tick until);
  // Runs until no access waits.
  void drain();

  const Counters& counters() const { return controller_->counters(); }
  dram::Activity activity(Tick end) const { return controller_->activity(end); }
  void watch(Observer* observer) { controller_->watch(observer); }
  void collect(std::vector<Completion>* completions) { controller_->collect(completions); }

 private:
  struct alignas(64) Supply {
    std::vector<Access> accesses;
    std::size_t next = 0;
    std::size_t left() const { return accesses.size() - next; }
  };
  void take_supplies();
  bool supplied() const;
  // The queues, a bit for lane * 2 + write, that the next access of some supply waits for.
  std::uint64_t lanes_waiting() const;
  Tick edge_at_or_after(Tick at) const { return (at + ticks_per_clock_ - 1) & ~(ticks_per_clock_ - 1); }

  std::unique_ptr<Controller> controller_;
  Tick ticks_per_clock_;
  std::size_t most_per_clock_;
  std::vector<Supply> supplies_;
  Tick at_ = 0;  // all ticks before are done
};

// What all channels of a system counted, up to `end`.
Result sum_of(const System& system, const std::vector<Channel>& channels, Tick end);

}  // namespace wordline::memory
