#include "wordline/memory/channel.h"

#include <algorithm>

namespace wordline::memory {

Channel::Channel(const System& system, bool reference, int number)
    : ticks_per_clock_(system.module.part->standard.ticks_per_clock),
      most_per_clock_(static_cast<std::size_t>(system.settings.read_queue + system.settings.write_queue)) {
  Settings settings = system.settings;
  if (settings.refreshes_spread) settings.refresh_phase = double(number) / system.channels();
  const auto make = reference ? make_reference_controller : make_fast_controller;
  controller_ = make(system.module.part->standard, settings, system.bursts());
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

void Channel::take_supplies() {
  for (std::size_t lane = 0; lane < supplies_.size(); ++lane) {
    Supply& supply = supplies_[lane];
    while (supply.left() > 0 && controller_->has_room(static_cast<int>(lane), supply.accesses[supply.next].write))
      controller_->accept(supply.accesses[supply.next++], at_);
  }
}

std::uint64_t Channel::lanes_waiting() const {
  std::uint64_t waiting = 0;
  for (std::size_t lane = 0; lane < supplies_.size(); ++lane)
    if (supplies_[lane].left() > 0)
      waiting |= std::uint64_t{1} << (lane * 2 + supplies_[lane].accesses[supplies_[lane].next].write);
  return waiting;
}

bool Channel::supplied() const {
  return std::all_of(supplies_.begin(), supplies_.end(),
                     [&](const Supply& supply) { return supply.left() >= most_per_clock_; });
}

void Channel::pump(bool last) {
  while (last || supplied()) {
    take_supplies();
    const std::uint64_t waiting = lanes_waiting();
    if (waiting == 0) return drain();
    at_ = edge_at_or_after(controller_->advance_until_room(waiting, never) + 1);
    controller_->advance(at_);
  }
}

bool Channel::try_offer(const Access& access, Tick at) {
  advance(at);
  if (!controller_->has_room(lane_of(access.bank), access.write)) return false;
  controller_->accept(access, at);
  return true;
}

void Channel::advance(Tick until) {
  if (until <= at_) return;
  controller_->advance(until);
  at_ = until;
}

void Channel::drain() { at_ = std::max(at_, controller_->drain() + 1); }

Result sum_of(const System& system, const std::vector<Channel>& channels, Tick end) {
  Result result;
  result.ticks = end;
  result.activity.commands.assign(system.module.part->standard.commands.size(), 0);
  for (const Channel& channel : channels) {
    const Counters& counters = channel.counters();
    result.reads += counters.reads;
    result.writes += counters.writes;
    result.forwarded_reads += counters.forwarded_reads;
    result.row_hits += counters.row_hits;
    result.row_misses += counters.row_misses;
    result.read_latency.merge(counters.read_latency);
    result.activity += channel.activity(end);
  }
  result.accesses = result.reads + result.writes;
  return result;
}

}  // namespace wordline::memory
