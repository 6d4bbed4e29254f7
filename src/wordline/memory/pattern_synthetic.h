// What the synthetic patterns have in common: counting down, drawing writes, pausing.
#pragma once

#include <algorithm>

#include "wordline/core/random.h"
#include "wordline/memory/pattern.h"

namespace wordline::memory {

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

// Counts down the accesses that a pattern still has and pauses after each burst; the derived classes give each access,
// by their access().
template <class Derived>
class Synthetic : public Source {
 public:
  Synthetic(const Pattern& pattern, std::uint64_t blocks)
      : blocks_(blocks),
        draw_(pattern.seed),
        direction_(pattern.reads),
        left_(pattern.accesses),
        burst_(pattern.burst),
        until_pause_(pattern.burst),
        idle_clocks_(pattern.idle_clocks) {}

  std::size_t next(BlockAccess* into, std::size_t count) final {
    count = std::min<std::uint64_t>(count, left_);
    static_cast<Derived&>(*this).fill(into, count);
    left_ -= count;
    if (burst_) pause(into, count);
    return count;
  }

 protected:
  void fill(BlockAccess* into, std::size_t count) {
    Derived& derived = static_cast<Derived&>(*this);
    for (std::size_t i = 0; i < count; ++i) into[i] = derived.access();
  }
  bool draw_write() { return direction_.write(draw_); }
  std::uint64_t blocks_;
  core::SplitMix64 draw_;

 private:
  void pause(BlockAccess* into, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i, --until_pause_) {
      if (until_pause_ > 0) continue;
      into[i].gap_clocks = idle_clocks_;
      until_pause_ = burst_;
    }
  }
  Direction direction_;
  std::uint64_t left_, burst_, until_pause_;
  std::uint32_t idle_clocks_;
};

// One for each family of kinds; null where the kind is of another family. `pattern` was checked.
std::unique_ptr<Source> make_plain(const Pattern& pattern, std::uint64_t blocks);
std::unique_ptr<Source> make_llm(const Pattern& pattern, std::uint64_t blocks);

}  // namespace wordline::memory
