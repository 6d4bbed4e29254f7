#include "wordline/chip/gpu.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace wordline::chip {

namespace {

// Tile sizes that tuned libraries have, in either orientation; the accumulators take at most three quarters of the
// register file. Where operands come asynchronously, products of few rows run with the weights as the long side, in
// steps of 16 rows; elsewhere both sides are multiples of 64.
std::vector<Tile> tiles_of(const Chip& chip) {
  const double step_narrow = chip.load.multicast > 1 ? 16 : 64;
  const double most = chip.cores.accumulator.value() > 0 ? chip.cores.accumulator.value() * 0.75 / 4 : 256 * 192;
  constexpr std::array wide = {64.0, 128.0, 192.0, 256.0};
  std::vector<Tile> out;
  const auto offer = [&](double rows, double columns) {
    const auto same = [&](const Tile& t) { return t.rows == rows && t.columns == columns; };
    if (rows * columns <= most && std::none_of(out.begin(), out.end(), same)) out.push_back({rows, columns});
  };
  for (const double a : wide)
    for (double b = step_narrow; b <= 256; b += step_narrow) {
      offer(b, a);
      offer(a, b);
    }
  return out;
}

// Of CUTLASS's grouped products: with TMA 128 weights wide and 16 to 256 rows high, or 256 wide; before, 16 to 128
// high.
std::vector<Tile> grouped_tiles_of(const Chip& chip) {
  if (chip.load.multicast > 1) return {{16, 128}, {32, 128}, {64, 128}, {128, 128}, {256, 128}, {128, 256}};
  return {{16, 128}, {32, 128}, {64, 128}, {128, 128}};
}

double rate(const Chip& chip, const GpuLibrary& library, Dtype dtype, bool zeros) {
  // Block scales: the accumulators are scaled and added up by the vector units every 128 along k.
  const double blocks = dtype == Dtype::fp8_block ? library.block_share : 1;
  const MatrixRate& rate = chip.rate(dtype);
  return (zeros ? rate.peak : rate.sustained()).value() * library.share * blocks;
}

double constant(const Chip& chip, const char* name) { return chip.constants.at(name); }

// How much of the DRAM each multiprocessor must keep busy, as a share of what the losses were fitted at, 1 at most:
// with less to have under way a multiprocessor more easily makes up for the gaps between its tiles.
double need(const Chip& chip) {
  return std::min(1.0, chip.memory.peak.value() / 1e9 / chip.cores.count / constant(chip, "core_gbps"));
}
double kept(double share, double need) { return 1 - (1 - share) * need; }

}  // namespace

GpuLibrary::GpuLibrary(const Chip& c)
    : share(c.factors.at("share")),
      decode_launches(c.factors.at("decode_launches")),
      decode_launches_narrow(c.factors.at("decode_launches_narrow")),
      decode_group_least(c.factors.at("decode_group_least")),
      decode_group(c.factors.at("decode_group")),
      decode_steps(c.factors.at("decode_steps")),
      decode_steps_narrow(c.factors.at("decode_steps_narrow")),
      decode_tile(c.factors.at("decode_tile")),
      decode_tile_narrow(c.factors.at("decode_tile_narrow")),
      decode_key(c.factors.at("decode_key")),
      decode_occupancy(c.factors.at("decode_occupancy")),
      decode_tokens(c.factors.at("decode_tokens")),
      decode_split(c.factors.at("decode_split")),
      decode_split_root(c.factors.at("decode_split_root")),
      decode_waves(c.factors.at("decode_waves")),
      decode_merge(c.factors.at("decode_merge")),
      decode_shown(c.factors.at("decode_shown")),
      decode_lane(c.factors.at("decode_lane")),
      decode_lane_narrow(c.factors.at("decode_lane_narrow")),
      decode_small_blocks(c.factors.at("decode_small_blocks")),
      decode_synchronous(c.factors.at("decode_synchronous")),
      prefill_steps(c.factors.at("prefill_steps")),
      prefill_launches(c.factors.at("prefill_launches")),
      prefill_packed(c.factors.at("prefill_packed")),
      prefill_query_tile(c.factors.at("prefill_query_tile")),
      prefill_key_steps(c.factors.at("prefill_key_steps")),
      prefill_empty(c.factors.at("prefill_empty")),
      prefill_in_kv_format(c.factors.at("prefill_in_kv_format")),
      pages_in_runs(c.factors.at("pages_in_runs")),
      block_share(c.factors.at("block_share")),
      experts_launches(c.factors.at("experts_launches")),
      experts_launches_block(c.factors.at("experts_launches_block")),
      experts_bench_launches(c.factors.at("experts_bench_launches")),
      experts_bench_launches_scaled(c.factors.at("experts_bench_launches_scaled")),
      experts_bench_launches_block(c.factors.at("experts_bench_launches_block")),
      experts_sort_tokens(c.factors.at("experts_sort_tokens")),
      experts_sort_launches(c.factors.at("experts_sort_launches")),
      experts_gathers(c.factors.at("experts_gathers")),
      experts_passes(c.factors.at("experts_passes")),
      experts_block_passes(c.factors.at("experts_block_passes")),
      experts_block_search(c.factors.at("experts_block_search")),
      experts_rows(c.factors.at("experts_rows")),
      experts_columns(c.factors.at("experts_columns")),
      experts_rows_few(c.factors.at("experts_rows_few")),
      experts_columns_few(c.factors.at("experts_columns_few")),
      experts_at_once(c.factors.at("experts_at_once")),
      experts_zeros(c.factors.at("experts_zeros")),
      experts_remote(c.factors.at("experts_remote")),
      widened_launches(c.factors.at("widened_launches")),
      widened_share(c.factors.at("widened_share")),
      widened_rows(c.factors.at("widened_rows")),
      widened_columns(c.factors.at("widened_columns")),
      widened_hidden(c.factors.at("widened_hidden")),
      widened_width(c.factors.at("widened_width")) {}

Gpu::Gpu(const Chip& c)
    : chip(c),
      library(c),
      cores(c.cores.count),
      port(c.load.bandwidth.value()),
      l2(c.cache.size.value()),
      l2_rate(c.cache.bandwidth.value()),
      vector(c.vector.value()),
      exponentials(c.exponentials.value()),
      tiles(tiles_of(c)),
      grouped_tiles(grouped_tiles_of(c)),
      launch(constant(c, "launch_us") * 1e-6),
      tile(constant(c, "tile_us") * 1e-6),
      ramp(constant(c, "ramp_us") * 1e-6),
      dram_share(kept(constant(c, "dram_share"), need(c)) * library.share),
      product_share(kept(constant(c, "product_share"), need(c) * need(c))),
      rates([&](Dtype dtype) { return c.engines.empty() ? 0 : rate(c, library, dtype, false); }),
      rates_of_zeros([&](Dtype dtype) { return c.engines.empty() ? 0 : rate(c, library, dtype, true); }) {}

double Gpu::resident(double bytes, Residency residency) const {
  const double room = l2 * residency.share;
  if (room <= 0) return 0;
  // Half of the cache keeps all (its two partitions each hold a copy of what both use); beyond all of it none.
  return std::clamp((room - bytes) / (room / 2), 0.0, 1.0);
}

}  // namespace wordline::chip
