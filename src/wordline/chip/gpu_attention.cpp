// Attention and movements on a GPU.
#include <algorithm>
#include <array>
#include <cmath>

#include "wordline/chip/gpu.h"

namespace wordline::chip {

namespace {

constexpr double query_tile = 128;  // queries of one work item of prefill attention
constexpr double head_tile = 16;    // query heads that share a KV head and are multiplied at once

double root(double a, double b) { return std::sqrt(a * a + b * b); }

}  // namespace

// A work item is one sequence's KV head with all query heads that share it (or, where the library has no such kernel
// for the group's size, one query head); sequences are split in chunks where multiprocessors are free and that is
// faster, and the chunks' results merged by two more kernels. Items run in waves; each costs a chain of dependent
// steps, and its bytes come at the port's rate or as fast as the tokens in flight allow. DRAM traffic runs beside;
// scattered pages that the L2 does not hold take a while until they stream at the memory's full rate.
Timing time_decode(const Gpu& gpu, const DecodeAttention& w, MemoryPath& memory, Residency residency) {
  const Kernel kernel{{}, w};
  const Counts counts = counts_of(kernel);
  const auto sequences = static_cast<double>(std::max<std::int64_t>(1, w.sequences));
  const double group = static_cast<double>(w.heads) / w.kv_heads;
  const bool shared = w.latent || (group > gpu.library.decode_group_least && group <= gpu.library.decode_group);
  const bool narrow = bytes_of(w.kv).value() <= 1, one_tile = group <= head_tile;
  // Narrow keys and values leave room for several items on a multiprocessor; so do items of one query head.
  const double occupancy = !shared    ? gpu.library.decode_occupancy
                           : !narrow  ? 1
                           : one_tile ? gpu.library.decode_occupancy
                                      : gpu.library.decode_occupancy / 2;
  const double items = sequences * (shared ? w.kv_heads : w.heads);
  const double slots = gpu.cores * occupancy;
  const double chain = gpu.chain * (shared && !one_tile ? gpu.library.decode_wide : 1);
  const bool fused = shared && narrow && one_tile && w.head_dim >= 128;  // prepares the new token itself

  Timing out;
  out.paged = counts.paged.value();
  out.page = page_of(kernel);
  out.read = counts.read.value();
  out.written = counts.written.value();
  out.tensor = counts.matrix.value() / gpu.tensor(w.operands);
  const double traffic = gpu.dram(memory, out.read, out.written, out.paged, out.page);
  const double ramp = gpu.ramp * (1 - gpu.resident(out.paged, residency));
  // One query head at a time, keys and values are widened and multiplied by the vector units: that takes as long for 8
  // bits a number as for 16, and is slower than the port.
  const double wide = narrow ? 2 : 1;
  const double fetched = shared ? out.paged : out.paged * group * wide;
  const double port = gpu.port * (shared ? 1 : gpu.library.decode_port_alone);
  const double token = out.paged / std::max<double>(1, static_cast<double>(w.context)) / w.kv_heads;
  const double under_way = (shared ? gpu.library.decode_tokens : gpu.library.decode_tokens_alone) * token;
  out.time = 1e30;
  for (const double chunks : {1.0, std::floor(slots / items)}) {
    if (chunks < 1) continue;
    const double busy = std::min(gpu.cores, items * chunks), waves = std::ceil(items * chunks / slots);
    const double stream = out.paged / memory.bandwidth(1, out.page, busy * under_way);
    const double dram = std::max(traffic, stream), l2 = fetched / std::min(gpu.l2_rate, busy * port);
    const double vector = (waves - 1) * chain;
    const double launch = gpu.launch * ((fused ? 1 : gpu.library.decode_launches) + (chunks > 1 ? 2 : 0));
    const double time = launch + gpu.chain + ramp + std::max({dram, vector + l2, out.tensor});
    if (time >= out.time) continue;
    out.time = time;
    out.launch = launch;
    out.dram = dram;
    out.l2 = l2;
    out.vector = vector;
    out.starved = stream > traffic;
  }
  return out;
}

// A work item is a tile of queries of one head; it multiplies with the keys that the mask leaves, takes their
// exponentials, multiplies with the values: one after the other. Longest first over the multiprocessors.
Timing time_prefill(const Gpu& gpu, const PrefillAttention& w, MemoryPath& memory, Residency residency) {
  const Counts counts = counts_of({{}, w});
  const auto sequences = static_cast<double>(std::max<std::int64_t>(1, w.sequences));
  const auto tokens = static_cast<double>(w.tokens);
  // Queries of the heads that share a KV head may fill a tile together.
  const double packed = gpu.library.prefill_packed > 0 ? static_cast<double>(w.heads) / w.kv_heads : 1;
  const double each = tokens / sequences, tiles = std::ceil(each * packed / query_tile) / packed;
  const double items = tiles * sequences * w.heads;
  // Narrow cached keys are multiplied as they are where the library has such a kernel, the queries being narrowed too.
  const bool narrowed = gpu.library.prefill_in_kv_format > 0 && bytes_of(w.kv) < bytes_of(w.operands);
  const double rate = gpu.tensor(narrowed ? w.kv : w.operands);
  const double pair = 2.0 * (w.head_dim + w.value_dim) / rate + 1 / gpu.exponentials;
  // Whole tiles on the diagonal: each query meets up to half a tile more keys than the mask leaves.
  const double padded = tiles * query_tile * sequences;
  const double pairs = w.pairs * (padded / std::max(1.0, tokens)) + padded * query_tile / 2;
  const double longest = query_tile * (each + static_cast<double>(w.context) / sequences) * pair * gpu.cores;
  const double item = gpu.chain / gpu.library.prefill_occupancy;

  Timing out;
  const double keys = counts.paged.value();
  const double q = counts.read.value(), o = counts.written.value();
  const double fresh = 2 * tokens * w.kv_heads * (w.head_dim + w.value_dim) / 2 * bytes_of(w.kv).value();
  const double absent = 1 - gpu.resident(q + o + keys, residency);
  // First the keys and values of the new tokens are placed in the cache, and the queries rotated; then the attention.
  const double prepare = gpu.dram(memory, (q + fresh) * absent, (q + fresh) * absent);
  const double attend = gpu.dram(memory, q * absent, o * absent, keys * absent, page_of({{}, w}));
  out.read = (2 * q + fresh) * absent;
  out.written = (q + fresh + o) * absent;
  out.paged = keys * absent;
  out.page = page_of({{}, w});
  out.dram = prepare + attend;
  out.tensor = counts.matrix.value() / rate;
  out.vector = w.heads * w.pairs / gpu.exponentials;
  const double body = std::max(w.heads * pairs * pair + std::ceil(items / gpu.cores) * item, longest + item);
  out.launch = gpu.launch * gpu.library.prefill_launches;
  out.time = out.launch + prepare + root(body, attend);
  return out;
}

Timing time_movement(const Gpu& gpu, const Movement& w, MemoryPath& memory, Residency residency) {
  Timing out;
  const double all = (w.read + w.written + w.paged).value();
  const double absent = 1 - gpu.resident(all, residency);
  // What the kernel before wrote, this one's input, is still in the cache where it fits.
  out.read = w.read.value() * std::min(absent, 1 - gpu.resident(all, Residency::warm));
  out.written = w.written.value() * absent;
  out.paged = w.paged.value() * absent;
  out.page = w.page.value();
  out.dram = gpu.dram(memory, out.read, out.written, out.paged, out.page) * w.passes;
  out.l2 = gpu.l2_rate > 0 ? all * w.passes / gpu.l2_rate : 0;
  out.tensor = w.matrix.value() / gpu.tensor(w.dtype);
  out.vector = gpu.vector > 0 ? w.vector.value() / gpu.vector : 0;
  out.launch = gpu.launch * w.launches;
  out.time = out.launch + std::max({out.dram, out.l2, out.tensor, out.vector});
  return out;
}

}  // namespace wordline::chip
