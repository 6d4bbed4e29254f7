// The options of `wordline memory run` that say which accesses come.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "args.h"
#include "wordline/memory/pattern.h"
#include "wordline/memory/system.h"

namespace wordline::cli {

// The options' values; add_pattern_options() fills them in.
struct PatternOptions {
  memory::Pattern pattern;
  std::uint64_t piece_bytes = 4096, footprint_bytes = 0;
  std::optional<std::uint64_t> accesses;
  std::optional<std::filesystem::path> trace;
  unsigned idle_clocks = 0;
};
void add_pattern_options(Args& args, PatternOptions& options);

// The pattern in blocks of the system's accesses. Throws UsageError where options do not go together.
memory::Pattern pattern_of(const PatternOptions& options, const Common& common, const memory::System& system);

}  // namespace wordline::cli
