#include "wordline/memory/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "wordline/core/parallel.h"
#include "wordline/memory/address_map.h"
#include "wordline/memory/channel.h"

namespace wordline::memory {

namespace {

// Accesses of one channel's commands, told where they go.
struct Placed {
  std::int32_t channel;
  std::uint32_t gap_clocks;
  bool dependent;
  Access access;
};

// Keeps a channel's commands.
class Recorder final : public Observer {
 public:
  explicit Recorder(dram::CommandTrace& trace) : trace_(&trace) {}
  void accepted(const Access&, std::uint64_t, Tick) override {}
  void issued(const dram::Command& command, std::uint64_t) override { trace_->push_back(command); }
  void finished(std::uint64_t, Tick) override {}

 private:
  dram::CommandTrace* trace_;
};

class Runner {
 public:
  Runner(const System& system, const Pattern& pattern, const RunOptions& options)
      : system_(system),
        options_(options),
        map_(system),
        source_(make_source(pattern, map_.blocks())),
        bursts_(system.bursts()) {
    const auto count = static_cast<std::size_t>(system.channels());
    channels_.reserve(count);
    for (std::size_t c = 0; c < count; ++c) channels_.emplace_back(system, options.reference, static_cast<int>(c));
    if (paced(pattern)) {
      options_.injector = Injector::single;
      for (Channel& channel : channels_) channel.collect(&completions_);
    }
    if (options.commands) {
      options.commands->assign(count, {});
      recorders_.reserve(count);
      for (std::size_t c = 0; c < count; ++c) {
        recorders_.emplace_back((*options.commands)[c]);
        channels_[c].watch(&recorders_[c]);
      }
    } else if (!options.observers.empty()) {
      for (std::size_t c = 0; c < count; ++c) channels_[c].watch(options.observers.at(c));
    }
  }

  Result run() {
    options_.injector == Injector::split ? inject_split() : inject_single();
    Tick end = 0;
    for (const Channel& channel : channels_) end = std::max(end, channel.counters().last_beat);
    core::parallel_for(channels_.size(), options_.threads, [&](std::size_t c) { channels_[c].advance(end); });
    return sum(end);
  }

 private:
  static constexpr std::size_t batch = 1 << 17, chunk = 1 << 13;

  // Fills placed_ with the next accesses of the pattern; returns whether there may be more.
  bool next_batch() {
    blocks_.resize(batch);
    const std::size_t count = source_->next(blocks_.data(), batch);
    placed_.resize(count);
    core::parallel_for((count + chunk - 1) / chunk, options_.threads, [&](std::size_t k) {
      for (std::size_t i = k * chunk; i < std::min(count, (k + 1) * chunk); ++i) {
        const Place place = map_.place(blocks_[i].block);
        placed_[i] = {
            place.channel,
            blocks_[i].gap_clocks,
            blocks_[i].dependent,
            {.bank = place.bank, .row = place.row, .column = place.column * bursts_, .write = blocks_[i].write}};
      }
    });
    offered_ += count;
    return count == batch;
  }

  // A stretch of the pattern, split by channel.
  struct Share {
    std::vector<std::vector<Access>> of_channel;
    bool last = false;
  };

  void fill(Share& share) {
    blocks_.resize(batch);
    const std::size_t count = source_->next(blocks_.data(), batch);
    share.of_channel.resize(channels_.size());
    for (auto& accesses : share.of_channel) accesses.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const Place place = map_.place(blocks_[i].block);
      share.of_channel[static_cast<std::size_t>(place.channel)].push_back(
          {.bank = place.bank, .row = place.row, .column = place.column * bursts_, .write = blocks_[i].write});
    }
    offered_ += count;
    share.last = count < batch;
  }

  // While the channels work on one share, the next is made beside them.
  void inject_split() {
    Share now, next;
    fill(now);
    for (;;) {
      core::parallel_for(channels_.size() + 1, options_.threads, [&](std::size_t i) {
        if (i == 0) {
          if (!now.last) fill(next);
          return;
        }
        for (const Access& access : now.of_channel[i - 1]) channels_[i - 1].supply(access);
        channels_[i - 1].pump(now.last);
      });
      if (now.last) return;
      std::swap(now, next);
    }
  }

  void inject_single() {
    constexpr int most_per_clock = 32;
    const Tick clock = system_.module.part->standard.ticks_per_clock;
    const auto gap = static_cast<Tick>(options_.gap_clocks) * clock;
    Tick at = 0, earliest = 0;
    int accepted = 0;
    for (bool more = true; more;) {
      more = next_batch();
      for (Placed& placed : placed_) {
        Tick wanted = std::max(at + static_cast<Tick>(placed.gap_clocks) * clock, earliest);
        if (placed.dependent && last_) wanted = std::max(wanted, (done_of_last(at) + clock - 1) / clock * clock);
        if (wanted == at && accepted == most_per_clock) wanted += clock;
        completions_.clear();
        last_ = &channels_[static_cast<std::size_t>(placed.channel)];
        placed.access.token = ++last_token_;
        const Tick taken = last_->offer(placed.access, wanted);
        accepted = taken == at ? accepted + 1 : 1;
        at = taken;
        earliest += gap;
      }
    }
    for (Channel& channel : channels_) channel.drain();
  }

  // When the access that was offered last, at `at`, has come back. A completion is known at least a burst and its
  // latency ahead, so in steps of those no time passes that the next access could still use.
  Tick done_of_last(Tick at) {
    const auto& standard = system_.module.part->standard;
    const auto beat = [&](dram::CommandId id) { return standard.spec(id).latency + standard.spec(id).burst; };
    const Tick step = std::min(beat(standard.usual.rd), beat(standard.usual.wr));
    for (;; at += step) {
      last_->advance(at);
      for (const Completion& completion : completions_)
        if (completion.token == last_token_) return completion.finished + own_delay();
    }
  }

  // The module's delay in ticks, rounded up.
  Tick own_delay() const {
    return static_cast<Tick>(std::ceil(system_.module.read_delay / system_.module.part->clock.period() - 1e-9));
  }

  Result sum(Tick end) const {
    const Result result = sum_of(system_, channels_, end);
    std::uint64_t accepted = 0;
    for (const Channel& channel : channels_)
      accepted += channel.counters().accepted_reads + channel.counters().accepted_writes;
    if (result.accesses != offered_ || accepted != offered_)
      throw std::logic_error(
          fmt::format("{} accesses offered, {} accepted, {} done", offered_, accepted, result.accesses));
    return result;
  }

  const System& system_;
  RunOptions options_;
  AddressMap map_;
  std::unique_ptr<Source> source_;
  int bursts_;
  std::vector<Channel> channels_;
  std::vector<Recorder> recorders_;
  std::vector<BlockAccess> blocks_;
  std::vector<Placed> placed_;
  std::uint64_t offered_ = 0;
  // Of accesses that depend on the one before them.
  std::vector<Completion> completions_;
  Channel* last_ = nullptr;
  std::uint64_t last_token_ = 0;
};

}  // namespace

Result run(const System& system, const Pattern& pattern, const RunOptions& options) {
  return Runner(system, pattern, options).run();
}

}  // namespace wordline::memory
