#include "wordline/memory/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "wordline/core/parallel.h"
#include "wordline/memory/address_map.h"
#include "wordline/memory/channel.h"

namespace wordline::memory {

namespace {

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
    paced_ = paced(pattern);
    if (paced_) {
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
  static constexpr std::size_t batch = 1 << 16, chunk = 1 << 13;

  // Places the next accesses of the pattern; returns whether there may be more.
  bool next_batch() {
    blocks_.resize(batch);
    accesses_.resize(batch);
    channel_of_.resize(batch);
    count_ = source_->next(blocks_.data(), batch);
    core::parallel_for((count_ + chunk - 1) / chunk, options_.threads, [&](std::size_t k) {
      const BlockAccess* const from = blocks_.data() + k * chunk;
      Access* const to = accesses_.data() + k * chunk;
      std::int32_t* const channels = channel_of_.data() + k * chunk;
      map_.place_each(
          std::min(chunk, count_ - k * chunk), [from](std::size_t i) { return from[i].block; },
          [from, to, channels, bursts = bursts_](std::size_t i, const Place& place) {
            channels[i] = place.channel;
            to[i].bank = place.bank;
            to[i].row = place.row;
            to[i].column = place.column * bursts;
            to[i].write = from[i].write;
          });
    });
    offered_ += count_;
    return count_ == batch;
  }

  // Each channel on its own: a stretch of the pattern after another, split by channel.
  void inject_split() {
    constexpr std::size_t slots = 3;
    std::array<std::vector<std::vector<Access>>, slots> shares;  // of each channel
    const auto make = [&](std::size_t slot) {
      auto& share = shares[slot];
      blocks_.resize(batch);
      const std::size_t count = source_->next(blocks_.data(), batch);
      share.resize(channels_.size());
      for (auto& accesses : share) accesses.clear();
      map_.place_each(
          count, [&](std::size_t i) { return blocks_[i].block; },
          [&](std::size_t i, const Place& place) {
            share[static_cast<std::size_t>(place.channel)].push_back(
                {.bank = place.bank, .row = place.row, .column = place.column * bursts_, .write = blocks_[i].write});
          });
      offered_ += count;
      return count < batch;
    };
    core::share_out(channels_.size(), options_.threads, slots, make, [&](std::size_t c, std::size_t slot, bool last) {
      for (const Access& access : shares[slot][c]) channels_[c].supply(access);
      channels_[c].pump(last);
    });
  }

  void inject_single() {
    FrontEdge front{.clock = system_.module.part->standard.ticks_per_clock, .most_per_clock = 32};
    const bool freely = !paced_ && options_.gap_clocks == 0;
    for (bool more = true; more;) {
      more = next_batch();
      freely ? offer_freely(front) : offer_in_time(front);
    }
    for (Channel& channel : channels_) channel.drain();
  }

  // Each access as soon as it may be, those of one channel in a row at once.
  void offer_freely(FrontEdge& front) {
    for (std::size_t i = 0, end = 0; i < count_; i = end) {
      const std::int32_t channel = channel_of_[i];
      for (end = i + 1; end < count_ && channel_of_[end] == channel;) ++end;
      channels_[static_cast<std::size_t>(channel)].feed(accesses_.data() + i, end - i, front);
    }
  }

  // Each access no earlier than the pattern's pauses and dependences and the gap between accesses allow.
  void offer_in_time(FrontEdge& front) {
    for (std::size_t i = 0; i < count_; ++i) {
      Tick wanted = std::max(front.at + static_cast<Tick>(blocks_[i].gap_clocks) * front.clock, earliest_);
      if (blocks_[i].dependent && last_) wanted = std::max(wanted, front.edge_after(done_of_last(front.at) - 1));
      if (wanted > front.at) {
        front.at = wanted;
        front.taken = 0;
      }
      completions_.clear();
      last_ = &channels_[static_cast<std::size_t>(channel_of_[i])];
      accesses_[i].token = ++last_token_;
      last_->feed(&accesses_[i], 1, front);
      earliest_ += static_cast<Tick>(options_.gap_clocks) * front.clock;
    }
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
  std::vector<Access> accesses_;
  std::vector<std::int32_t> channel_of_;
  std::size_t count_ = 0;  // of the batch
  bool paced_ = false;
  std::uint64_t offered_ = 0;
  // Of accesses that depend on the one before them.
  std::vector<Completion> completions_;
  Channel* last_ = nullptr;
  Tick earliest_ = 0;
  std::uint64_t last_token_ = 0;
};

}  // namespace

Result run(const System& system, const Pattern& pattern, const RunOptions& options) {
  return Runner(system, pattern, options).run();
}

}  // namespace wordline::memory
