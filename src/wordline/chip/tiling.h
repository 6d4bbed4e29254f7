// How a matrix product is cut for cores with matrix engines and on-chip memory, and what each cut moves.
#pragma once

#include <vector>

#include "wordline/chip/chip.h"
#include "wordline/chip/memory_path.h"

namespace wordline::chip {

// A product of (m x k) with (k x n), `batch` times; counts may be means, so not whole.
struct Product {
  double m = 0, n = 0, k = 0, batch = 1;
  Dtype weights = Dtype::bf16, operands = Dtype::bf16, output = Dtype::bf16;
};

// Into how many parts the cores cut each dimension of a product; each core takes one block.
struct CoreSplit {
  int m = 1, n = 1, k = 1, batch = 1;
  int cores() const { return m * n * k * batch; }
};
// The cuts that are tried over so many cores: powers of two in m, in k up to 8 or in the batch, the rest of the cores
// in n. They do not depend on the product, so the best of them never gets faster when the product grows.
std::vector<CoreSplit> core_splits(int cores);

// What a core's block is: the largest of all cores'.
Product block_of(const Product&, const CoreSplit&);

// Bytes of both operands that come to a memory of `capacity` bytes (0: none), for one product, cut in the best of three
// ways: rows of the left operand stay while the right one passes, columns of the right one stay while the left one
// passes, or a square of results stays in `accumulator` bytes (32-bit sums) while both pass. Blocks are whole multiples
// of rows x columns (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 2008).
struct Fetched {
  double left = 0, right = 0;
};
Fetched fetched(const Product&, double capacity, double accumulator, int rows, int columns);

// Bytes of the operands as stored: activations, weights and results of a whole product.
double left_bytes(const Product&);
double right_bytes(const Product&);
double output_bytes(const Product&);
// Whether the weights are stored in another format than they are multiplied in, and have to be widened on the way.
bool widens(const Chip&, const Product&);

// Bytes to and from DRAM: read and written in long runs, and read in pieces of `page` bytes.
struct Traffic {
  double read = 0, written = 0, paged = 0, page = 0;
};
// Seconds that the DRAM is busy with `total`, of which the busiest of `cores` moves `busiest` bytes, each with at most
// `in_flight` bytes under way (0: no limit): all together by the loaded latency, one alone by the unloaded one
// (Little). `starved`: what is in flight limits it rather than the DRAM.
struct DramTime {
  double seconds = 0;
  bool starved = false;
};
DramTime dram_time(MemoryPath&, const Traffic& total, double busiest, int cores, double in_flight);

// Seconds of a core's fetches through its load path: `bytes` in transfers of at most `largest` bytes, load.transfers
// side by side at load.bandwidth together, each queue starting its next transfer when its last is done. The first
// start-up is not counted: it is the kernel's launch. 0 where the path states no bandwidth.
double fetch_seconds(const LoadPath&, double bytes, double largest);

}  // namespace wordline::chip
