// The shipped catalogue's modules, for the tests of the memory room.
#pragma once

#include <string>
#include <vector>

#include "wordline/core/catalog.h"
#include "wordline/memory/run.h"

namespace wordline::memory::testing {

inline const core::Catalog& catalog() {
  static const core::Catalog shipped = core::Catalog::open();
  return shipped;
}

inline std::vector<std::string> modules() { return catalog().names("memory/modules"); }

// A name that GoogleTest accepts.
inline std::string test_name(std::string text) {
  for (char& c : text)
    if (c == '-' || c == '.' || c == ' ') c = '_';
  return text;
}

// A pattern by name: "stream", "random", "mix" (random, two reads to a write), "copy" (a stream of as many writes as
// reads), "hot" (random on few rows), "gather", "stride".
inline Pattern pattern_named(const std::string& name, std::uint64_t accesses) {
  Pattern pattern;
  pattern.accesses = accesses;
  pattern.kind = name;
  if (name == "mix") pattern.kind = "random", pattern.reads = 2.0 / 3;
  if (name == "copy") pattern.kind = "stream", pattern.reads = 0.5, pattern.streams = 2;
  if (name == "hot") pattern.kind = "random", pattern.reads = 0.8, pattern.blocks = 1 << 14;
  if (name == "gather") pattern.piece_blocks = 24, pattern.streams = 3;
  if (name == "stride") pattern.stride = 8191;
  return pattern;
}

}  // namespace wordline::memory::testing
