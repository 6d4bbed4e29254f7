// The GPU's side of dram.cu: kernels that move 16-byte vectors, chase pointers, and do both at once.
#pragma once

#include <cuda_runtime.h>

#include "dram_addresses.h"

namespace wordline::measure {

enum class Direction { read, write, copy, half_reads };

// Nanoseconds since some start, the same on all SMs; it steps by up to a microsecond on some GPUs.
__device__ inline std::uint64_t global_ns() {
  std::uint64_t ns;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(ns)::"memory");
  return ns;
}

// One batch: `Loads` accesses of each thread, all under way before the first is used. Reads and writes go past L1, so
// that what is measured is L2 and DRAM. `v` is the number of this thread's first access, `step` how many others make
// between two of its own. A copy writes `copied_to` bytes above what it read.
template <Direction direction, int Loads>
__device__ __forceinline__ void batch(char* buffer, const Layout& layout, std::uint64_t v, std::uint64_t step,
                                      std::uint64_t copied_to, uint4& sum) {
  constexpr bool reads_all = direction == Direction::read || direction == Direction::copy;
  constexpr bool alternates = direction == Direction::half_reads;
  uint4 held[Loads];
#pragma unroll
  for (int i = 0; i < Loads; ++i)
    if (reads_all || (alternates && i % 2 == 0))
      held[i] = __ldcg(reinterpret_cast<const uint4*>(buffer + layout.byte_of(v + i * step)));
#pragma unroll
  for (int i = 0; i < Loads; ++i) {
    if (reads_all || (alternates && i % 2 == 0)) sum.x ^= held[i].x ^ held[i].y ^ held[i].z ^ held[i].w;
    const auto place = reinterpret_cast<uint4*>(buffer + copied_to + layout.byte_of(v + i * step));
    if (direction == Direction::copy) __stcg(place, held[i]);
    if (direction == Direction::write || (alternates && i % 2 == 1))
      __stcg(place, make_uint4(static_cast<unsigned>(v), sum.x, i, 1));
  }
}

// Accesses number `first` up to `first + count`, all threads of the grid side by side. `count` is a multiple of
// threads x Loads. `sink` keeps the compiler from dropping the reads.
template <Direction direction, int Loads>
__global__ void __launch_bounds__(1024) move(char* buffer, Layout layout, std::uint64_t first, std::uint64_t count,
                                             std::uint64_t copied_to, unsigned* sink) {
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  const std::uint64_t end = first + count;
  uint4 sum = make_uint4(0, 0, 0, 0);
#pragma unroll 1  // or more batches would be under way than the grid says
  for (std::uint64_t v = first + static_cast<std::uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x; v < end;
       v += step * Loads)
    batch<direction, Loads>(buffer, layout, v, step, copied_to, sum);
  if (sum.x == 0x5EED5EEDu && sink[0] == 1) sink[1] = sum.x;
}

// Writes the ring: each cell holds the address of the next.
__global__ void write_ring(char* buffer, Ring ring) {
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  for (std::uint64_t i = static_cast<std::uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < ring.cells(); i += step)
    *reinterpret_cast<char**>(buffer + ring.byte_of(i)) = buffer + ring.byte_of(i + 1);
}

// Follows the ring for a number of steps, a multiple of 16, each of which waits for the one before.
__device__ __forceinline__ const char* follow(const char* cell, unsigned steps) {
#pragma unroll 16
  for (unsigned i = 0; i < steps; ++i) asm volatile("ld.global.ca.u64 %0, [%0];" : "+l"(cell)::"memory");
  return cell;
}

struct Chased {
  std::uint64_t ns;   // for the measured steps
  const char* where;  // keeps the chase alive
};

// One thread. The first `unmeasured` steps warm instruction cache, TLB and, where the ring is small, L1.
__global__ void chase(const char* cell, unsigned unmeasured, unsigned steps, Chased* result) {
  cell = follow(cell, unmeasured);
  const std::uint64_t start = global_ns();
  cell = follow(cell, steps);
  result->ns = global_ns() - start;
  result->where = cell;
}

// What CTA 0 of `loaded` and its load generators tell each other; all zero before the launch.
struct Meeting {
  unsigned ready;  // generators that have started
  unsigned phase;  // 1 while latency is measured, 2 when it is over
  unsigned long long batches_of_warps;
  Chased chased;
};

// CTA 0: one thread chases. All other CTAs move batches for as long as it does; each warp counts its batches of the
// measured time. Must be launched cooperatively, with shared memory such that each SM takes one CTA: the chasing thread
// then has an SM to itself.
template <Direction direction, int Loads>
__global__ void __launch_bounds__(1024) loaded(char* buffer, Layout layout, std::uint64_t first, const char* cell,
                                               unsigned unmeasured, unsigned steps, Meeting* meeting, unsigned* sink) {
  volatile unsigned* const phase = &meeting->phase;
  if (blockIdx.x == 0) {
    if (threadIdx.x != 0) return;
    volatile unsigned* const ready = &meeting->ready;
    while (*ready < gridDim.x - 1) __nanosleep(200);
    cell = follow(cell, unmeasured);
    *phase = 1;
    const std::uint64_t start = global_ns();
    cell = follow(cell, steps);
    meeting->chased.ns = global_ns() - start;
    *phase = 2;
    meeting->chased.where = cell;
    return;
  }
  if (threadIdx.x == 0) atomicAdd(&meeting->ready, 1u);
  constexpr unsigned look_every = 8;  // batches, so that looking at the phase adds little traffic
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x - 1) * blockDim.x;
  std::uint64_t v = first + static_cast<std::uint64_t>(blockIdx.x - 1) * blockDim.x + threadIdx.x;
  uint4 sum = make_uint4(0, 0, 0, 0);
  unsigned long long counted = 0;
#pragma unroll 1
  for (unsigned seen = 0; seen != 2; seen = __shfl_sync(0xFFFFFFFFu, *phase, 0)) {
#pragma unroll 1
    for (unsigned i = 0; i < look_every; ++i, v += step * Loads)
      batch<direction, Loads>(buffer, layout, v, step, 0, sum);
    if (seen == 1) counted += look_every;
  }
  if (threadIdx.x % 32 == 0) atomicAdd(&meeting->batches_of_warps, counted);
  if (sum.x == 0x5EED5EEDu && sink[0] == 1) sink[1] = sum.x;
}

__global__ void empty_kernel() {}

}  // namespace wordline::measure
