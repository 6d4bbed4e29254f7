#include "wordline/memory/pattern.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/core/error.h"
#include "wordline/core/random.h"
#include "wordline/memory/access_trace.h"

namespace wordline::memory {

namespace {

// Draws writes: one draw an access where the pattern has both kinds, none where it has one.
class Direction {
 public:
  explicit Direction(double reads) : mixed_(reads > 0 && reads < 1), all_writes_(reads <= 0), reads_(reads) {}
  bool write(core::SplitMix64& draw) const {
    if (!mixed_) return all_writes_;
    return static_cast<double>(draw() >> 11) * 0x1p-53 >= reads_;
  }

 private:
  bool mixed_, all_writes_;
  double reads_;
};

// Counts down the accesses that a pattern still has; the derived classes give the block of each.
class Synthetic : public Source {
 public:
  Synthetic(const Pattern& pattern, std::uint64_t blocks)
      : blocks_(blocks), draw_(pattern.seed), direction_(pattern.reads), left_(pattern.accesses) {}

  std::size_t next(BlockAccess* into, std::size_t count) final {
    count = std::min<std::uint64_t>(count, left_);
    for (std::size_t i = 0; i < count; ++i) {
      into[i].block = block();
      into[i].write = direction_.write(draw_);
    }
    left_ -= count;
    return count;
  }

 protected:
  virtual std::uint64_t block() = 0;
  std::uint64_t blocks_;
  core::SplitMix64 draw_;

 private:
  Direction direction_;
  std::uint64_t left_;
};

// Uniform over the blocks; the draws of peers.md.
class Random final : public Synthetic {
  using Synthetic::Synthetic;
  std::uint64_t block() override { return draw_() % blocks_; }
};

class Stride final : public Synthetic {
 public:
  Stride(const Pattern& pattern, std::uint64_t blocks) : Synthetic(pattern, blocks), stride_(pattern.stride % blocks) {}

 private:
  std::uint64_t block() override {
    const std::uint64_t now = at_;
    at_ += stride_;
    if (at_ >= blocks_) at_ -= blocks_;
    return now;
  }
  std::uint64_t stride_, at_ = 0;
};

// Runs of consecutive blocks, `streams` of them served in turn. Without pieces each run is endless; with them each goes
// on at a new random piece.
class Runs final : public Synthetic {
 public:
  Runs(const Pattern& pattern, std::uint64_t blocks, std::uint64_t piece)
      : Synthetic(pattern, blocks), piece_(piece), runs_(static_cast<std::size_t>(pattern.streams)) {
    for (std::size_t r = 0; r < runs_.size(); ++r)
      runs_[r] = piece_ ? Run{} : Run{.at = blocks / runs_.size() * r, .left = blocks};
  }

 private:
  struct Run {
    std::uint64_t at = 0, left = 0;
  };
  std::uint64_t block() override {
    Run& run = runs_[turn_];
    if (++turn_ == runs_.size()) turn_ = 0;
    if (run.left == 0) {
      run.left = piece_ ? piece_ : blocks_;
      if (piece_) run.at = draw_() % (blocks_ / piece_) * piece_;
    }
    const std::uint64_t now = run.at;
    --run.left;
    if (++run.at == blocks_) run.at = 0;
    return now;
  }
  std::uint64_t piece_;
  std::vector<Run> runs_;
  std::size_t turn_ = 0;
};

void check(const Pattern& pattern, std::uint64_t blocks) {
  const auto refuse = [](const std::string& what) { throw core::UsageError(what); };
  if (!(pattern.reads >= 0 && pattern.reads <= 1))
    refuse(fmt::format("reads: found {}; wanted a share from 0 to 1", pattern.reads));
  if (pattern.streams < 1 || pattern.streams > 65536)
    refuse(fmt::format("streams: found {}; wanted 1 to 65536", pattern.streams));
  if (pattern.kind == "gather" && (pattern.piece_blocks < 1 || pattern.piece_blocks > blocks))
    refuse(fmt::format("piece: found {} blocks; wanted 1 to {}", pattern.piece_blocks, blocks));
}

}  // namespace

const std::vector<std::string>& pattern_kinds() {
  static const std::vector<std::string> kinds{"stream", "random", "stride", "gather", "trace"};
  return kinds;
}

std::unique_ptr<Source> make_source(const Pattern& pattern, std::uint64_t system_blocks) {
  const std::uint64_t blocks = pattern.blocks ? std::min(pattern.blocks, system_blocks) : system_blocks;
  check(pattern, blocks);
  if (pattern.kind == "stream") return std::make_unique<Runs>(pattern, blocks, 0);
  if (pattern.kind == "random") return std::make_unique<Random>(pattern, blocks);
  if (pattern.kind == "stride") return std::make_unique<Stride>(pattern, blocks);
  if (pattern.kind == "gather") return std::make_unique<Runs>(pattern, blocks, pattern.piece_blocks);
  if (pattern.kind == "trace") return read_access_trace(pattern, blocks);
  const std::string nearest = core::nearest_name(pattern.kind, pattern_kinds());
  throw core::UsageError(fmt::format("pattern: found \"{}\"; wanted one of {}{}", pattern.kind,
                                     fmt::join(pattern_kinds(), ", "),
                                     nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

}  // namespace wordline::memory
