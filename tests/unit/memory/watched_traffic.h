// Legal traffic on one channel for those who watch: a small scheduler of its own over dram::Device, so that watchers
// are tested without any controller.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "wordline/core/catalog.h"
#include "wordline/core/random.h"
#include "wordline/dram/device.h"
#include "wordline/memory/observer.h"
#include "wordline/memory/system.h"

namespace wordline::memory::testing {

inline const core::Catalog& shipped() {
  static const core::Catalog catalog = core::Catalog::open();
  return catalog;
}

struct Traffic {
  double reads = 0.7;   // share of reads
  int rows = 4;         // rows of a bank that are used: few make hits
  dram::Tick gap = 0;   // ticks between arrivals on a bus; 0: eight always wait
  bool refresh = true;  // REFab of each rank in turn
  int accesses = 200;
  std::uint64_t seed = 1;
};

// What was issued, and when the last data passed.
struct Ran {
  std::vector<dram::Command> commands;
  dram::Tick end = 0;
  dram::Activity activity;
};

class Driver {
 public:
  Driver(const System& system, const Traffic& traffic, Observer& observer)
      : standard_(system.module.part->standard),
        traffic_(traffic),
        bursts_(system.bursts()),
        observer_(observer),
        device_(standard_),
        random_(traffic.seed),
        queues_(
            static_cast<std::size_t>(standard_.geometry.nodes[static_cast<std::size_t>(standard_.data_bus_level)])) {
    const dram::RefreshSpec& spec = standard_.refreshes.front();
    const int ranks = standard_.geometry.ranks();
    for (int rank = 0; rank < ranks; ++rank) due_.push_back(spec.credit * (rank + 1) / ranks);
  }

  Ran run() {
    for (now_ = 0; done_ < traffic_.accesses; ++now_) {
      if (now_ % standard_.ticks_per_clock == 0) arrive();
      std::vector<bool> used(standard_.buses.size(), false);
      if (traffic_.refresh) refresh(used);
      for (auto& queue : queues_) serve(queue, used);
    }
    ran_.end = std::max(ran_.end, now_);
    ran_.activity = device_.activity(ran_.end);
    return ran_;
  }

 private:
  struct Waiting {
    Access access;
    std::uint64_t id;
    int left;
  };

  void arrive() {
    for (std::size_t bus = 0; bus < queues_.size(); ++bus) {
      const bool wanted = traffic_.gap == 0 || now_ % traffic_.gap == 0;
      while (wanted && queues_[bus].size() < 8 && static_cast<int>(next_id_) < traffic_.accesses) {
        const dram::Geometry& geometry = standard_.geometry;
        const int below = geometry.banks() / static_cast<int>(queues_.size());
        Access access;
        access.bank =
            static_cast<int>(bus) * below + static_cast<int>(random_.below(static_cast<std::uint64_t>(below)));
        access.row = static_cast<std::int32_t>(random_.below(static_cast<std::uint64_t>(traffic_.rows)));
        access.column =
            static_cast<std::int32_t>(random_.below(static_cast<std::uint64_t>(geometry.columns / bursts_))) * bursts_;
        access.write = random_.uniform() >= traffic_.reads;
        observer_.accepted(access, next_id_, now_);
        queues_[bus].push_back({access, next_id_++, bursts_});
        if (traffic_.gap) break;
      }
    }
  }

  // An activation of two parts goes out as one; where the data clock stands still, a column command sends its CAS
  // ahead.
  bool issue(dram::CommandId id, const Access& access, std::uint64_t owner, std::vector<bool>& used) {
    const dram::CommandSpec& spec = standard_.spec(id);
    dram::Command command{now_, access.bank, spec.effect == dram::Effect::activate ? access.row : 0,
                          spec.burst > 0 ? access.column : 0, id};
    if (used[static_cast<std::size_t>(spec.bus)]) return false;
    if (id == standard_.usual.act && standard_.act_spacing > 0) {
      dram::Command first = command;
      first.id = standard_.usual.act_first;
      command.tick += standard_.act_spacing;
      if (!device_.may_issue(first) || device_.earliest(command) != command.tick) return false;
      send(first, owner, used);
    } else if (spec.burst > 0 && standard_.sync_level >= 0 && !device_.state_error(command).empty()) {
      const dram::Command clock = device_.first_command(command);
      if (device_.may_issue(clock)) send(clock, owner, used);
      return false;
    } else if (!device_.may_issue(command)) {
      return false;
    }
    send(command, owner, used);
    if (spec.burst > 0) ran_.end = std::max(ran_.end, now_ + spec.latency + spec.burst);
    return true;
  }

  void send(const dram::Command& command, std::uint64_t owner, std::vector<bool>& used) {
    used[static_cast<std::size_t>(standard_.spec(command.id).bus)] = true;
    device_.issue(command);
    ran_.commands.push_back(command);
    observer_.issued(command, owner);
  }

  // A rank that is due is closed, then refreshed; nothing else goes there.
  void refresh(std::vector<bool>& used) {
    for (std::size_t rank = 0; rank < due_.size(); ++rank) {
      if (now_ < due_[rank]) continue;
      const dram::RefreshSpec& spec = standard_.refreshes.front();
      const int level = standard_.geometry.rank_level();
      Access place;
      place.bank = static_cast<int>(rank) * standard_.geometry.banks_below[static_cast<std::size_t>(level)];
      if (!device_.state_error({now_, place.bank, 0, 0, spec.command}).empty())
        issue(standard_.usual.pre_all, place, Observer::no_access, used);
      else if (issue(spec.command, place, Observer::no_access, used))
        due_[rank] += spec.credit;
    }
  }

  bool refreshing(int bank) const {
    return traffic_.refresh &&
           now_ >= due_[static_cast<std::size_t>(standard_.geometry.node(standard_.geometry.rank_level(), bank))];
  }

  void serve(std::deque<Waiting>& queue, std::vector<bool>& used) {
    for (std::size_t i = 0; i < queue.size(); ++i) {
      Waiting& waiting = queue[i];
      const Access& access = waiting.access;
      if (refreshing(access.bank)) continue;
      const std::int32_t row = device_.open_row(access.bank);
      const bool hit = row == access.row;
      const auto id = hit                           ? (access.write ? standard_.usual.wr : standard_.usual.rd)
                      : row == dram::Device::closed ? standard_.usual.act
                                                    : standard_.usual.pre;
      // A younger access does not close the row of an older one.
      if (!hit && std::any_of(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(i),
                              [&](const Waiting& older) { return older.access.bank == access.bank; }))
        continue;
      if (!issue(id, access, waiting.id, used) || !hit || --waiting.left > 0) continue;
      observer_.finished(waiting.id, now_ + standard_.spec(id).latency + standard_.spec(id).burst);
      ++done_;
      queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(i--));
    }
  }

  const dram::Standard& standard_;
  Traffic traffic_;
  int bursts_;
  Observer& observer_;
  dram::Device device_;
  core::Random random_;
  std::vector<std::deque<Waiting>> queues_;
  std::vector<dram::Tick> due_;
  dram::Tick now_ = 0;
  std::uint64_t next_id_ = 0;
  int done_ = 0;
  Ran ran_;
};

inline Ran drive(const System& system, const Traffic& traffic, Observer& observer) {
  return Driver(system, traffic, observer).run();
}

}  // namespace wordline::memory::testing
