// Chips with round numbers for the engine kinds whose cores multiply blocks held on the chip.
#pragma once

#include "wordline/chip/kernel_timer.h"

namespace wordline::chip {

// 1 us to launch, idle 100 of 700 W, a clock of 1 GHz, so that a nanosecond is a cycle.
inline Chip tiled_chip(const char* name, const char* engine, int cores, int side) {
  Chip out;
  out.name = name;
  out.engine = engine;
  out.launch = core::microseconds(1);
  out.tdp = core::watts(700);
  out.idle = core::watts(100);
  out.cores.count = cores;
  out.cores.clock = out.cores.clock_under_load = core::Hertz(1e9);
  out.cores.array_rows = out.cores.array_columns = side;
  return out;
}

// Cores of 128 x 128 whose operands lie still, with 24 MiB for operands and 2 MiB for sums each; fp32 at a quarter.
inline Chip neuron_like(int cores = 1) {
  Chip out = tiled_chip("neuron-like", "systolic", cores, 128);
  out.engines[Dtype::bf16] = {core::FlopsPerSecond(cores * 2.0 * 128 * 128 * 1e9)};
  out.engines[Dtype::fp32] = {core::FlopsPerSecond(cores * 2.0 * 128 * 128 * 1e9 / 4)};
  out.constants = {{"moving_columns", 512}, {"issue_cycles", 64}, {"stationary_speedup", 4}, {"access_cycles", 60},
                   {"pass_share", 0.5},     {"reshape", 2},       {"widening_operations", 1}};
  out.cores.scratch = core::bytes(24.0 * (1 << 20));
  out.cores.accumulator = core::bytes(2.0 * (1 << 20));
  out.load.start_up = core::microseconds(1);
  out.load.transfers = 16;
  out.load.granule = core::bytes(512);
  return out;
}

// Arrays of 256 x 256 whose results lie still, before 96 MB of shared SRAM.
inline Chip gaudi_like(int cores = 1) {
  Chip out = tiled_chip("gaudi-like", "systolic", cores, 256);
  out.engines[Dtype::bf16] = {core::FlopsPerSecond(cores * 2.0 * 256 * 256 * 1e9)};
  out.constants = neuron_like().constants;
  out.cores.accumulator = core::bytes(256.0 * 256 * 4);
  out.cache = {core::gigabytes(0.096), core::gigabytes_per_second(1e6)};
  return out;
}

// AMX: 1024 bf16 operations a cycle and core, tiles of 16 x 16 x 32; 2 MiB of L2 a core, 1344 bytes under way.
inline Chip xeon_like(int cores = 1) {
  Chip out = tiled_chip("xeon-like", "cpu", cores, 16);
  out.engines[Dtype::bf16] = {core::FlopsPerSecond(cores * 1024 * 1e9)};
  out.constants = {{"l2_lines_per_cycle", 0.75}, {"run_bytes", 4096}, {"widening_operations", 8}};
  out.cores.scratch = core::bytes(2.0 * (1 << 20));
  out.cores.accumulator = core::bytes(8 * 1024);
  out.cache = {core::gigabytes(0.105), core::gigabytes_per_second(1e6)};
  out.load.in_flight = core::bytes(1344);
  return out;
}

// Multiprocessors of 4096 operations a cycle, 64 bytes a cycle each from an L2 of 50 MB; a launch and a tile's edge
// take 1 us each, a step of attention too.
inline Chip gpu_like(int cores = 1) {
  Chip out = tiled_chip("gpu-like", "gpu", cores, 64);
  out.engines[Dtype::bf16] = {core::FlopsPerSecond(cores * 4096 * 1e9)};
  out.engines[Dtype::fp8] = {core::FlopsPerSecond(cores * 8192 * 1e9)};
  out.vector = core::FlopsPerSecond(cores * 256e9);
  out.exponentials = core::FlopsPerSecond(cores * 16e9);
  out.cores.accumulator = core::bytes(256 * 1024);
  out.cache = {core::gigabytes(0.05), core::gigabytes_per_second(5000)};
  out.load.bandwidth = core::gigabytes_per_second(64);
  out.load.multicast = 2;
  out.constants = {{"launch_us", 1},  {"tile_us", 1},       {"ramp_us", 5},
                   {"dram_share", 1}, {"product_share", 1}, {"core_gbps", 1}};
  out.factors = {{"share", 1},
                 {"attention_prepares", 0},
                 {"decode_launches", 2},
                 {"decode_launches_narrow", 2},
                 {"decode_group_least", 1},
                 {"decode_group", 32},
                 {"decode_steps", 1},
                 {"decode_steps_narrow", 1},
                 {"decode_tile", 0.5},
                 {"decode_tile_narrow", 0.5},
                 {"decode_key", 1},
                 {"decode_occupancy", 4},
                 {"decode_tokens", 1e6},
                 {"decode_split", 128},
                 {"decode_split_root", 8},
                 {"decode_waves", 8},
                 {"decode_merge", 2},
                 {"decode_shown", 0.8},
                 {"decode_lane", 8},
                 {"decode_lane_narrow", 10},
                 {"decode_small_blocks", 1.2},
                 {"prefill_steps", 1},
                 {"prefill_launches", 3},
                 {"prefill_packed", 0},
                 {"prefill_query_tile", 0},
                 {"prefill_key_steps", 0},
                 {"decode_synchronous", 0},
                 {"attention_joint", 0},
                 {"prefill_empty", 0},
                 {"pages_in_runs", 0},
                 {"prefill_in_kv_format", 0},
                 {"experts_launches", 8},
                 {"experts_launches_block", 7},
                 {"experts_bench_launches", 1},
                 {"experts_bench_launches_scaled", 3},
                 {"experts_bench_launches_block", 2},
                 {"experts_sort_tokens", 256},
                 {"experts_sort_launches", 2},
                 {"experts_gathers", 1},
                 {"experts_passes", 1},
                 {"experts_block_passes", 1},
                 {"experts_block_search", 0},
                 {"experts_rows", 0},
                 {"experts_columns", 0},
                 {"experts_rows_few", 0},
                 {"experts_columns_few", 0},
                 {"experts_at_once", 1},
                 {"experts_zeros", 0},
                 {"experts_remote", 0},
                 {"widened_launches", 8},
                 {"widened_share", 1},
                 {"widened_rows", 0},
                 {"widened_columns", 0},
                 {"widened_hidden", 1},
                 {"widened_width", 1},
                 {"block_share", 0.5}};
  return out;
}

// 1 TB/s for any pattern, times `factor`, at 100 ns.
inline Streams flat_streams(double factor = 1) {
  return [factor](const Memory&, double, core::Bytes, double load) {
    return Streamed{core::gigabytes_per_second(1000 * factor * load), core::JoulesPerByte(40e-12),
                    core::nanoseconds(100)};
  };
}

inline Kernel gemm(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t batch = 1) {
  return {"gemm", Gemm{.m = m, .n = n, .k = k, .batch = batch}};
}

}  // namespace wordline::chip
