#include "wordline/serve/prefix.h"

#include <algorithm>

namespace wordline::serve {

void block_hashes(const Content& content, std::int64_t block_tokens, std::vector<std::uint64_t>& hashes) {
  hashes.clear();
  std::uint64_t hash = 0;
  std::int64_t filled = 0;  // of the block under way
  for (const Piece& piece : content) {
    for (std::int64_t from = 0; from < piece.tokens;) {
      const std::int64_t tokens = std::min(piece.tokens - from, block_tokens - filled);
      hash = mix(mix(hash, piece.text), static_cast<std::uint64_t>(from) << 32 | static_cast<std::uint64_t>(tokens));
      from += tokens;
      filled += tokens;
      if (filled < block_tokens) continue;
      hash += hash == 0;
      hashes.push_back(hash);
      filled = 0;
    }
  }
}

}  // namespace wordline::serve
