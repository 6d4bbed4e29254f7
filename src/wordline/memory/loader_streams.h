// Where the loaders' streams lie, and which block a loader touches next.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/core/random.h"
#include "wordline/memory/front_end.h"
#include "wordline/memory/permutation.h"

namespace wordline::memory {

// The streams of all loaders: virtual runs of pages that lie at random places of the memory, no page twice.
class StreamPages {
 public:
  // Streams are shortened where the memory holds no more.
  StreamPages(const FrontEnd& front_end, int streams, std::uint64_t blocks, int block_bytes, std::uint64_t seed);
  std::uint64_t block(std::uint64_t stream, std::uint64_t position) const {
    const std::uint64_t page = stream * pages_per_stream_ + position / page_blocks_;
    return order_(page) * page_blocks_ + position % page_blocks_;
  }
  std::uint64_t stream_blocks() const { return pages_per_stream_ * page_blocks_; }

 private:
  std::uint64_t page_blocks_, pages_per_stream_;
  Permutation order_;
};

// One step of a loader: a block to read, a block to write, or both (a store that allocates).
struct LoaderStep {
  bool reads = false, writes = false;
  std::uint64_t read_block = 0, write_block = 0;
};

// The walk of one loader over its `front_end.streams` streams of loads, and as many of stores where there are any.
class LoaderWalk {
 public:
  LoaderWalk(const FrontEnd& front_end, const StreamPages& pages, int loader, double store_share, bool allocates,
             int block_bytes, std::uint64_t seed);
  // Chooses between loads and stores, and the stream, of the next run of front_end.run_blocks steps.
  void begin_run();
  LoaderStep step();

 private:
  struct Cursors {
    std::uint64_t first = 0;  // number of the first stream
    std::vector<std::uint64_t> positions;
    std::size_t turn = 0;
  };
  const StreamPages& pages_;
  double store_share_, stores_owed_ = 0;
  bool allocates_, storing_ = false;
  std::uint64_t behind_;
  Cursors loads_, stores_;
};

}  // namespace wordline::memory
