// Patterns of benchmarks: stream, random, stride, gather, mix, gups, chase.
#include <vector>

#include "wordline/memory/pattern_synthetic.h"
#include "wordline/memory/permutation.h"

namespace wordline::memory {

namespace {

// Uniform over the blocks, one draw each.
class Random final : public Synthetic<Random> {
 public:
  using Synthetic::Synthetic;
  BlockAccess access() {
    const std::uint64_t block = draw_() % blocks_;
    return {.block = block, .write = draw_write()};
  }
};

// Two draws an access: the block, then a write where the second is divisible by three.
class Mix final : public Synthetic<Mix> {
 public:
  using Synthetic::Synthetic;
  BlockAccess access() {
    const std::uint64_t block = draw_() % blocks_;
    return {.block = block, .write = draw_() % 3 == 0};
  }
};

// RandomAccess of the HPC Challenge: each random block is read, then written.
class Gups final : public Synthetic<Gups> {
 public:
  using Synthetic::Synthetic;
  BlockAccess access() {
    writes_ = !writes_;
    if (!writes_) return {.block = block_, .write = true};
    block_ = draw_() % blocks_;
    return {.block = block_};
  }

 private:
  std::uint64_t block_ = 0;
  bool writes_ = false;
};

// A linked list through all blocks in a random order, each read when the one before has told where it lies.
class Chase final : public Synthetic<Chase> {
 public:
  Chase(const Pattern& pattern, std::uint64_t blocks) : Synthetic(pattern, blocks), order_(blocks, pattern.seed) {}

  BlockAccess access() {
    const std::uint64_t block = order_(at_);
    if (++at_ == blocks_) at_ = 0;
    return {.block = block, .write = draw_write(), .dependent = true};
  }

 private:
  Permutation order_;
  std::uint64_t at_ = 0;
};

class Stride final : public Synthetic<Stride> {
 public:
  Stride(const Pattern& pattern, std::uint64_t blocks) : Synthetic(pattern, blocks), stride_(pattern.stride % blocks) {}

  BlockAccess access() {
    const std::uint64_t now = at_;
    at_ += stride_;
    if (at_ >= blocks_) at_ -= blocks_;
    return {.block = now, .write = draw_write()};
  }

 private:
  std::uint64_t stride_, at_ = 0;
};

// Runs of consecutive blocks, `streams` of them served in turn, `turn_blocks` each time. Without pieces each run is
// endless; with them each goes on at a new random piece.
class Runs final : public Synthetic<Runs> {
 public:
  Runs(const Pattern& pattern, std::uint64_t blocks, std::uint64_t piece, std::uint64_t turn_blocks)
      : Synthetic(pattern, blocks),
        piece_(piece),
        runs_(static_cast<std::size_t>(pattern.streams)),
        turn_blocks_(turn_blocks),
        left_of_turn_(turn_blocks) {
    for (std::size_t r = 0; r < runs_.size(); ++r)
      runs_[r] = piece_ ? Run{} : Run{.at = blocks / runs_.size() * r, .left = blocks};
  }

  void fill(BlockAccess* into, std::size_t count) {
    if (runs_.size() > 1 || piece_) return Synthetic::fill(into, count);
    std::uint64_t at = runs_.front().at;  // one endless run
    for (std::size_t i = 0; i < count; ++i) {
      into[i] = {.block = at, .write = draw_write()};
      if (++at == blocks_) at = 0;
    }
    runs_.front().at = at;
  }
  BlockAccess access() {
    Run& run = runs_[turn_];
    if (--left_of_turn_ == 0) {
      left_of_turn_ = turn_blocks_;
      if (++turn_ == runs_.size()) turn_ = 0;
    }
    if (run.left == 0) {
      run.left = piece_ ? piece_ : blocks_;
      if (piece_) run.at = draw_() % (blocks_ / piece_) * piece_;
    }
    const std::uint64_t now = run.at;
    --run.left;
    if (++run.at == blocks_) run.at = 0;
    return {.block = now, .write = draw_write()};
  }

 private:
  struct Run {
    std::uint64_t at = 0, left = 0;
  };
  std::uint64_t piece_;
  std::vector<Run> runs_;
  std::size_t turn_ = 0;
  std::uint64_t turn_blocks_, left_of_turn_;
};

}  // namespace

std::unique_ptr<Source> make_plain(const Pattern& pattern, std::uint64_t blocks) {
  if (pattern.kind == "stream") return std::make_unique<Runs>(pattern, blocks, 0, pattern.run_blocks);
  if (pattern.kind == "gather") return std::make_unique<Runs>(pattern, blocks, pattern.piece_blocks, 1);
  if (pattern.kind == "random" || pattern.kind == "bursty") return std::make_unique<Random>(pattern, blocks);
  if (pattern.kind == "stride") return std::make_unique<Stride>(pattern, blocks);
  if (pattern.kind == "mix") return std::make_unique<Mix>(pattern, blocks);
  if (pattern.kind == "gups") return std::make_unique<Gups>(pattern, blocks);
  if (pattern.kind == "chase") return std::make_unique<Chase>(pattern, blocks);
  return nullptr;
}

}  // namespace wordline::memory
