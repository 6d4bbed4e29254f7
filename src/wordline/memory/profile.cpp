#include "wordline/memory/profile.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "wordline/core/error.h"
#include "wordline/memory/fingerprint.h"
#include "wordline/memory/loaders.h"
#include "wordline/memory/profile_sample.h"

namespace wordline::memory {

namespace {

// Exact texts of doubles, so that a cached figure is the same bits as a fresh one.
template <std::size_t n>
std::string to_text(const std::array<double, n>& numbers) {
  std::string text;
  for (const double number : numbers) text += fmt::format("{}{:a}", text.empty() ? "" : " ", number);
  return text;
}

template <std::size_t n>
std::optional<std::array<double, n>> from_text(std::string_view text) {
  std::array<double, n> numbers{};
  for (double& number : numbers) {
    if (text.starts_with(' ')) text.remove_prefix(1);
    if (!text.starts_with("0x")) return std::nullopt;
    text.remove_prefix(2);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::hex);
    if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (!text.empty()) return std::nullopt;
  return numbers;
}

// The numbers under a key, simulated where the cache has none that can be read.
template <std::size_t n, class Simulate>
std::array<double, n> cached(const core::Cache& cache, const std::string& what, Simulate simulate) {
  const std::string key = core::content_hash(what);
  if (const auto known = cache.get("memory-profile", key))
    if (const auto numbers = from_text<n>(*known)) return *numbers;
  const std::array<double, n> numbers = simulate();
  cache.put("memory-profile", key, to_text(numbers));
  return numbers;
}

std::string key_of(const System& system, const AccessPattern& pattern) {
  return fmt::format("{} reads {:a} piece {} streams {}", fingerprint(system), pattern.reads, pattern.piece_bytes,
                     pattern.streams);
}

LoadPoint saturation_of(const Profile& profile) {
  return {.bandwidth = profile.bandwidth, .latency = profile.loaded_latency, .energy = profile.energy};
}

}  // namespace

Profile streamed(const System& system, const AccessPattern& pattern, const core::Cache& cache) {
  const auto numbers = cached<5>(cache, key_of(system, pattern), [&] {
    const Profile p = Sample(system, pattern).saturated();
    return std::array{p.bandwidth.value(), p.unloaded_latency.value(), p.loaded_latency.value(), p.energy.value(),
                      p.idle.value()};
  });
  return {.bandwidth = core::BytesPerSecond(numbers[0]),
          .unloaded_latency = core::Seconds(numbers[1]),
          .loaded_latency = core::Seconds(numbers[2]),
          .energy = core::JoulesPerByte(numbers[3]),
          .idle = core::Watts(numbers[4])};
}

LoadPoint loaded(const System& system, const AccessPattern& pattern, double load, const core::Cache& cache) {
  if (!(load > 0 && load <= 1))
    throw core::UsageError(fmt::format("load: found {}; wanted a share of the peak above 0, at most 1", load));
  const core::BytesPerSecond offered = system.peak() * load;
  const Profile most = streamed(system, pattern, cache);
  if (offered >= most.bandwidth) return saturation_of(most);
  const auto numbers = cached<3>(cache, fmt::format("{} load {:a}", key_of(system, pattern), load), [&] {
    const LoadPoint p = Sample(system, pattern).at(offered);
    return std::array{p.bandwidth.value(), p.latency.value(), p.energy.value()};
  });
  return {.bandwidth = core::BytesPerSecond(numbers[0]),
          .latency = core::Seconds(numbers[1]),
          .energy = core::JoulesPerByte(numbers[2])};
}

core::BytesPerSecond saturated(const System& system, const FrontEnd& cores, double reads, const core::Cache& cache) {
  const FrontEnd& f = cores;
  const std::string key =
      fmt::format("{} loaders {:a} {} {} {} {} {} {} {:a} {:a} {} {:a} reads {:a}", fingerprint(system),
                  f.latency.value(), f.loaders, f.outstanding, f.stores, f.in_order, f.streams, f.run_blocks,
                  f.page_bytes, f.stream_bytes, f.write_allocate, f.write_back_bytes, reads);
  constexpr double beyond = 2;  // of the peak, which no memory can do
  const auto numbers = cached<1>(cache, key, [&] {
    return std::array{
        run_loaders(system, cores, {.reads = reads, .offered = system.peak() * beyond}).bandwidth.value()};
  });
  return core::BytesPerSecond(numbers[0]);
}

}  // namespace wordline::memory
