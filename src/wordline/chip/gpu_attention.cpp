// Attention and movements on a GPU.
#include <algorithm>
#include <array>
#include <cmath>

#include "wordline/chip/gpu.h"

namespace wordline::chip {

namespace {

constexpr double large_query_tile = 128;  // queries of one work item of prefill attention
constexpr double small_query_tile = 64;   // where a prompt has no more
constexpr double prefill_key_tile = 128;  // keys that such an item multiplies at once
constexpr double key_tile = 64;           // cached tokens that an item of decode attention multiplies at once
constexpr double whole_head = 128;        // numbers of a head that one pass of the matrix engines takes
constexpr double threads = 1024;  // that a multiprocessor's registers hold of a kernel with some 64 registers a thread
constexpr double load = 8;        // numbers that a thread has under way in one load
// Query heads that fill the short side of a matrix instruction: 16 rows where both operands come from registers, 8
// columns where one stays in shared memory, as for 8-bit keys and values; MLA's heads share one row and fill 64 rows.
constexpr double head_tile = 16, narrow_head_tile = 8, latent_head_tile = 64;

double root(double a, double b) { return std::sqrt(a * a + b * b); }

// What both kernels of decode attention work on.
struct Decode {
  double sequences, each;        // sequences; tokens of one
  double heads, kv_heads, dim;   // numbers of a query or key
  double token;                  // bytes of one token's keys and values in one KV head
  bool narrow, latent;           // 8 bits a number; MLA
  double synchronous;            // seconds that items show at most which wait for each block of keys; 0: they do not
  double paged, page;            // bytes of all keys and values; of a page
  double absent = 0;             // share of all bytes that is not in the L2
  double traffic = 0, ramp = 0;  // seconds of all DRAM traffic; until it streams
};

// Items that a multiprocessor takes one after the other.
double rounds(double items, double slots) { return std::max(1.0, std::ceil(items / slots - 1e-9)); }

// An item's dependent steps run beside the memory, what it does after them does not. While it waits for its own steps
// it has nothing under way: where they take longest, what can be in flight bounds the kernel. Synchronous items (one
// block a multiprocessor, which loads a block of keys, waits, multiplies) show the steps of every block, not the first,
// until they have drifted so far apart that one's loads cover another's steps.
void finish(Timing& out, const Decode& d, double serial, double tiles, double lanes, double l2, double stream) {
  const double waiting = std::max(stream, serial + tiles), moving = std::max(d.traffic, stream);
  out.l2 = l2;
  out.vector = lanes;
  out.dram = std::max(moving, waiting);
  out.starved = waiting > d.traffic;
  const double fetched = std::max(moving, l2);
  const double both =
      d.synchronous > 0 ? root(std::min(serial + tiles, d.synchronous), fetched) : beside(serial, fetched);
  out.time = out.launch + std::max({serial + std::max(tiles, lanes), both, out.tensor}) + d.ramp;
}

// An item is a chunk of one sequence's keys and values of one KV head, for all query heads that share it. A sequence is
// cut in chunks of so many tokens, fewer where that would make too many or more waves than wanted, and the last item of
// a sequence merges them. Several items share a multiprocessor over 8-bit keys, and hide a part of each other's steps.
void shared_heads(const Gpu& gpu, const Decode& d, MemoryPath& memory, Timing& out) {
  const GpuLibrary& library = gpu.library;
  const double pairs = d.sequences * d.kv_heads, group = d.heads / d.kv_heads;
  const double pieces = d.each / library.decode_split;
  const double chunks = std::max(
      1.0, std::min({pieces, std::sqrt(library.decode_split_root * pieces), library.decode_waves * gpu.cores / pairs}));
  const double items = pairs * chunks, tokens = d.each / chunks;
  const double tile = d.latent ? latent_head_tile : d.narrow ? narrow_head_tile : head_tile;
  const double tiles = std::ceil(group / tile) * d.dim / whole_head;
  const double room = group > head_tile ? library.decode_occupancy / 2 : library.decode_occupancy;
  const double occupancy =
      d.narrow && !d.latent ? std::max(1.0, std::min(room, library.decode_occupancy * key_tile / d.dim)) : 1;
  const double steps = d.narrow ? library.decode_steps_narrow + library.decode_tile_narrow * tiles
                                : library.decode_steps + library.decode_tile * tiles;
  const double waves = rounds(items, gpu.cores * occupancy);
  const double serial = (1 + (waves - 1) * (occupancy > 1 ? library.decode_shown : 1)) * steps * gpu.tile;
  // Synchronous items meet whole blocks of keys, twice as many at once: half a block more than there are.
  const double met = d.synchronous > 0 && tokens > key_tile ? tokens + key_tile : tokens;
  const double multiply = waves * std::max(0.0, met / key_tile - 1) * (1 + tiles) / 2 * library.decode_key * gpu.tile;
  const double fetch = rounds(items, gpu.cores) * tokens * d.token / gpu.port;
  const bool whole = d.narrow && d.dim >= whole_head;
  out.launch = gpu.launch * (whole ? library.decode_launches_narrow : library.decode_launches) +
               gpu.tile * library.decode_merge * std::min(1.0, chunks - 1);
  const double under_way = std::min(items, gpu.cores * occupancy) * library.decode_tokens * d.token;
  finish(out, d, serial, std::max(multiply, fetch), 0, d.paged / gpu.l2_rate,
         d.paged * d.absent / (memory.bandwidth(1, d.page, under_way) * gpu.dram_share));
}

// An item is a chunk of one sequence for one query head, on the vector units: with as many threads as leave room for
// all heads at once. Where there are fewer than multiprocessors, sequences longer than a pass of all threads are cut.
void lone_heads(const Gpu& gpu, const Decode& d, MemoryPath& memory, Timing& out) {
  const double heads = d.sequences * d.heads, cores = gpu.cores;
  const double block = heads <= cores ? threads : heads < 4 * cores ? threads / 2 : threads / 4;
  const double pass = block / (d.dim / load) * load;  // tokens that a block loads at once, in so many loads a thread
  const double chunks = std::max(1.0, std::min(d.each / pass, cores / heads));
  const double items = heads * chunks, tokens = d.each / chunks;
  const double steps = gpu.library.decode_steps + std::min(1.0, tokens / key_tile) * d.dim / whole_head;
  const bool small = block < threads / 2;
  const double waves = std::max(small ? 2.0 : 1.0, rounds(items, cores * threads / block));
  const double serial = waves * steps * (small ? gpu.library.decode_small_blocks : 1) * gpu.tile;
  const double lanes = gpu.vector / 2 / cores;
  const double work = rounds(items, cores) * tokens * 2 * d.dim *
                      (d.narrow ? gpu.library.decode_lane_narrow : gpu.library.decode_lane) / lanes;
  out.launch =
      gpu.launch * gpu.library.decode_launches + gpu.tile * 2 * gpu.library.decode_merge * std::min(1.0, chunks - 1);
  const double under_way = cores * threads * load * d.token / (2 * d.dim);
  finish(out, d, serial, 0, work, d.paged * d.heads / d.kv_heads / gpu.l2_rate,
         d.paged * d.absent / (memory.bandwidth(1, d.page, under_way) * gpu.dram_share));
}

}  // namespace

Timing time_decode(const Gpu& gpu, const DecodeAttention& w, MemoryPath& memory, Residency residency) {
  const Kernel kernel{{}, w};
  const Counts counts = counts_of(kernel);
  const auto sequences = static_cast<double>(std::max<std::int64_t>(1, w.sequences));
  const double tokens = std::max<double>(1, static_cast<double>(w.context));
  Decode d{.sequences = sequences,
           .each = tokens / sequences,
           .heads = static_cast<double>(w.heads),
           .kv_heads = static_cast<double>(w.kv_heads),
           .dim = static_cast<double>(w.head_dim),
           .token = counts.paged.value() / tokens / w.kv_heads,
           .narrow = bytes_of(w.kv).value() <= 1,
           .latent = w.latent,
           .synchronous = gpu.library.decode_synchronous * gpu.tile,
           .paged = counts.paged.value(),
           .page = gpu.library.pages_in_runs > 0 ? 0 : page_of(kernel)};
  d.absent = 1 - gpu.resident((counts.paged + counts.read + counts.written).value(), residency);
  Timing out;
  out.read = counts.read.value() * d.absent;
  out.written = counts.written.value() * d.absent;
  out.paged = d.paged * d.absent;
  out.page = d.page;
  out.tensor = counts.matrix.value() / gpu.tensor(w.operands);
  d.traffic = gpu.dram(memory, out.read, out.written, out.paged, out.page);
  d.ramp = d.synchronous > 0 ? 0 : gpu.ramp * d.absent;

  const GpuLibrary& library = gpu.library;
  const double group = d.heads / d.kv_heads;
  // Several queries of a sequence are for the matrix engines, however many heads a library's other kernel is for.
  const bool either = !d.latent && w.queries == 1;
  if (either && (group <= library.decode_group_least || group > library.decode_group)) {
    lone_heads(gpu, d, memory, out);
    return out;
  }
  Timing alone = out;
  shared_heads(gpu, d, memory, out);
  // A library that has both kernels takes the one that is faster.
  if (d.narrow || !either || library.decode_group_least < 1) return out;
  lone_heads(gpu, d, memory, alone);
  return alone.time < out.time ? alone : out;
}

// A work item is a tile of queries of one head; it multiplies with the keys that the mask leaves, takes their
// exponentials, multiplies with the values: one after the other. Longest first over the multiprocessors.
Timing time_prefill(const Gpu& gpu, const PrefillAttention& w, MemoryPath& memory, Residency residency) {
  const Counts counts = counts_of({{}, w});
  // Of the chunks alone; sequences that decode beside them come below.
  const auto sequences = static_cast<double>(std::max<std::int64_t>(1, w.sequences - w.decode_sequences));
  const auto tokens = static_cast<double>(w.tokens - w.decode_sequences * w.decode_queries);
  const auto context = static_cast<double>(w.context - w.decode_context);
  // Queries of the heads that share a KV head may fill a tile together.
  const double packed = gpu.library.prefill_packed > 0 ? static_cast<double>(w.heads) / w.kv_heads : 1;
  const double each = tokens / sequences;
  const double own_tile = gpu.library.prefill_query_tile;
  const double query_tile = own_tile > 0                       ? own_tile
                            : each * packed > small_query_tile ? large_query_tile
                                                               : small_query_tile;
  const double tiles = std::ceil(each * packed / query_tile) / packed;
  // Narrow cached keys are multiplied as they are where the library has such a kernel, the queries being narrowed too.
  const bool narrowed = gpu.library.prefill_in_kv_format > 0 && bytes_of(w.kv) < bytes_of(w.operands);
  const double rate = gpu.tensor(narrowed ? w.kv : w.operands);
  // What a block of keys leaves uncovered of its loads and of the steps between its two products, shared by its pairs.
  const double block = gpu.library.prefill_key_steps * gpu.tile / (query_tile * prefill_key_tile * gpu.cores);
  const double pair = 2.0 * (w.head_dim + w.value_dim) / rate + 1 / gpu.exponentials + block;
  // Whole tiles on the diagonal: each query meets up to half a tile more keys than the mask leaves.
  const double padded = tiles * query_tile * sequences;
  const double decoding = static_cast<double>(w.decode_sequences);
  const auto queries = static_cast<double>(w.decode_queries);
  const double read = decoding > 0 ? queries + static_cast<double>(w.decode_context) / decoding : 0;
  // A sequence that decodes has a tile of queries for each head to itself, and meets whole blocks of keys.
  const double alone = decoding > 0 ? query_tile * std::max(prefill_key_tile, read + prefill_key_tile / 2) : 0;
  const double chunk_pairs = w.pairs - decoding * (queries * read - queries * (queries - 1) / 2);
  const double pairs = chunk_pairs * (padded / std::max(1.0, tokens)) + padded * query_tile / 2 + decoding * alone;
  const double longest = std::max(query_tile * (each + context / sequences), alone) * pair * gpu.cores;
  const double items = (tiles * sequences + decoding) * w.heads;
  const double item = gpu.tile * gpu.library.prefill_steps;

  Timing out;
  const double keys = counts.paged.value();
  const double q = counts.read.value(), o = counts.written.value();
  const double fresh =
      2 * static_cast<double>(w.tokens) * w.kv_heads * (w.head_dim + w.value_dim) / 2 * bytes_of(w.kv).value();
  const double absent = 1 - gpu.resident(q + o + keys, residency);
  // First the keys and values of the new tokens are placed in the cache, and the queries rotated; then the attention.
  // A library that has its own tiles is taken to do the former in kernels that are listed beside it.
  const double prepare = own_tile > 0 ? 0 : gpu.dram(memory, (q + fresh) * absent, (q + fresh) * absent);
  const double page = gpu.library.pages_in_runs > 0 ? 0 : page_of(w);
  // Where chunks and decoding sequences share a kernel it takes all sequences for one head after another. Of the heads
  // that share keys those that do not run at once read again what the cache does not hold: nothing of what fits, all of
  // half as much more.
  const double group = static_cast<double>(w.heads) / w.kv_heads;
  const double at_once = std::clamp(gpu.cores / std::max(1.0, decoding), 1.0, group);
  const double lost = std::clamp((keys / w.kv_heads - gpu.l2) / std::max(1.0, gpu.l2 / 2), 0.0, 1.0);
  const double again = decoding > 0 ? (group / at_once - 1) * lost : 0;
  const double attend = gpu.dram(memory, q * absent, o * absent, keys * (absent + again), page);
  out.read = (own_tile > 0 ? q : 2 * q + fresh) * absent;
  out.written = (own_tile > 0 ? o : q + fresh + o) * absent;
  out.paged = keys * (absent + again);
  out.page = page;
  out.dram = prepare + attend;
  out.tensor = counts.matrix.value() / rate;
  out.vector = w.heads * w.pairs / gpu.exponentials;
  // Every sequence gets as many tiles as the longest chunk; those that it does not need end at once.
  const double empty = decoding * (tiles - 1) * w.heads / gpu.cores * gpu.library.prefill_empty * gpu.tile;
  const double body = std::max(w.heads * pairs * pair + std::ceil(items / gpu.cores) * item, longest + item) + empty;
  out.launch = gpu.launch * gpu.library.prefill_launches;
  out.time = out.launch + prepare + root(body, attend);
  return out;
}

Timing time_movement(const Gpu& gpu, const Movement& w, MemoryPath& memory, Residency residency) {
  Timing out;
  const double all = (w.read + w.written + w.paged).value();
  const double absent = 1 - gpu.resident(all, residency);
  // What the kernel before wrote, this one's input, is still in the cache where it fits, and what this one writes stays
  // there for the next.
  const double passing = std::min(absent, 1 - gpu.resident(all, Residency::warm));
  out.read = w.read.value() * passing;
  out.written = w.written.value() * passing;
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
