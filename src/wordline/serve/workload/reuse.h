// How much of a workload's prompts a prefix cache could find: with no bound, and by its size.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "wordline/serve/request.h"

namespace wordline::serve {

// What a prefix cache would have found.
struct Reuse {
  int block_size = 16;         // tokens
  std::uint64_t blocks = 0;    // of all prompts, the last of each counted where it is not full, too
  double found = 0;            // of them: in a cache without a bound
  double found_tokens = 0;     // tokens of the full blocks among those
  std::uint64_t tokens = 0;    // of all prompts
  double distinct_blocks = 0;  // that were ever kept
  double sampled = 1;          // the share of distinct blocks that was followed
  // Blocks found in a least-recently-used cache of so many blocks; sizes rise, eight an octave.
  struct Point {
    double cache_blocks, found;
  };
  std::vector<Point> curve;
};

// Follows requests in order of arrival. A block is named by all tokens up to its end, as vLLM names its blocks, so that
// a block found is a prefix found. A request looks up its prompt's blocks, then uses all its content's, the answer's
// too, the last first: what is evicted first is a prompt's end. Sizes by Mattson's stack distances (1970); beyond
// `most` distinct blocks only those are followed whose names hash below a threshold (SHARDS: Waldspurger et al., FAST
// 2015), and found and curve are estimates.
class ReuseMeter {
 public:
  explicit ReuseMeter(int block_size, std::size_t most = std::size_t{1} << 22);
  ~ReuseMeter();
  void add(const Request& request);
  Reuse result() const;

 private:
  class Stack;
  Reuse reuse_;
  std::unique_ptr<Stack> stack_;
  std::map<int, double> by_size_;  // found, by bin of the size that is needed
};

}  // namespace wordline::serve
