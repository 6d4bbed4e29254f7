// When two requests begin alike: texts as tokens that can be compared, and hashes of their blocks.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/core/wide.h"
#include "wordline/serve/request.h"

namespace wordline::serve {

// A small number by which a cache knows a request while it is open; to be used again after it is closed. Caches keep
// vectors by slot, so slots are to be dense.
using Slot = std::uint32_t;
inline constexpr Slot no_slot = ~Slot{0};

// Two numbers into one, each bit of which depends on all of theirs: both halves of their product, once disguised.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<core::Uint128>(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xd1b54a32d192ed03u);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Replaces `hashes` by one for each full block of `block_tokens` tokens of `content`. Each depends on all tokens up to
// its block's end (vLLM's chained block hashes) and is not 0; equal ones mean equal beginnings, as far as 64 bits tell.
void block_hashes(const Content& content, std::int64_t block_tokens, std::vector<std::uint64_t>& hashes);

}  // namespace wordline::serve
