#include "wordline/memory/pattern.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/core/error.h"
#include "wordline/memory/access_trace.h"
#include "wordline/memory/pattern_synthetic.h"

namespace wordline::memory {

namespace {

void within(const char* name, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value < low || value > high)
    throw core::UsageError(fmt::format("{}: found {}; wanted {} to {}", name, value, low, high));
}

void check_pages(const Pattern& pattern, std::uint64_t blocks) {
  const std::uint64_t there = blocks / pattern.piece_blocks, sequences = static_cast<std::uint64_t>(pattern.streams);
  within("pages", pattern.pages, 1, std::max<std::uint64_t>(1, there));
  within("new", pattern.new_blocks, 0, pattern.piece_blocks);
  if (pattern.pages > there / sequences)
    throw core::UsageError(fmt::format("pages: found {} of each of {} sequences; wanted at most the {} that there are",
                                       pattern.pages, sequences, there));
}

void check(const Pattern& pattern, std::uint64_t blocks) {
  if (!(pattern.reads >= 0 && pattern.reads <= 1))
    throw core::UsageError(fmt::format("reads: found {}; wanted a share from 0 to 1", pattern.reads));
  if (pattern.streams < 1 || pattern.streams > 65536)
    throw core::UsageError(fmt::format("streams: found {}; wanted 1 to 65536", pattern.streams));
  within("run", pattern.run_blocks, 1, blocks);
  if (pattern.kind == "gather" || pattern.kind == "weights" || pattern.kind == "kv")
    if (pattern.piece_blocks < 1 || pattern.piece_blocks > blocks)
      throw core::UsageError(fmt::format("piece: found {} blocks; wanted 1 to {}", pattern.piece_blocks, blocks));
  if (pattern.kind == "weights") within("tensors", pattern.tensors, 1, blocks);
  if (pattern.kind == "kv") check_pages(pattern, blocks);
}

// "bursty" is "random" in bursts, these where nothing else is said.
Pattern with_bursts(Pattern pattern) {
  if (pattern.kind != "bursty") return pattern;
  if (!pattern.burst) pattern.burst = 64;
  if (!pattern.idle_clocks) pattern.idle_clocks = 1000;
  return pattern;
}

}  // namespace

bool paced(const Pattern& pattern) {
  if (pattern.kind == "trace") return pattern.timed;
  return pattern.kind == "chase" || pattern.kind == "bursty" || pattern.burst > 0;
}

const std::vector<std::string>& pattern_kinds() {
  static const std::vector<std::string> kinds{"stream", "random", "stride",  "gather", "mix",  "gups",
                                              "chase",  "bursty", "weights", "kv",     "trace"};
  return kinds;
}

std::unique_ptr<Source> make_source(const Pattern& wanted, std::uint64_t system_blocks) {
  const Pattern pattern = with_bursts(wanted);
  const std::uint64_t blocks = pattern.blocks ? std::min(pattern.blocks, system_blocks) : system_blocks;
  check(pattern, blocks);
  if (pattern.kind == "trace") return read_access_trace(pattern, blocks);
  if (auto source = make_plain(pattern, blocks)) return source;
  if (auto source = make_llm(pattern, blocks)) return source;
  const std::string nearest = core::nearest_name(pattern.kind, pattern_kinds());
  throw core::UsageError(fmt::format("pattern: found \"{}\"; wanted one of {}{}", pattern.kind,
                                     fmt::join(pattern_kinds(), ", "),
                                     nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

}  // namespace wordline::memory
