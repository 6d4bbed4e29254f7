// A mixture-of-experts block on a GPU: the router's choices sorted by expert, the rows gathered, a grouped product, the
// gate, a grouped product back, and the weighted sum; each a kernel or more of its own.
//
// Every kernel costs a launch and a tile's edge. What the kernels around the products read and write passes through
// DRAM: between a row's writing and its next use go the weights, which push it out of the L2. The grouped products use
// the tile that a tuner found best for an even load, whatever the load is; or, of a library without a tuner, one of
// two. Weights that are stored in fewer bits than they are multiplied in may have kernels of their own, which pad each
// expert's sides and widen the weights of a tile before they multiply.
#include <algorithm>
#include <cmath>

#include "wordline/chip/expert_loads.h"
#include "wordline/chip/gpu.h"

namespace wordline::chip {

namespace {

std::vector<Rows> groups_of(const Experts& w) {
  std::vector<Rows> out;
  for (const auto& load : expert_loads(w)) out.push_back({load.rows, load.experts});
  return out;
}

// The load that a tuner sees: each token drawn by itself, evenly.
std::vector<Rows> even_groups_of(Experts w) {
  w.skew = w.zipf = 0;
  w.redundant = 0;
  w.dealt = false;
  return groups_of(w);
}

// Tokens that chose an expert of this rank at all.
double tokens_here(const Experts& w, const std::vector<Rows>& groups) {
  const auto tokens = static_cast<double>(w.tokens);
  double rows = 0, none = 1;
  for (const Rows& group : groups) {
    rows += group.rows * group.groups;
    none *= std::pow(1 - std::min(1.0, group.rows / tokens), group.groups);
  }
  return w.skew > 0 || routed(w) ? tokens * (1 - none) : std::min(tokens, rows);
}

// Adds rows to one expert of the last group.
void add_to_one(std::vector<Rows>& groups, double rows) {
  if (groups.empty() || rows <= 0) return;
  Rows& last = groups.back();
  const double one = std::min(1.0, last.groups);
  const Rows more{last.rows + rows / one, one};
  last.groups -= one;
  groups.push_back(more);
}

// How the rows of a block are stored between its kernels.
enum class Storage { wide, scaled, blocks };  // 16 bits; 8 with one scale a tensor; 8 with a scale every 128
Storage storage_of(const Experts& w) {
  if (w.operands == Dtype::fp8_block) return Storage::blocks;
  return bytes_of(w.operands) < bytes_of(Dtype::bf16) ? Storage::scaled : Storage::wide;
}

// Weights in fewer bits than what they are multiplied with.
bool widens(const Experts& w) { return bytes_of(w.weights) < bytes_of(w.operands); }

// The tiles of a product that widens its weights: so many columns, and up to so many rows, in sixteens.
std::vector<Tile> widened_tiles(const GpuLibrary& library) {
  std::vector<Tile> out;
  for (double rows = 16; rows <= library.widened_rows; rows += 16) out.push_back({rows, library.widened_columns});
  return out;
}

double padded(std::int64_t numbers, double to) { return std::ceil(static_cast<double>(numbers) / to) * to; }

// A benchmark's block chooses the experts and quantises what comes in besides; a model's step has operations for both.
double kernels_of(const GpuLibrary& library, const Experts& w, Storage storage, double tokens) {
  double out = widens(w)                    ? library.widened_launches
               : storage == Storage::blocks ? library.experts_launches_block
                                            : library.experts_launches;
  if (tokens > library.experts_sort_tokens) out += library.experts_sort_launches;
  if (!w.bench) return out;
  switch (storage) {
    case Storage::wide:
      return out + library.experts_bench_launches;
    case Storage::scaled:
      return out + library.experts_bench_launches_scaled;
    case Storage::blocks:
      break;
  }
  return out + library.experts_bench_launches_block;
}

}  // namespace

Timing time_experts(const Gpu& gpu, const Experts& w, MemoryPath& memory, Residency residency) {
  const GpuLibrary& library = gpu.library;
  const bool widened = widens(w);
  const double hidden = padded(w.hidden, widened ? library.widened_hidden : 1);
  const double width = padded(w.width, widened ? library.widened_width : 1);
  auto groups = groups_of(w);
  const auto even = even_groups_of(w);
  auto tokens = static_cast<double>(w.tokens);
  if (w.bench && library.experts_remote > 0 && w.ranks > 1) {
    double chosen = 0;
    for (const Rows& group : groups) chosen += group.rows * group.groups;
    tokens = tokens_here(w, groups);
    add_to_one(groups, tokens * w.top_k - chosen);
  }
  double rows = 0, used = 0;
  for (const Rows& group : groups) {
    rows += group.rows * group.groups;
    used += group.groups;
  }
  const double here = std::max(1.0, static_cast<double>(w.experts + w.redundant) / w.ranks);
  const Storage storage = storage_of(w);
  const double weight = bytes_of(w.weights).value(), operand = bytes_of(w.operands).value(), wide = 2;
  const double up_weights = used * 2 * width * hidden * weight, down_weights = used * width * hidden * weight;
  const double absent = 1 - gpu.resident(up_weights + down_weights, residency);

  Timing out;
  const auto dram = [&](double read, double written) {
    out.read += read;
    out.written += written;
    const double seconds = gpu.dram(memory, read, written);
    out.dram += seconds;
    return seconds;
  };
  const Tile few{library.experts_rows_few, library.experts_columns_few};
  const Tile many{library.experts_rows, library.experts_columns};
  const bool own_tiles = widened && library.widened_rows > 0;
  const std::vector<Tile> tuned = own_tiles       ? widened_tiles(library)
                                  : many.rows > 0 ? std::vector<Tile>{}
                                                  : gpu.grouped_tiles;
  const auto product = [&](double n, double k, double weights, double read, double written) {
    const double beside = dram(weights * absent + read, written);
    Product grouped{
        n, k, weight, operand, w.operands, true, w.bench && library.experts_zeros > 0, library.experts_at_once};
    if (widened) grouped.share = library.widened_share;
    const Tile tile = tuned.empty() ? (tokens > here ? many : few) : tiled(gpu, even, grouped, beside, tuned).tile;
    const Tiled t = tiled(gpu, groups, grouped, beside, {&tile, 1});
    out.tensor += t.tensor;
    out.l2 += t.l2;
    return t.time;
  };
  const auto move = [&](double read, double written) {
    return dram(read * library.experts_passes, written * library.experts_passes);
  };
  const auto quantise = [&](double numbers) {
    const double passes = library.experts_block_passes;
    return move(numbers * wide * passes, numbers * operand * passes);
  };

  double body = 0;
  const bool late = storage == Storage::blocks && w.bench;  // quantised once gathered
  if (storage == Storage::scaled && w.bench) body += move(tokens * hidden * wide, tokens * hidden * operand);
  const double gathered = rows * hidden * (late ? wide : operand);
  if (library.experts_gathers > 0) body += move(gathered, gathered);
  if (late) body += quantise(rows * hidden);
  body += product(2 * width, hidden, up_weights, rows * hidden * operand, rows * 2 * width * wide);
  body += move(rows * 2 * width * wide, rows * width * (storage == Storage::scaled ? operand : wide));
  if (storage == Storage::blocks) body += quantise(rows * width);
  body += product(hidden, width, down_weights, rows * width * operand, rows * hidden * wide);
  body += move(rows * hidden * wide, tokens * hidden * wide);
  // Each multiprocessor looks through the experts for its tiles, in either product.
  if (storage == Storage::blocks) body += 2 * here * library.experts_block_search * gpu.chip.load.latency.value();

  out.launch = (gpu.launch + gpu.edge()) * kernels_of(library, w, storage, tokens);
  out.time = out.launch + body;
  return out;
}

}  // namespace wordline::chip
