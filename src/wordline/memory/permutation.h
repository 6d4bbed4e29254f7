// A random order of 0..n-1 without memory: every number comes once.
#pragma once

#include <bit>
#include <cstdint>

#include "wordline/core/random.h"

namespace wordline::memory {

// A bijection of 0..n-1, drawn by a seed: rounds of odd multiplications and xorshifts over the next power of two,
// repeated for a value that falls outside (cycle walking: Black, Rogaway 2002).
class Permutation {
 public:
  Permutation(std::uint64_t n, std::uint64_t seed) : n_(n), bits_(n > 1 ? static_cast<int>(std::bit_width(n - 1)) : 1) {
    core::SplitMix64 draw(seed);
    mask_ = bits_ == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits_) - 1;
    for (auto& round : rounds_) round = {draw() | 1, draw()};
  }
  // Where the i-th of n stands; i < n.
  std::uint64_t operator()(std::uint64_t i) const {
    do i = mixed(i);
    while (i >= n_);
    return i;
  }

 private:
  struct Round {
    std::uint64_t factor, offset;
  };
  std::uint64_t mixed(std::uint64_t x) const {
    for (const Round& round : rounds_) {
      x = (x * round.factor + round.offset) & mask_;
      x ^= x >> (bits_ / 2 + 1);
    }
    return x;
  }

  std::uint64_t n_, mask_;
  int bits_;
  Round rounds_[3];
};

}  // namespace wordline::memory
