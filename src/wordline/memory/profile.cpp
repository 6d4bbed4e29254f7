#include "wordline/memory/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "wordline/memory/address_map.h"
#include "wordline/memory/channel.h"
#include "wordline/memory/fingerprint.h"
#include "wordline/memory/pattern.h"

namespace wordline::memory {

namespace {

// A loaded run lasts this many refresh intervals, so that start and end weigh less than 0.5 %.
constexpr double loaded_intervals = 16;
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

// Simulates the first channel of a system; all figures of the system follow by the number of its channels.
class Sample {
 public:
  Sample(const System& system, const AccessPattern& pattern)
      : system_(system), map_(system), part_(*system.module.part) {
    pattern_.kind = pattern.piece_bytes ? "gather" : "stream";
    pattern_.reads = pattern.reads;
    const auto block = static_cast<std::uint64_t>(system.access_bytes());
    pattern_.piece_blocks = std::max<std::uint64_t>(1, (pattern.piece_bytes + block - 1) / block);
    pattern_.streams = pattern.streams;
  }

  Profile measure() {
    Profile profile;
    loaded(profile);
    profile.unloaded_latency = unloaded();
    const Tick span = refresh_interval(part_.standard) * 16;
    Channel idle(system_);
    idle.advance(span);
    profile.idle = energy_of(system_, idle.activity(span)).total() / part_.clock.time_of(span) * channels();
    return profile;
  }

 private:
  double channels() const { return static_cast<double>(system_.channels()); }

  // The next accesses of the pattern that go to the first channel.
  bool refill(Source& source, Channel& channel, std::uint64_t& wanted) {
    std::array<BlockAccess, 4096> blocks;
    const std::size_t count = source.next(blocks.data(), blocks.size());
    for (std::size_t i = 0; i < count && wanted > 0; ++i) {
      const Place place = map_.place(blocks[i].block);
      if (place.channel != 0) continue;
      channel.supply(
          {.bank = place.bank, .row = place.row, .column = place.column * system_.bursts(), .write = blocks[i].write});
      --wanted;
    }
    return count == blocks.size() && wanted > 0;
  }

  void loaded(Profile& profile) {
    const double seconds = loaded_intervals * part_.clock.time_of(refresh_interval(part_.standard)).value();
    const auto accesses = static_cast<std::uint64_t>(part_.channel_peak.value() * seconds / system_.access_bytes());
    std::uint64_t wanted = accesses;
    pattern_.accesses = ~std::uint64_t{0};
    const auto source = make_source(pattern_, map_.blocks());
    Channel channel(system_);
    while (refill(*source, channel, wanted)) channel.pump(false);
    channel.pump(true);

    const Counters& counters = channel.counters();
    const core::Bytes moved = core::bytes(static_cast<double>(accesses) * system_.access_bytes());
    const core::Seconds time = part_.clock.time_of(counters.last_beat);
    channel.advance(counters.last_beat);
    profile.bandwidth = moved / time * channels();
    profile.energy = energy_of(system_, channel.activity(counters.last_beat)).total() / moved;
    if (counters.reads > 0)
      profile.loaded_latency = part_.clock.period() * counters.read_latency.mean() + system_.module.read_delay;
  }

  core::Seconds unloaded() {
    Channel channel(system_);
    Pattern pattern;
    pattern.kind = "random";
    const auto source = make_source(pattern, map_.blocks());
    for (Tick i = 0; i < lone_reads; ++i) {
      BlockAccess block;
      source->next(&block, 1);
      const Place place = map_.place(block.block);
      channel.offer({.bank = place.bank, .row = place.row, .column = place.column * system_.bursts()},
                    i * clocks_between_lone_reads * part_.standard.ticks_per_clock);
    }
    channel.drain();
    return part_.clock.period() * channel.counters().read_latency.mean() + system_.module.read_delay;
  }

  const System& system_;
  AddressMap map_;
  const dram::Part& part_;
  Pattern pattern_;
};

// Exact texts of doubles, so that a cached profile is the same bits as a fresh one.
std::string to_text(const Profile& profile) {
  return fmt::format("{:a} {:a} {:a} {:a} {:a}", profile.bandwidth.value(), profile.unloaded_latency.value(),
                     profile.loaded_latency.value(), profile.energy.value(), profile.idle.value());
}

std::optional<Profile> from_text(std::string_view text) {
  std::array<double, 5> numbers{};
  for (double& number : numbers) {
    if (text.starts_with(' ')) text.remove_prefix(1);
    if (!text.starts_with("0x")) return std::nullopt;
    text.remove_prefix(2);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::hex);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (!text.empty()) return std::nullopt;
  return Profile{core::BytesPerSecond(numbers[0]), core::Seconds(numbers[1]), core::Seconds(numbers[2]),
                 core::JoulesPerByte(numbers[3]), core::Watts(numbers[4])};
}

}  // namespace

Profile streamed(const System& system, const AccessPattern& pattern, const core::Cache& cache) {
  const std::string key = core::content_hash(fmt::format("{} reads {:a} piece {} streams {}", fingerprint(system),
                                                         pattern.reads, pattern.piece_bytes, pattern.streams));
  if (const auto known = cache.get("memory-profile", key))
    if (const auto profile = from_text(*known)) return *profile;
  const Profile profile = Sample(system, pattern).measure();
  cache.put("memory-profile", key, to_text(profile));
  return profile;
}

}  // namespace wordline::memory
