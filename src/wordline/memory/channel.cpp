#include "wordline/memory/channel.h"

#include <algorithm>

namespace wordline::memory {

Channel::Channel(const System& system, bool reference, dram::CommandTrace* commands)
    : ticks_per_clock_(system.module.part->standard.ticks_per_clock),
      most_per_clock_(static_cast<std::size_t>(system.settings.read_queue + system.settings.write_queue)) {
  const auto make = reference ? make_reference_controller : make_fast_controller;
  controller_ = make(system.module.part->standard, system.settings, system.bursts(), commands);
  supplies_.resize(static_cast<std::size_t>(controller_->lanes()));
}

void Channel::supply(const Access& access) {
  Supply& supply = supplies_[static_cast<std::size_t>(lane_of(access.bank))];
  if (supply.next > 4096 && supply.next * 2 > supply.accesses.size()) {
    supply.accesses.erase(supply.accesses.begin(), supply.accesses.begin() + static_cast<std::ptrdiff_t>(supply.next));
    supply.next = 0;
  }
  supply.accesses.push_back(access);
}

void Channel::step() {
  controller_->process(at_);
  at_ = controller_->next_event(at_);
}

void Channel::take_supplies() {
  for (std::size_t lane = 0; lane < supplies_.size(); ++lane) {
    Supply& supply = supplies_[lane];
    while (supply.left() > 0 && controller_->has_room(static_cast<int>(lane), supply.accesses[supply.next].write))
      controller_->accept(supply.accesses[supply.next++], at_);
  }
}

bool Channel::can_take() const {
  for (std::size_t lane = 0; lane < supplies_.size(); ++lane) {
    const Supply& supply = supplies_[lane];
    if (supply.left() > 0 && controller_->has_room(static_cast<int>(lane), supply.accesses[supply.next].write))
      return true;
  }
  return false;
}

bool Channel::supplied(bool last) const {
  if (last)
    return controller_->queued() > 0 ||
           std::any_of(supplies_.begin(), supplies_.end(), [](const Supply& supply) { return supply.left() > 0; });
  return std::all_of(supplies_.begin(), supplies_.end(),
                     [&](const Supply& supply) { return supply.left() >= most_per_clock_; });
}

void Channel::pump(bool last) {
  while (supplied(last)) {
    if (at_ % ticks_per_clock_ == 0) take_supplies();
    const Tick now = at_;
    step();
    if (at_ > now + 1 && can_take()) at_ = std::min(at_, edge_at_or_after(now + 1));
  }
}

Tick Channel::offer(const Access& access, Tick at) {
  const int lane = lane_of(access.bank);
  advance(at);
  while (!controller_->has_room(lane, access.write)) {
    at = edge_at_or_after(at_ + 1);
    step();
    if (controller_->has_room(lane, access.write)) advance(at);
  }
  controller_->accept(access, at);
  at_ = at;
  return at;
}

void Channel::advance(Tick until) {
  while (at_ < until) step();
}

void Channel::drain() {
  while (controller_->queued() > 0) step();
}

}  // namespace wordline::memory
