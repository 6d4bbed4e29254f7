#include "wordline/dram/data_rates.h"

#include <fmt/format.h>

#include <bit>
#include <string>

#include "wordline/core/error.h"

namespace wordline::dram {

namespace {

// The share of a word's bits that change from one word to the next, round and round.
double changes(const std::string& beats, std::size_t word) {
  const std::size_t words = beats.size() / word;
  if (words < 2) return 0;
  std::size_t changed = 0;
  for (std::size_t i = 0; i < words * word; ++i)
    if (beats[i] != beats[(i + word) % (words * word)]) ++changed;
  return static_cast<double>(changed) / static_cast<double>(words * word);
}

// The same for all pins of a stretch of data, which does not repeat.
double changes(std::span<const std::byte> data, std::size_t beat_bytes, std::size_t beats, std::size_t word) {
  std::int64_t changed = 0, bits = 0;
  for (std::size_t beat = 0; beat + word < beats; ++beat) {
    for (std::size_t i = beat * beat_bytes; i < (beat + 1) * beat_bytes; ++i)
      changed += std::popcount(std::to_integer<unsigned>(data[i] ^ data[i + word * beat_bytes]));
    bits += static_cast<std::int64_t>(beat_bytes) * 8;
  }
  return bits == 0 ? 0 : static_cast<double>(changed) / static_cast<double>(bits);
}

}  // namespace

DataRates pattern_rates(std::string_view beats, bool inverted_every_other) {
  const auto wrong = beats.find_first_not_of("01");
  if (wrong != std::string_view::npos || beats.empty() || beats.size() % 4 != 0)
    throw core::InputError(fmt::format("the pattern \"{}\": wanted 4 beats of 0 and 1, or a multiple of 4", beats));
  std::string sequence(beats);
  if (inverted_every_other)
    for (const char beat : beats) sequence += beat == '0' ? '1' : '0';
  return {changes(sequence, 1), changes(sequence, 2), changes(sequence, 4)};
}

DataRates data_rates(std::span<const std::byte> data, int pins) {
  if (pins <= 0 || pins % 8 != 0) throw core::InputError(fmt::format("{} data pins: wanted a multiple of 8", pins));
  const auto beat_bytes = static_cast<std::size_t>(pins) / 8;
  const std::size_t beats = data.size() / beat_bytes / 4 * 4;
  if (beats < 8)
    throw core::InputError(fmt::format("{} bytes of data: wanted 8 beats of {} pins, {} bytes, or more", data.size(),
                                       pins, 8 * beat_bytes));
  return {changes(data, beat_bytes, beats, 1), changes(data, beat_bytes, beats, 2),
          changes(data, beat_bytes, beats, 4)};
}

}  // namespace wordline::dram
