// Which bytes the kernels of dram.cu touch, in which order. Plain C++17 that a GPU and a test on the host run alike.
#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define WORDLINE_BOTH __host__ __device__
#else
#define WORDLINE_BOTH
#endif

namespace wordline::measure {

inline constexpr unsigned vector_shift = 4;  // one access of one thread is 16 bytes

// A bijection of [0, 2^bits) that looks random, bits up to 32: xor of the upper half into the lower one, and products
// with odd numbers, each of which can be undone. The constants are arbitrary odd numbers with about half their bits
// set.
WORDLINE_BOTH inline std::uint32_t scatter(std::uint32_t i, unsigned bits) {
  if (bits == 0) return 0;
  const std::uint32_t mask = bits >= 32 ? 0xFFFFFFFFu : (1u << bits) - 1;
  const unsigned half = (bits + 1) / 2;
  i = ((i & mask) * 0x9E3779B1u) & mask;
  i ^= i >> half;
  i = (i * 0x85EBCA77u) & mask;
  i ^= i >> half;
  return (i * 0xC2B2AE3Du) & mask;
}

// Pieces of contiguous bytes in a buffer; all sizes are powers of two, given as shifts (12 is 4096 bytes). The pieces
// start `stride` apart; a walk that reaches the end of the footprint goes on one piece further in, until after
// footprint / 16 accesses every byte was touched once. Random: the pieces lie side by side (stride = piece) and are
// visited in the order of scatter().
struct Layout {
  unsigned piece_shift, stride_shift, footprint_shift;
  bool random;

  // The byte offset, below the footprint, of the v-th 16-byte access; v may go round and round.
  WORDLINE_BOTH std::uint64_t byte_of(std::uint64_t v) const {
    const std::uint64_t bytes = (v << vector_shift) & ((1ull << footprint_shift) - 1);
    const std::uint64_t within = bytes & ((1ull << piece_shift) - 1);
    std::uint64_t piece = bytes >> piece_shift;
    if (random) piece = scatter(static_cast<std::uint32_t>(piece), footprint_shift - piece_shift);
    const unsigned slots_shift = footprint_shift - stride_shift;
    const std::uint64_t slot = piece & ((1ull << slots_shift) - 1), phase = piece >> slots_shift;
    return (slot << stride_shift) + (phase << piece_shift) + within;
  }
};

// A ring of pointers for latency: one cell in each line of 128 bytes, visited in the order of scatter(), so that all
// cells form one cycle and no prefetcher or row buffer can help.
inline constexpr unsigned line_shift = 7;
struct Ring {
  unsigned footprint_shift;

  WORDLINE_BOTH std::uint64_t cells() const { return 1ull << (footprint_shift - line_shift); }
  // The byte offset of the cell that is visited i-th; i may go round and round.
  WORDLINE_BOTH std::uint64_t byte_of(std::uint64_t i) const {
    const unsigned bits = footprint_shift - line_shift;
    return static_cast<std::uint64_t>(scatter(static_cast<std::uint32_t>(i & (cells() - 1)), bits)) << line_shift;
  }
};

}  // namespace wordline::measure
