// Patterns of a language model's memory: weights streamed by many requesters, a paged key-value cache gathered.
#include <vector>

#include "wordline/memory/pattern_synthetic.h"
#include "wordline/memory/permutation.h"

namespace wordline::memory {

namespace {

// Tensors one after another. The tiles of a tensor are handed out in order to the requesters (thread blocks); those are
// served in turn, a block each. A requester whose tile is done takes the next; the next tensor begins when no tile of
// this one is left.
class Weights final : public Synthetic<Weights> {
 public:
  Weights(const Pattern& pattern, std::uint64_t blocks)
      : Synthetic(pattern, blocks),
        tile_(pattern.piece_blocks),
        tensor_(blocks / pattern.tensors),
        tensors_(pattern.tensors),
        requesters_(static_cast<std::size_t>(pattern.streams)) {}

  BlockAccess access() {
    while (requesters_[turn_].left == 0 && !take_tile(requesters_[turn_])) pass_on();
    Tile& tile = requesters_[turn_];
    --tile.left;
    --left_of_tensor_;
    pass_on();
    return {.block = tile.at++, .write = draw_write()};
  }

 private:
  struct Tile {
    std::uint64_t at = 0, left = 0;
  };
  void pass_on() {
    if (++turn_ == requesters_.size()) turn_ = 0;
  }
  bool take_tile(Tile& tile) {
    if (left_of_tensor_ == 0) begin_tensor();
    if (handed_out_ == tensor_) return false;
    tile = {current_ * tensor_ + handed_out_, std::min(tile_, tensor_ - handed_out_)};
    handed_out_ += tile.left;
    return true;
  }
  void begin_tensor() {
    current_ = begun_++ % tensors_;
    left_of_tensor_ = tensor_;
    handed_out_ = 0;
  }
  std::uint64_t tile_, tensor_, tensors_;
  std::vector<Tile> requesters_;
  std::size_t turn_ = 0;
  std::uint64_t begun_ = 0, current_ = 0, left_of_tensor_ = 0, handed_out_ = 0;
};

// Steps of decoding with a paged cache: all sequences, in turn a block each, read their pages from first to last; then
// each writes the blocks of its new token into its last page. The pages of all sequences lie in a random order, none
// twice.
class PagedCache final : public Synthetic<PagedCache> {
 public:
  PagedCache(const Pattern& pattern, std::uint64_t blocks)
      : Synthetic(pattern, blocks),
        page_(pattern.piece_blocks),
        sequences_(static_cast<std::uint64_t>(pattern.streams)),
        pages_(pattern.pages),
        new_blocks_(pattern.new_blocks),
        order_(blocks / pattern.piece_blocks, pattern.seed) {}

  BlockAccess access() {
    const std::uint64_t reads = pages_ * page_;
    const bool writes = at_ >= reads;
    const std::uint64_t page = writes ? pages_ - 1 : at_ / page_;
    const std::uint64_t within = writes ? (token_ * new_blocks_ + at_ - reads) % page_ : at_ % page_;
    const std::uint64_t block = order_(sequence_ * pages_ + page) * page_ + within;
    pass_on(reads);
    return {.block = block, .write = writes};
  }

 private:
  void pass_on(std::uint64_t reads) {
    if (++sequence_ < sequences_) return;
    sequence_ = 0;
    if (++at_ < reads + new_blocks_) return;
    at_ = 0;
    ++token_;
  }
  std::uint64_t page_, sequences_, pages_, new_blocks_;
  Permutation order_;
  std::uint64_t sequence_ = 0, at_ = 0, token_ = 0;
};

}  // namespace

std::unique_ptr<Source> make_llm(const Pattern& pattern, std::uint64_t blocks) {
  if (pattern.kind == "weights") return std::make_unique<Weights>(pattern, blocks);
  if (pattern.kind == "kv") return std::make_unique<PagedCache>(pattern, blocks);
  return nullptr;
}

}  // namespace wordline::memory
