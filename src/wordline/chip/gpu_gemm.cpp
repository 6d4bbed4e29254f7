// Matrix products on a GPU: the output is cut into tiles, a multiprocessor computes one tile after the other.
//
// A tile costs the longer of its multiplications and of fetching its operands through the multiprocessor's port to the
// L2, and a fixed time to fill its pipeline and write its result. Tiles are dealt in waves; a partial wave costs a
// whole one. Where there are fewer tiles than multiprocessors the inner dimension is split, and the partial sums are
// written and added up in 32 bits by a kernel of their own. DRAM traffic runs beside; what nearly balances overlaps
// imperfectly.
#include <algorithm>
#include <array>
#include <cmath>

#include "wordline/chip/gpu.h"

namespace wordline::chip {

namespace {

constexpr double step = 64;             // numbers along k that are fetched at once
constexpr double rounding = 1 - 1e-12;  // a sum in floating point may lie so much below its larger part
constexpr std::array splits = {1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32};

double fourth(double x) { return x * x * (x * x); }

// Between the larger and the sum: groups end at different times, and each begins with its weights.
double hardly_beside(double a, double b) { return std::pow(std::pow(a, 1.5) + std::pow(b, 1.5), 1 / 1.5); }

}  // namespace

Tiled tiled(const Gpu& gpu, std::span<const Rows> groups, const Product& product, double dram,
            std::span<const Tile> offered) {
  const double per_core = gpu.tensor(product.operands, product.zeros) * product.share / gpu.cores;
  double all_rows = 0;
  for (const Rows& group : groups) all_rows += group.rows * group.groups;
  const double edge = gpu.edge();
  // Ways to cut k in whole steps, each with what it comes to: parts of so many numbers.
  struct Cut {
    double asked, parts, k;
  };
  std::array<Cut, splits.size()> cuts{};
  std::size_t possible = 0;
  const double steps = std::ceil(product.k / step);
  for (const int split : splits) {
    const double part = std::ceil(steps / split);
    cuts[possible++] = {static_cast<double>(split), std::ceil(steps / part), part * step};
    if (product.grouped) break;
  }
  const double dram4 = fourth(dram);
  double best4 = 1e120;  // of the best time; roots are taken only where they may be shorter
  Tiled best;
  best.time = 1e30;
  for (const Tile& tile : offered) {
    double tiles = 0;
    for (const Rows& group : groups) tiles += std::ceil(group.rows / tile.rows) * group.groups;
    tiles *= std::ceil(product.n / tile.columns);
    const double shared = std::max(tile.rows * product.operand_bytes, tile.columns * product.weight_bytes);
    const double alone = std::min(tile.rows * product.operand_bytes, tile.columns * product.weight_bytes);
    const double fetched = alone + shared / gpu.chip.load.multicast;  // bytes a number of k
    const double multiply = 2 * tile.rows * tile.columns / per_core, fetch = fetched / gpu.port;
    const double one = std::max(multiply, fetch);
    if (tiles * one * product.k / gpu.cores * rounding >= best.time) continue;  // the waves of any split take as long
    for (std::size_t i = 0; i < possible; ++i) {
      const auto [asked, parts, k] = cuts[i];
      if (asked > 1 && tiles * asked > 2 * gpu.cores) break;
      const double waves = std::ceil(tiles * parts / gpu.cores);
      const double compute = waves * (one * k + edge / product.at_once);
      if (product.grouped ? std::max(compute, dram) * rounding >= best.time
                          : (fourth(compute) + dram4) * rounding >= best4)
        continue;
      double time = product.grouped ? hardly_beside(compute, dram) : beside(compute, dram);
      if (product.grouped) time = std::max(time, tiles * k * (alone + shared) / gpu.chip.load.multicast / gpu.l2_rate);
      if (parts > 1) time += gpu.launch + 8 * parts * all_rows * product.n / gpu.l2_rate;
      if (time >= best.time) continue;
      best = {time, waves * multiply * k, waves * fetch * k, tile, static_cast<int>(parts)};
      best4 = fourth(time);
    }
  }
  return best;
}

Timing time_gemm(const Gpu& gpu, const Gemm& w, MemoryPath& memory, Residency residency) {
  const Counts counts = counts_of({{}, w});
  Timing out;
  const double weights = counts.weights.value(), read = counts.read.value(), written = counts.written.value();
  const double absent = 1 - gpu.resident(weights + read + written, residency);
  // The kernel before left its output, this one's input, in the cache where it fits.
  const double input_absent = 1 - gpu.resident(read, Residency::warm);
  out.read = weights * absent + read * std::min(absent, input_absent);
  out.written = written * absent;
  out.dram = gpu.dram(memory, out.read, out.written) / gpu.product_share;
  const Product product{static_cast<double>(w.n), static_cast<double>(w.k), bytes_of(w.weights).value(),
                        bytes_of(w.operands).value(), w.operands};
  const std::array rows = {Rows{static_cast<double>(w.m), static_cast<double>(w.batch)}};
  const Tiled tiling = tiled(gpu, rows, product, out.dram, gpu.tiles);
  out.launch = gpu.launch + 2 * gpu.edge();
  out.tensor = tiling.tensor;
  out.l2 = tiling.l2;
  out.time = out.launch + tiling.time;
  return out;
}

}  // namespace wordline::chip
