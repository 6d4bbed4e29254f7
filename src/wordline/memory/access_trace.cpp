#include "wordline/memory/access_trace.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "wordline/core/error.h"
#include "wordline/core/line_reader.h"

namespace wordline::memory {

namespace {

std::optional<bool> is_write(std::string_view word) {
  if (word == "ST" || word == "W" || word == "WRITE") return true;
  if (word == "LD" || word == "R" || word == "READ") return false;
  return std::nullopt;
}

std::optional<std::uint64_t> number(std::string_view word) {
  const bool hexadecimal = word.starts_with("0x") || word.starts_with("0X");
  if (hexadecimal) word.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, hexadecimal ? 16 : 10);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// The words of a line; `count` of 4 stands for more than three.
struct Words {
  std::array<std::string_view, 4> at;
  std::size_t count = 0;
};

Words split(std::string_view line) {
  Words words;
  constexpr std::string_view blank = " \t\r,";
  line = line.substr(0, line.find('#'));
  for (std::size_t at = 0; words.count < 4 && (at = line.find_first_not_of(blank, at)) != std::string_view::npos;) {
    const auto end = std::min(line.find_first_of(blank, at), line.size());
    words.at[words.count++] = line.substr(at, end - at);
    at = end;
  }
  return words;
}

class Trace final : public Source {
 public:
  Trace(const Pattern& pattern, std::uint64_t blocks)
      : lines_(pattern.trace),
        blocks_(blocks),
        block_bytes_(static_cast<std::uint64_t>(pattern.block_bytes)),
        timed_(pattern.timed),
        left_(pattern.accesses ? pattern.accesses : std::numeric_limits<std::uint64_t>::max()) {}

  std::size_t next(BlockAccess* into, std::size_t count) override {
    std::size_t done = 0;
    while (done < count && left_ > 0 && read(into[done])) {
      ++done;
      --left_;
    }
    return done;
  }

 private:
  static constexpr const char* forms =
      "\"LD|ST address\", \"address R|W|READ|WRITE [clock]\" or \"bubbles address [write-back]\"";

  bool read(BlockAccess& into) {
    if (write_back_) {
      into = *write_back_;
      write_back_.reset();
      return true;
    }
    while (const auto line = lines_.next()) {
      const Words words = split(*line);
      if (words.count == 0) continue;
      into = access(words);
      return true;
    }
    return false;
  }

  BlockAccess access(const Words& words) {
    const auto& [first, second, third, fourth] = words.at;
    if (words.count < 2) refuse(first, forms);
    if (words.count > 3) refuse(fourth, "the end of the line");
    if (const auto write = is_write(first)) {
      if (words.count == 3) refuse(third, "the end of the line");
      return {.block = block(second), .write = *write};
    }
    if (const auto write = is_write(second))
      return {.block = block(first), .gap_clocks = words.count == 3 ? gap_to(third) : 0, .write = *write};
    return bubbles(words);
  }

  BlockAccess bubbles(const Words& words) {
    const auto count = number(words.at[0]);
    if (!count) refuse(words.at[0], forms);
    if (!number(words.at[1])) refuse(words.at[1], forms);
    if (words.count == 3) write_back_ = BlockAccess{.block = block(words.at[2]), .write = true};
    return {.block = block(words.at[1]), .gap_clocks = timed_ ? gap(words.at[0], *count) : 0};
  }

  std::uint64_t block(std::string_view word) const {
    const auto bytes = number(word);
    if (!bytes) refuse(word, "an address in bytes, decimal or 0x hexadecimal");
    return *bytes / block_bytes_ % blocks_;
  }

  std::uint32_t gap_to(std::string_view word) {
    const auto clock = number(word);
    if (!clock) refuse(word, "a clock");
    if (!timed_) return 0;
    if (*clock < clock_) refuse(word, fmt::format("a clock of at least {}, the one before it", clock_));
    const std::uint32_t clocks = gap(word, *clock - clock_);
    clock_ = *clock;
    return clocks;
  }

  std::uint32_t gap(std::string_view word, std::uint64_t clocks) const {
    constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
    if (clocks > most) refuse(word, fmt::format("at most {} clocks after the access before it", most));
    return static_cast<std::uint32_t>(clocks);
  }

  [[noreturn]] void refuse(std::string_view word, const std::string& wanted) const {
    throw core::InputError(lines_.where(word), fmt::format("\"{}\"", word.substr(0, 80)), wanted);
  }

  core::LineReader lines_;
  std::uint64_t blocks_, block_bytes_;
  bool timed_;
  std::uint64_t left_, clock_ = 0;
  std::optional<BlockAccess> write_back_;
};

}  // namespace

std::unique_ptr<Source> read_access_trace(const Pattern& pattern, std::uint64_t blocks) {
  return std::make_unique<Trace>(pattern, blocks);
}

}  // namespace wordline::memory
