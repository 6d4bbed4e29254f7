#include "wordline/chip/tiling.h"

#include <algorithm>
#include <cmath>

namespace wordline::chip {

namespace {

// The largest multiple of `unit` that `limit` holds, at least one.
double whole_blocks(double limit, int unit) { return std::max(1.0, std::floor(limit / unit)) * unit; }

double passes(double length, double block) { return std::max(1.0, std::ceil(length / block)); }

}  // namespace

std::vector<CoreSplit> core_splits(int cores) {
  std::vector<CoreSplit> out;
  constexpr int most_sums = 8;  // of partial sums; none where there are products enough to go round
  for (int batch = 1; batch <= cores; batch *= 2)
    for (int k = 1; k <= (batch == 1 ? most_sums : 1) && batch * k <= cores; k *= 2)
      for (int m = 1; batch * k * m <= cores; m *= 2) out.push_back({m, cores / (batch * k * m), k, batch});
  return out;
}

Product block_of(const Product& p, const CoreSplit& split) {
  Product out = p;
  out.m = std::ceil(p.m / split.m);
  out.n = std::ceil(p.n / split.n);
  out.k = std::ceil(p.k / split.k);
  out.batch = std::max(1.0, p.batch / split.batch);
  if (p.batch == std::floor(p.batch)) out.batch = std::ceil(p.batch / split.batch);
  return out;
}

Fetched fetched(const Product& p, double capacity, double accumulator, int rows, int columns) {
  const double left_number = bytes_of(p.operands).value(), right_number = bytes_of(p.weights).value();
  const double left = p.m * p.k * left_number, right = p.k * p.n * right_number;
  const double side = std::sqrt(accumulator / 4);
  Fetched best{left * passes(p.n, whole_blocks(side, columns)), right * passes(p.m, whole_blocks(side, rows))};
  const auto consider = [&](const Fetched& other) {
    if (other.left + other.right < best.left + best.right) best = other;
  };
  const double row = p.k * left_number, column = p.k * right_number;
  if (capacity >= row * rows) consider({left, right * passes(p.m, whole_blocks(capacity / row, rows))});
  if (capacity >= column * columns) consider({left * passes(p.n, whole_blocks(capacity / column, columns)), right});
  return best;
}

double left_bytes(const Product& p) { return bytes_of(p.operands).value() * p.m * p.k * p.batch; }
double right_bytes(const Product& p) { return bytes_of(p.weights).value() * p.k * p.n * p.batch; }
double output_bytes(const Product& p) { return bytes_of(p.output).value() * p.m * p.n * p.batch; }

bool widens(const Chip& chip, const Product& p) {
  const Dtype multiplied = chip.computes(p.operands) ? multiplied_as(p.operands) : Dtype::bf16;
  return bytes_of(multiplied_as(p.weights)) < bytes_of(multiplied);
}

DramTime dram_time(MemoryPath& memory, const Traffic& total, double busiest, int cores, double in_flight) {
  DramTime out;
  double free_running = 0;
  const auto add = [&](double bytes, double reads, double piece) {
    if (bytes <= 0) return;
    const Streamed& pattern = memory.streamed(reads, piece);
    free_running += bytes / pattern.bandwidth.value();
    out.seconds += bytes / memory.bandwidth(pattern, in_flight * cores);
  };
  const double beside = std::min(total.read, total.written);
  add(total.written + beside, 0.5, 0);
  add(total.read - beside, 1, 0);
  add(total.paged, 1, total.page);
  if (in_flight > 0) out.seconds = std::max(out.seconds, busiest * memory.unloaded_latency() / in_flight);
  out.starved = out.seconds > free_running * 1.001;
  return out;
}

double fetch_seconds(const LoadPath& load, double bytes, double largest) {
  if (load.bandwidth.value() <= 0 || bytes <= 0) return 0;
  const double rounds = std::ceil(bytes / load.transfers / std::max(1.0, largest));
  return bytes / load.bandwidth.value() + (rounds - 1) * load.start_up.value();
}

}  // namespace wordline::chip
