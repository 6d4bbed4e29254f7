// Names of texts: whole numbers that tell apart what is not the same.
#pragma once

#include <cstdint>

#include "wordline/core/random.h"

namespace wordline::serve {

// Tokens of a piece of a text that is named by its own tokens.
inline constexpr std::int32_t piece_tokens = 16;

// One number of two, by SplitMix64.
inline std::uint64_t mixed(std::uint64_t a, std::uint64_t b) { return core::SplitMix64(a ^ core::SplitMix64(b)())(); }

// A 64-bit name of a sequence of whole numbers.
class TextName {
 public:
  void add(std::uint64_t x) { state_ = core::SplitMix64(state_ ^ x)(); }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x243F6A8885A308D3u;  // of pi
};

}  // namespace wordline::serve
