#include "wordline/memory/loader_streams.h"

#include <algorithm>

namespace wordline::memory {

namespace {

std::uint64_t at_least_one(double x) { return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(x)); }

std::uint64_t blocks_of(double bytes, int block_bytes) { return at_least_one(bytes / block_bytes); }

}  // namespace

StreamPages::StreamPages(const FrontEnd& front_end, int streams, std::uint64_t blocks, int block_bytes,
                         std::uint64_t seed)
    : page_blocks_(std::min(blocks_of(front_end.page_bytes, block_bytes), blocks)),
      pages_per_stream_(at_least_one(front_end.stream_bytes / front_end.page_bytes)),
      order_(blocks / page_blocks_, seed) {
  pages_per_stream_ = std::max<std::uint64_t>(
      1, std::min(pages_per_stream_, blocks / page_blocks_ / static_cast<std::uint64_t>(std::max(1, streams))));
}

LoaderWalk::LoaderWalk(const FrontEnd& front_end, const StreamPages& pages, int loader, double store_share,
                       bool allocates, int block_bytes, std::uint64_t seed)
    : pages_(pages),
      store_share_(store_share),
      allocates_(allocates),
      behind_(blocks_of(front_end.write_back_bytes, block_bytes) % pages.stream_blocks()) {
  core::SplitMix64 draw(seed);
  const auto streams = static_cast<std::uint64_t>(front_end.streams);
  const std::uint64_t kinds = store_share > 0 ? 2 : 1;
  loads_.first = static_cast<std::uint64_t>(loader) * streams * kinds;
  stores_.first = loads_.first + streams;
  for (Cursors* cursors : {&loads_, &stores_}) {
    cursors->positions.resize(streams);
    for (auto& position : cursors->positions) position = draw() % pages.stream_blocks();
  }
}

void LoaderWalk::begin_run() {
  stores_owed_ += store_share_;
  storing_ = stores_owed_ >= 1;
  if (storing_) stores_owed_ -= 1;
  Cursors& cursors = storing_ ? stores_ : loads_;
  if (++cursors.turn == cursors.positions.size()) cursors.turn = 0;
}

LoaderStep LoaderWalk::step() {
  Cursors& cursors = storing_ ? stores_ : loads_;
  const std::uint64_t stream = cursors.first + cursors.turn, length = pages_.stream_blocks();
  std::uint64_t& position = cursors.positions[cursors.turn];
  const std::uint64_t here = position;
  if (++position == length) position = 0;
  LoaderStep step{.reads = !storing_ || allocates_, .writes = storing_, .read_block = pages_.block(stream, here)};
  if (storing_)
    step.write_block = allocates_ ? pages_.block(stream, (here + length - behind_) % length) : step.read_block;
  return step;
}

}  // namespace wordline::memory
