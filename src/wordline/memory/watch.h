// Everything that can be watched during a run of a whole system: losses, power over time, a timeline.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "wordline/memory/loss_account.h"
#include "wordline/memory/power_series.h"
#include "wordline/memory/timeline.h"

namespace wordline::memory {

// What is wanted; what is not costs nothing.
struct WatchOptions {
  bool losses = false, power = false;
  std::optional<TimelineWindow> timeline = {};
  bool any() const { return losses || power || timeline; }
};

// One observer a channel, so that channels may run on threads. After the run: finish(), then the results, which do not
// depend on the threads.
class Watch {
 public:
  // The system must outlive it.
  Watch(const System& system, const WatchOptions& options);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Null where nothing is wanted.
  Observer* channel(int channel);
  // For RunOptions::observers: one a channel, or none at all.
  std::vector<Observer*> observers();
  // All channels end at `end` (Result::ticks). Throws std::logic_error where the loss account does not add up.
  void finish(dram::Tick end);

  // Sums over all channels; only what was wanted.
  const Losses& losses() const { return losses_; }
  const PowerSeries& power() const { return *power_; }
  // Draws all channels into one file.
  void write_timeline(const std::filesystem::path& file) const;

 private:
  class Channel;
  const System& system_;
  WatchOptions options_;
  std::vector<std::unique_ptr<Channel>> channels_;
  dram::Tick end_ = 0;
  Losses losses_;
  std::unique_ptr<PowerSeries> power_;
};

}  // namespace wordline::memory
