// Synthetic access patterns: which 64-byte block comes next, and is it read or written?
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wordline::memory {

// One access as a front end makes it: a block of 64 bytes by number, within the system's capacity.
struct BlockAccess {
  std::uint64_t block = 0;
  bool write = false;
};

// What to generate. Unused fields are ignored by the kinds that have no use for them.
struct Pattern {
  std::string kind = "stream";       // stream, random, stride, gather, trace
  double reads = 1;                  // share of the accesses that read
  std::uint64_t accesses = 1000000;  // how many in all; of a trace, at most
  std::uint64_t blocks = 0;          // addresses lie in 0..blocks-1; 0: the whole system
  std::uint64_t stride = 2;          // of "stride", in blocks
  std::uint64_t piece_blocks = 1;    // of "gather": contiguous blocks at each random place
  int streams = 1;                   // of "stream" and "gather": served in turn, spread evenly over the addresses
  std::uint64_t seed = 1;
  std::filesystem::path trace;  // of "trace": Ramulator's load/store and read/write forms, DRAMsim3's
};

// Names of the kinds, for messages and option lists.
const std::vector<std::string>& pattern_kinds();

// An endless (traces: finite) source of accesses; the same pattern gives the same accesses on every machine.
class Source {
 public:
  virtual ~Source() = default;
  // Writes up to `count` accesses and returns how many; fewer only at the end.
  virtual std::size_t next(BlockAccess* into, std::size_t count) = 0;
};

// The pattern over a system of `blocks` blocks. Throws core::UsageError for an unknown kind or a share out of range,
// core::InputError for a trace that cannot be read.
std::unique_ptr<Source> make_source(const Pattern& pattern, std::uint64_t blocks);

}  // namespace wordline::memory
