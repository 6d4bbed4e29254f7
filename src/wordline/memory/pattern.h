// Synthetic access patterns: which block comes next, and is it read or written?
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wordline::memory {

// One access as a front end makes it: a block by number, within the system's capacity.
struct BlockAccess {
  std::uint64_t block = 0;
  std::uint32_t gap_clocks = 0;  // memory clocks that pass before this one is offered, after the one before it
  bool write = false;
  bool dependent = false;  // not known before the access in front of it is done: at most one such is outstanding
};

// What to generate. Unused fields are ignored by the kinds that have no use for them.
struct Pattern {
  std::string kind = "stream";       // pattern_kinds()
  double reads = 1;                  // share of the accesses that read; not of mix, gups, kv, trace
  std::uint64_t accesses = 1000000;  // how many in all; of a trace, at most
  std::uint64_t blocks = 0;          // addresses lie in 0..blocks-1; 0: the whole system
  std::uint64_t stride = 2;          // of "stride", in blocks
  std::uint64_t piece_blocks = 1;    // contiguous blocks of a piece (gather), a page (kv), a tile (weights)
  int streams = 1;               // served in turn: runs (stream), pieces (gather), requesters (weights), sequences (kv)
  std::uint64_t run_blocks = 1;  // of "stream": consecutive blocks of one stream before the next has its turn
  std::uint64_t tensors = 1;     // of "weights": equal tensors that fill the addresses, streamed one after another
  std::uint64_t pages = 64;      // of "kv": pages that each sequence's context takes
  std::uint64_t new_blocks = 0;  // of "kv": blocks of a new token that each sequence writes after a step's reads
  std::uint64_t burst = 0;       // accesses between two pauses; 0: none, of "bursty": 64
  std::uint32_t idle_clocks = 0;  // memory clocks of a pause; 0 of "bursty": 1000
  std::uint64_t seed = 1;
  int block_bytes = 64;              // of "trace": bytes of a block, to tell blocks from addresses
  bool timed = false;                // of "trace": gap_clocks from the clock column or the bubbles
  std::filesystem::path trace = {};  // of "trace": see access_trace.h

  // Whether the kind itself says which accesses write, whatever `reads` is.
  bool has_own_mix() const { return kind == "mix" || kind == "gups" || kind == "kv" || kind == "trace"; }
};

// Whether its accesses come at times of their own (pauses, clocks of a trace) or wait for one another: then one front
// end must offer them in order.
bool paced(const Pattern& pattern);

// Names of the kinds, for messages and option lists.
const std::vector<std::string>& pattern_kinds();

// An endless (traces: finite) source of accesses; the same pattern gives the same accesses on every machine.
class Source {
 public:
  virtual ~Source() = default;
  // Writes up to `count` accesses and returns how many; fewer only at the end. Of a trace: throws core::InputError at
  // a line that cannot be read.
  virtual std::size_t next(BlockAccess* into, std::size_t count) = 0;
};

// The pattern over a system of `blocks` blocks. Throws core::UsageError for an unknown kind or a value out of range,
// core::InputError for a trace that cannot be opened.
std::unique_ptr<Source> make_source(const Pattern& pattern, std::uint64_t blocks);

}  // namespace wordline::memory
