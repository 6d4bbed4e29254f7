#include "wordline/memory/watch.h"

#include <fmt/format.h>

namespace wordline::memory {

using dram::Tick;

// Passes everything on to those who are there.
class Watch::Channel : public Observer {
 public:
  Channel(const dram::Standard& standard, const WatchOptions& options) {
    if (options.losses) losses.emplace(standard), all_.push_back(&*losses);
    if (options.power) power.emplace(standard), all_.push_back(&*power);
    if (options.timeline) timeline.emplace(standard, *options.timeline), all_.push_back(&*timeline);
  }
  void accepted(const Access& access, std::uint64_t id, Tick now) override {
    for (Observer* each : all_) each->accepted(access, id, now);
  }
  void issued(const dram::Command& command, std::uint64_t id) override {
    for (Observer* each : all_) each->issued(command, id);
  }
  void finished(std::uint64_t id, Tick beat) override {
    for (Observer* each : all_) each->finished(id, beat);
  }

  std::optional<LossAccount> losses;
  std::optional<PowerSeries> power;
  std::optional<Timeline> timeline;

 private:
  std::vector<Observer*> all_;
};

Watch::Watch(const System& system, const WatchOptions& options) : system_(system), options_(options) {
  const dram::Standard& standard = system.module.part->standard;
  power_ = std::make_unique<PowerSeries>(standard);
  if (!options.any()) return;
  for (int c = 0; c < system.channels(); ++c) channels_.push_back(std::make_unique<Channel>(standard, options));
}

Watch::~Watch() = default;

Observer* Watch::channel(int channel) {
  return channels_.empty() ? nullptr : channels_[static_cast<std::size_t>(channel)].get();
}

std::vector<Observer*> Watch::observers() {
  std::vector<Observer*> all;
  for (auto& channel : channels_) all.push_back(channel.get());
  return all;
}

void Watch::finish(Tick end) {
  end_ = end;
  for (auto& channel : channels_) {
    if (channel->losses) losses_ += channel->losses->finish(end);
    if (!channel->power) continue;
    channel->power->finish(end);
    power_->add(*channel->power);
  }
}

void Watch::write_timeline(const std::filesystem::path& file) const {
  core::Perfetto out(file);
  for (std::size_t c = 0; c < channels_.size(); ++c)
    if (channels_[c]->timeline)
      channels_[c]->timeline->write(out, fmt::format("channel {}", c), system_.module.part->clock, end_);
  out.close();
}

}  // namespace wordline::memory
