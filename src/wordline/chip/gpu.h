// A GPU as its kernels see it: multiprocessors that each work on one tile at a time, a shared L2, DRAM behind it.
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "wordline/chip/engine.h"

namespace wordline::chip {

// An output tile of a matrix product that one multiprocessor computes.
struct Tile {
  double rows = 0, columns = 0;
};

// The factors of a kernel library, each named and explained in catalog/libraries.
struct GpuLibrary {
  explicit GpuLibrary(const Chip&);
  double share, decode_launches, decode_launches_narrow, decode_group_least, decode_group, decode_steps,
      decode_steps_narrow, decode_tile, decode_tile_narrow, decode_key, decode_occupancy, decode_tokens, decode_split,
      decode_split_root, decode_waves, decode_merge, decode_shown, decode_lane, decode_lane_narrow, decode_small_blocks,
      decode_synchronous, prefill_steps, prefill_launches, prefill_packed, prefill_query_tile, prefill_key_steps,
      prefill_empty, prefill_in_kv_format, pages_in_runs, block_share;
  // Of experts; experts_rows and so on are the tiles of a library that has no tuner.
  double experts_launches, experts_launches_block, experts_bench_launches, experts_bench_launches_scaled,
      experts_bench_launches_block, experts_sort_tokens, experts_sort_launches, experts_gathers, experts_passes,
      experts_block_passes, experts_block_search, experts_rows, experts_columns, experts_rows_few, experts_columns_few,
      experts_at_once, experts_zeros, experts_remote;
  // Of experts whose weights are widened to the operands' format as they are multiplied.
  double widened_launches, widened_share, widened_rows, widened_columns, widened_hidden, widened_width;
};

// The spec in plain doubles (seconds, bytes, operations), with the engine kind's constants and the library's factors,
// each named as in catalog/engines/gpu.toml and catalog/libraries.
struct Gpu {
  explicit Gpu(const Chip&);

  Chip chip;
  GpuLibrary library;
  double cores;                     // multiprocessors
  double port;                      // bytes per second that one multiprocessor takes from the L2
  double l2, l2_rate;               // bytes; bytes per second to all
  double vector;                    // operations per second of all, in 32 bits
  double exponentials;              // per second of all
  std::vector<Tile> tiles;          // of products
  std::vector<Tile> grouped_tiles;  // of grouped products, where a tuner chooses

  // The engine kind's constants.
  double launch, tile, ramp, dram_share, product_share;  // shares as this chip loses by them
  ByDtype<double> rates, rates_of_zeros;                 // tensor()'s

  // Rate of the matrix engines that a long main loop holds, operations per second of all multiprocessors. `zeros`: the
  // weights are zeros, whose products draw so little power that the clock need not fall.
  double tensor(Dtype dtype, bool zeros = false) const { return (zeros ? rates_of_zeros : rates)[dtype]; }

  // Filling and emptying a tile's pipeline, as far as it shows: where operands come asynchronously (TMA), one warp
  // group writes a tile while another multiplies the next.
  double edge() const { return chip.load.multicast > 1 ? tile : 2 * tile; }

  // Share of `bytes` that is found in the L2 when a kernel that touches just these is run again.
  double resident(double bytes, Residency) const;
  // Seconds of DRAM traffic at dram_share of the simulated bandwidth.
  double dram(MemoryPath& memory, double read, double written, double paged = 0, double page = 0) const {
    return memory.seconds(read, written, paged, page) / dram_share;
  }
};

// The fourth root of the sum of fourth powers: near the larger, 19 % above where both are equal.
inline double beside(double a, double b) {
  const double a2 = a * a, b2 = b * b;
  return std::sqrt(std::sqrt(a2 * a2 + b2 * b2));
}

// Rows that share a weight matrix: `groups` groups of `rows` each. A plain product is one group.
struct Rows {
  double rows = 0, groups = 0;
};

// A grouped product: each group's rows times its own n x k weights.
struct Product {
  double n = 0, k = 0;
  double weight_bytes = 2, operand_bytes = 2;  // of one number
  Dtype operands = Dtype::bf16;
  bool grouped =
      false;           // many small products in one kernel: never split along k, fetching and multiplying overlap less
  bool zeros = false;  // all weights are
  double at_once = 1;  // tiles on a multiprocessor, which hide each other's edges
  double share = 1;    // of the matrix engines' rate
};

// The product on the tiling that is best of those offered: seconds altogether without launch, and how long each part is
// busy.
struct Tiled {
  double time = 0, tensor = 0, l2 = 0;
  Tile tile;
  int splits = 1;
};
// `dram`: seconds of the product's DRAM traffic, which runs beside.
Tiled tiled(const Gpu&, std::span<const Rows>, const Product&, double dram, std::span<const Tile>);

Timing time_gemm(const Gpu&, const Gemm&, MemoryPath&, Residency);
Timing time_experts(const Gpu&, const Experts&, MemoryPath&, Residency);
Timing time_prefill(const Gpu&, const PrefillAttention&, MemoryPath&, Residency);
Timing time_decode(const Gpu&, const DecodeAttention&, MemoryPath&, Residency);
Timing time_movement(const Gpu&, const Movement&, MemoryPath&, Residency);

}  // namespace wordline::chip
