// Kernels that keep one part of a GPU busy and the others as idle as can be, for power.py: a shared library with a C
// interface. Each function queues one kernel on `stream` and returns cudaGetLastError(). Operands are random numbers, since
// what a wire draws depends on how often it turns.
#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstdint>

namespace {

__device__ uint32_t mixed(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}

__device__ float between_ones(uint32_t x) { return static_cast<float>(mixed(x)) * (2.0f / 4294967296.0f) - 1.0f; }

__device__ bool never(uint32_t x) { return x == 0x9e3779b9u && blockIdx.x == gridDim.x; }

__global__ void nothing() {}

// One thread waits; all else sleeps, with the clocks on.
__global__ void waiting(uint64_t nanoseconds) {
  uint64_t start, now;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(start));
  do {
    __nanosleep(200);
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
  } while (now - start < nanoseconds);
}

__global__ void spinning(int64_t cycles) {
  const int64_t start = clock64();
  while (clock64() - start < cycles) {
  }
}

// `rounds` times all of `bytes`, 16 at a time, from the L2 or beyond it.
__global__ void reading(const uint4* from, uint64_t count, int rounds, uint32_t* sink) {
  uint32_t sum = 0;
  const uint64_t step = static_cast<uint64_t>(gridDim.x) * blockDim.x;
  for (int round = 0; round < rounds; ++round)
    for (uint64_t at = static_cast<uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x; at < count; at += 8 * step) {
      uint4 got[8];
#pragma unroll
      for (int i = 0; i < 8; ++i) got[i] = at + i * step < count ? __ldcg(from + at + i * step) : uint4{};
#pragma unroll
      for (int i = 0; i < 8; ++i) sum ^= got[i].x ^ got[i].y ^ got[i].z ^ got[i].w;
    }
  if (never(sum)) *sink = sum;
}

__global__ void writing(uint4* to, uint64_t count) {
  const uint64_t step = static_cast<uint64_t>(gridDim.x) * blockDim.x;
  for (uint64_t at = static_cast<uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x; at < count; at += step) {
    const uint32_t x = mixed(static_cast<uint32_t>(at));
    __stcg(to + at, uint4{x, x * 0x85ebca6bu, x ^ 0xc2b2ae35u, x * 0x27d4eb2fu});
  }
}

__global__ void copying(const uint4* from, uint4* to, uint64_t count) {
  const uint64_t step = static_cast<uint64_t>(gridDim.x) * blockDim.x;
  for (uint64_t at = static_cast<uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x; at < count; at += 4 * step) {
    uint4 got[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) got[i] = at + i * step < count ? __ldcg(from + at + i * step) : uint4{};
#pragma unroll
    for (int i = 0; i < 4; ++i)
      if (at + i * step < count) __stcg(to + at + i * step, got[i]);
  }
}

// Each thread reads 16 bytes of 32 KiB of shared memory, `rounds` times.
__global__ void reading_shared(int rounds, uint32_t* sink) {
  __shared__ uint4 held[2048];
  for (int i = threadIdx.x; i < 2048; i += blockDim.x) {
    const uint32_t x = mixed(i);
    held[i] = uint4{x, x * 0x85ebca6bu, x ^ 0xc2b2ae35u, x * 0x27d4eb2fu};
  }
  __syncthreads();
  uint32_t sum = 0;
  for (int round = 0; round < rounds; ++round) {
    uint4 got;
    const auto at = static_cast<uint32_t>(__cvta_generic_to_shared(held + ((threadIdx.x + 32 * round) & 2047)));
    asm volatile("ld.volatile.shared.v4.u32 {%0,%1,%2,%3}, [%4];"
                 : "=r"(got.x), "=r"(got.y), "=r"(got.z), "=r"(got.w)
                 : "r"(at));
    sum ^= got.x ^ got.y ^ got.z ^ got.w;
  }
  if (never(sum)) *sink = sum;
}

// 8 independent chains of a multiply and a multiply-add in 32 bits: the logistic map, which never settles.
__global__ void multiplying(int rounds, uint32_t* sink) {
  float x[8], r[8];
  const uint32_t seed = blockIdx.x * blockDim.x + threadIdx.x;
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    x[i] = 0.5f + 0.4f * between_ones(seed * 16 + i);
    r[i] = 3.9f + 0.09f * between_ones(seed * 16 + 8 + i);
  }
  for (int round = 0; round < rounds; ++round)
#pragma unroll
    for (int i = 0; i < 8; ++i) x[i] = fmaf(-r[i] * x[i], x[i], r[i] * x[i]);
  float all = 0;
#pragma unroll
  for (int i = 0; i < 8; ++i) all += x[i];
  if (never(__float_as_uint(all))) *sink = 1;
}

// 8 independent chains of an exponential and a multiply-add.
__global__ void exponentials(int rounds, uint32_t* sink) {
  float x[8];
#pragma unroll
  for (int i = 0; i < 8; ++i) x[i] = between_ones(blockIdx.x * blockDim.x * 8 + threadIdx.x * 8 + i);
  for (int round = 0; round < rounds; ++round)
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      float power;
      asm volatile("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x[i]));
      x[i] = fmaf(power, -3.0f, 2.9f);
    }
  float all = 0;
#pragma unroll
  for (int i = 0; i < 8; ++i) all += x[i];
  if (never(__float_as_uint(all))) *sink = 1;
}

// 4 independent chains of mma.m16n8k16 in bf16, operands in registers: 4096 operations each and warp.
__global__ void products(int rounds, uint32_t* sink) {
  uint32_t a[4][4], b[4][2];
  float c[4][4] = {};
  const uint32_t seed = (blockIdx.x * blockDim.x + threadIdx.x) * 64;
  auto pair = [&](uint32_t i) {
    const __nv_bfloat162 two = __floats2bfloat162_rn(between_ones(seed + 2 * i), between_ones(seed + 2 * i + 1));
    return reinterpret_cast<const uint32_t&>(two);
  };
#pragma unroll
  for (int i = 0; i < 4; ++i) {
#pragma unroll
    for (int j = 0; j < 4; ++j) a[i][j] = pair(i * 6 + j);
    b[i][0] = pair(i * 6 + 4), b[i][1] = pair(i * 6 + 5);
  }
  for (int round = 0; round < rounds; ++round)
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int with = (i + 1) & 3;
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
          : "+f"(c[i][0]), "+f"(c[i][1]), "+f"(c[i][2]), "+f"(c[i][3])
          : "r"(a[i][0]), "r"(a[i][1]), "r"(a[i][2]), "r"(a[i][3]), "r"(b[with][0]), "r"(b[with][1]));
    }
  float all = 0;
#pragma unroll
  for (int i = 0; i < 4; ++i) all += c[i][0] + c[i][1] + c[i][2] + c[i][3];
  if (never(__float_as_uint(all))) *sink = 1;
}

}  // namespace

extern "C" {

int launch_nothing(cudaStream_t stream) { return nothing<<<1, 32, 0, stream>>>(), cudaGetLastError(); }
int launch_waiting(uint64_t nanoseconds, cudaStream_t stream) {
  return waiting<<<1, 1, 0, stream>>>(nanoseconds), cudaGetLastError();
}
int launch_spinning(int ctas, int threads, int64_t cycles, cudaStream_t stream) {
  return spinning<<<ctas, threads, 0, stream>>>(cycles), cudaGetLastError();
}
int launch_reading(const void* from, uint64_t bytes, int rounds, int ctas, int threads, void* sink, cudaStream_t stream) {
  reading<<<ctas, threads, 0, stream>>>(static_cast<const uint4*>(from), bytes / 16, rounds, static_cast<uint32_t*>(sink));
  return cudaGetLastError();
}
int launch_writing(void* to, uint64_t bytes, int ctas, int threads, cudaStream_t stream) {
  return writing<<<ctas, threads, 0, stream>>>(static_cast<uint4*>(to), bytes / 16), cudaGetLastError();
}
int launch_copying(const void* from, void* to, uint64_t bytes, int ctas, int threads, cudaStream_t stream) {
  copying<<<ctas, threads, 0, stream>>>(static_cast<const uint4*>(from), static_cast<uint4*>(to), bytes / 16);
  return cudaGetLastError();
}
int launch_shared(int rounds, int ctas, int threads, void* sink, cudaStream_t stream) {
  return reading_shared<<<ctas, threads, 0, stream>>>(rounds, static_cast<uint32_t*>(sink)), cudaGetLastError();
}
int launch_multiplying(int rounds, int ctas, int threads, void* sink, cudaStream_t stream) {
  return multiplying<<<ctas, threads, 0, stream>>>(rounds, static_cast<uint32_t*>(sink)), cudaGetLastError();
}
int launch_exponentials(int rounds, int ctas, int threads, void* sink, cudaStream_t stream) {
  return exponentials<<<ctas, threads, 0, stream>>>(rounds, static_cast<uint32_t*>(sink)), cudaGetLastError();
}
int launch_products(int rounds, int ctas, int threads, void* sink, cudaStream_t stream) {
  return products<<<ctas, threads, 0, stream>>>(rounds, static_cast<uint32_t*>(sink)), cudaGetLastError();
}

}  // extern "C"
