#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "wordline/memory/policy/address_map/hashes.h"

namespace wordline::memory::policy::address_map {

std::string row_hashes(const System& system, const std::vector<int>& levels) {
  const auto& geometry = system.module.part->standard.geometry;
  const int row_bits = std::bit_width(static_cast<std::uint32_t>(geometry.rows - 1));
  int low = 0;
  std::string text;
  for (const int level : levels) {
    const auto size = static_cast<std::uint32_t>(level > 0 ? geometry.sizes[static_cast<std::size_t>(level)] : 1);
    const int bits = std::min(static_cast<int>(std::bit_width(size - 1)), row_bits - low);
    if (bits < 1) continue;
    const char* how = std::has_single_bit(size) ? "^" : "+";
    text += fmt::format(" {}{}=row[{}:{}]", geometry.levels[static_cast<std::size_t>(level)], how, low, low + bits - 1);
    low += bits;
  }
  return text;
}

}  // namespace wordline::memory::policy::address_map
