#include "wordline/memory/profile_sample.h"

#include <algorithm>
#include <array>

#include "wordline/core/random.h"

namespace wordline::memory {

namespace {

// A loaded run lasts this many refresh intervals, so that start and end weigh less than 0.5 %.
constexpr double loaded_intervals = 16;
constexpr std::uint64_t fewest_accesses = 8192;  // of a run below saturation
constexpr int lone_reads = 256;
constexpr Tick clocks_between_lone_reads = 997;  // a prime: the reads meet the refreshes at all phases

// Ticks from refresh to refresh; where nothing is refreshed, a stretch of the same order.
Tick refresh_interval(const dram::Standard& standard) {
  for (const auto& spec : standard.refreshes)
    if (spec.command == standard.usual.ref_all) return spec.credit;
  return 10'000;
}

dram::Energy energy_of(const System& system, const dram::Activity& activity) {
  const auto& part = *system.module.part;
  return dram::energy_of(part.power, part.standard, part.clock.period(), activity);
}

}  // namespace

Sample::Sample(const System& system, const AccessPattern& pattern)
    : system_(system), map_(system), part_(*system.module.part) {
  pattern_.kind = pattern.piece_bytes ? "gather" : "stream";
  pattern_.reads = pattern.reads;
  const auto block = static_cast<std::uint64_t>(system.access_bytes());
  pattern_.piece_blocks = std::max<std::uint64_t>(1, (pattern.piece_bytes + block - 1) / block);
  pattern_.streams = pattern.streams;
  pattern_.accesses = ~std::uint64_t{0};
}

Profile Sample::saturated() {
  const double seconds = loaded_intervals * part_.clock.time_of(refresh_interval(part_.standard)).value();
  const auto accesses = static_cast<std::uint64_t>(part_.channel_peak.value() * seconds / system_.access_bytes());
  std::uint64_t wanted = accesses;
  const auto source = make_source(pattern_, map_.blocks());
  Channel channel(system_);
  while (refill(*source, channel, wanted)) channel.pump(false);
  channel.pump(true);
  const LoadPoint point = point_of(channel, accesses, channel.counters().last_beat);
  return {.bandwidth = point.bandwidth,
          .unloaded_latency = lone_latency(),
          .loaded_latency = point.latency,
          .energy = point.energy,
          .idle = idle_power()};
}

LoadPoint Sample::at(core::BytesPerSecond offered) {
  // One channel's accesses come at random times (exponential gaps) at its share of the rate. All loads draw the same
  // numbers, so that latencies of neighbouring loads differ by the load and not by the draw.
  const double seconds = loaded_intervals * part_.clock.time_of(refresh_interval(part_.standard)).value();
  const double rate = offered.value() / channels() / system_.access_bytes();
  const auto accesses = std::max<std::uint64_t>(fewest_accesses, static_cast<std::uint64_t>(rate * seconds));
  const double ticks_between = 1 / (rate * part_.clock.period().value());
  const auto clock = static_cast<Tick>(part_.standard.ticks_per_clock);
  core::Random gaps(1);
  double time = 0;
  Tick at = 0;
  std::uint64_t wanted = accesses;
  const auto source = make_source(pattern_, map_.blocks());
  Channel channel(system_);
  while (wanted > 0) {
    for (const Access& access : next_accesses(*source, wanted)) {
      time += gaps.exponential(ticks_between);
      at = channel.offer(access, std::max(at, static_cast<Tick>(time) / clock * clock));
    }
  }
  channel.drain();
  return point_of(channel, accesses, std::max(channel.counters().last_beat, static_cast<Tick>(time)));
}

// What a channel that took `accesses` accesses did until `end`, for all channels.
LoadPoint Sample::point_of(Channel& channel, std::uint64_t accesses, Tick end) const {
  channel.advance(end);
  const core::Bytes moved = core::bytes(static_cast<double>(accesses) * system_.access_bytes());
  LoadPoint point;
  point.bandwidth = moved / part_.clock.time_of(end) * channels();
  point.energy = energy_of(system_, channel.activity(end)).total() / moved;
  if (channel.counters().reads > 0)
    point.latency = part_.clock.period() * channel.counters().read_latency.mean() + system_.module.read_delay;
  return point;
}

core::Watts Sample::idle_power() const {
  const Tick span = refresh_interval(part_.standard) * 16;
  Channel idle(system_);
  idle.advance(span);
  return energy_of(system_, idle.activity(span)).total() / part_.clock.time_of(span) * channels();
}

// The pattern's next accesses that go to the first channel, at most `wanted`, which goes down by as many.
std::vector<Access> Sample::next_accesses(Source& source, std::uint64_t& wanted) const {
  std::array<BlockAccess, 4096> blocks;
  const std::size_t count = source.next(blocks.data(), blocks.size());
  std::vector<Access> accesses;
  for (std::size_t i = 0; i < count && wanted > 0; ++i) {
    const Place place = map_.place(blocks[i].block);
    if (place.channel != 0) continue;
    accesses.push_back(
        {.bank = place.bank, .row = place.row, .column = place.column * system_.bursts(), .write = blocks[i].write});
    --wanted;
  }
  return accesses;
}

bool Sample::refill(Source& source, Channel& channel, std::uint64_t& wanted) const {
  for (const Access& access : next_accesses(source, wanted)) channel.supply(access);
  return wanted > 0;
}

core::Seconds Sample::lone_latency() const {
  Channel channel(system_);
  Pattern pattern;
  pattern.kind = "random";
  const auto source = make_source(pattern, map_.blocks());
  for (Tick i = 0; i < lone_reads; ++i) {
    BlockAccess block;
    source->next(&block, 1);
    const Place place = map_.place(block.block);
    channel.offer({.bank = place.bank, .row = place.row, .column = place.column * system_.bursts(), .write = false},
                  i * clocks_between_lone_reads * part_.standard.ticks_per_clock);
  }
  channel.drain();
  return part_.clock.period() * channel.counters().read_latency.mean() + system_.module.read_delay;
}

}  // namespace wordline::memory
