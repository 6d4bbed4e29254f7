// One channel with its controller, driven through time by the injectors.
#pragma once

#include <memory>
#include <vector>

#include "wordline/memory/controller.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

class Channel {
 public:
  Channel(const System& system, bool reference, dram::CommandTrace* commands);

  int lane_of(std::int32_t bank) const { return controller_->lane_of(bank); }
  // Split injection: appends to what a lane takes in order, as fast as its queues accept.
  void supply(const Access& access);
  // Runs until a lane's supply might run out within a clock; with `last`, until everything is done.
  void pump(bool last);

  // Single injection: offers an access at clock edge `at` (rising over all calls) and returns the edge at which it was
  // accepted.
  Tick offer(const Access& access, Tick at);
  // Does everything before `until`.
  void advance(Tick until);
  // Runs until no access waits.
  void drain();

  const Counters& counters() const { return controller_->counters(); }
  dram::Activity activity(Tick end) const { return controller_->activity(end); }

 private:
  struct Supply {
    std::vector<Access> accesses;
    std::size_t next = 0;
    std::size_t left() const { return accesses.size() - next; }
  };
  void step();
  void take_supplies();
  bool can_take() const;
  bool supplied(bool last) const;
  Tick edge_at_or_after(Tick at) const { return (at + ticks_per_clock_ - 1) / ticks_per_clock_ * ticks_per_clock_; }

  std::unique_ptr<Controller> controller_;
  Tick ticks_per_clock_;
  std::size_t most_per_clock_;
  std::vector<Supply> supplies_;
  Tick at_ = 0;  // the next tick to process; all before are done
};

}  // namespace wordline::memory
