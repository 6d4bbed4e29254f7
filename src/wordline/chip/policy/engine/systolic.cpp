// Chips whose cores are systolic arrays fed by DMA. Two kinds of array, told apart by where operands are held.
//
// Each core with a memory of its own (no [cache]: NeuronCores, with SBUF and PSUM): one operand lies still in the
// array, rows x columns of it, and columns of the other move through, sums gather in the accumulator. An instruction
// moves at most `moving_columns` and takes as many cycles, `issue_cycles` at least; the next still block is loaded
// meanwhile, `stationary_speedup` times as fast as rows move. Which operand lies still is the better choice for each
// product.
//
// All cores before one shared SRAM ([cache]: Gaudi's MMEs): results lie still, k cycles each block; the array can be
// set up `reshape` times as tall or wide (cores.scratch, where stated, is a part of that SRAM). Results leave one row a
// cycle while the next block is computed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "wordline/chip/tiled_engine.h"
#include "wordline/core/error.h"

namespace wordline::chip::policy {

namespace {

// Seconds of a cycle in which one column (or one k) of that format passes: the clock's, by the ratio of its rate to
// bf16's, and never beyond the peak.
double cycle_of(const Chip& chip, Dtype operands) {
  if (chip.engines.empty()) return 0;
  const Cores& cores = chip.cores;
  const double peak = chip.rate(operands).peak.value(), wide = chip.rate(Dtype::bf16).peak.value();
  const double at_peak = 2.0 * cores.array_rows * cores.array_columns * cores.count / peak;
  return std::max(wide / peak / cores.clock_under_load.value(), at_peak);
}

// Operands still, sums in a memory beside the array.
class OperandStationary : public TiledEngine {
 public:
  explicit OperandStationary(const Chip& chip)
      : TiledEngine(chip, chip.cores.scratch.value()),
        moving_(chip.constants.at("moving_columns")),
        issue_(chip.constants.at("issue_cycles")),
        load_(chip.cores.array_rows / chip.constants.at("stationary_speedup")),
        access_(chip.constants.at("access_cycles")),
        pass_(chip.constants.at("pass_share")),
        widening_(chip.constants.at("widening_operations")),
        cycles_([&](Dtype operands) { return cycle_of(chip, operands); }) {}

 private:
  // Cycles to move `columns` past one still block.
  double moved(double columns) const {
    const double shortest = std::max(issue_, load_), whole = std::floor(columns / moving_);
    const double rest = columns - whole * moving_;
    return whole * std::max(moving_, shortest) + (rest > 0 ? std::max(rest, shortest) : 0);
  }
  double array_seconds(double m, double n, double k, Dtype operands) const override {
    const double rows = chip().cores.array_rows, columns = chip().cores.array_columns;
    const double right_still = std::ceil(n / columns) * moved(m), left_still = std::ceil(m / columns) * moved(n);
    return std::ceil(k / rows) * std::min(right_still, left_still) * cycles_[operands];
  }
  double fill_seconds() const override {
    return (chip().cores.array_rows + chip().cores.array_columns) / chip().cores.clock_under_load.value();
  }
  double widening_operations() const override { return widening_; }
  // One operation a sum; each instruction waits for the accumulator first.
  double draining_operations(const Product& block) const override {
    const double lanes = chip().cores.array_columns;
    const double across = std::min(std::ceil(block.n / lanes) * block.m, std::ceil(block.m / lanes) * block.n);
    return lanes * (across + access_ * std::ceil(across / moving_));
  }
  // Probabilities are turned over by the array itself, so that keys become the dimension that is summed over.
  double rearranging_seconds(double rows, double keys, Dtype operands) const override {
    return array_seconds(rows, chip().cores.array_columns, keys, operands);
  }
  double score_bytes() const override { return 0; }
  // The engines beside the array reduce along a partition only, so a query's scores lie in one lane; three passes of
  // one of these engines after another, and the exponential's.
  double waiting_softmax_seconds(double queries, double keys) const override {
    const double lanes = chip().cores.array_columns, columns = std::ceil(queries / lanes) * keys;
    const double pass = chip().vector.value() * pass_, exponential = chip().exponentials.value();
    if (pass <= 0) return 0;
    return columns * lanes * chip().cores.count * (3 / pass + 1 / (exponential > 0 ? exponential : pass));
  }

  double moving_, issue_, load_, access_, pass_, widening_;
  ByDtype<double> cycles_;
};

// Results still, operands from the shared SRAM.
class ResultStationary : public TiledEngine {
 public:
  explicit ResultStationary(const Chip& chip)
      : TiledEngine(chip, 0),
        widening_(chip.constants.at("widening_operations")),
        cycles_([&](Dtype operands) { return cycle_of(chip, operands); }) {
    const double reshape = chip.constants.at("reshape"), rows = chip.cores.array_rows;
    const double columns = chip.cores.array_columns;
    shapes_ = {{{rows, columns}, {rows * reshape, columns / reshape}, {rows / reshape, columns * reshape}}};
  }

 private:
  double array_seconds(double m, double n, double k, Dtype operands) const override {
    const double cycle = cycles_[operands], drain = 1 / chip().cores.clock_under_load.value();
    double best = 0;
    for (const auto& [rows, columns] : shapes_) {
      const double blocks = std::ceil(m / rows) * std::ceil(n / columns);
      const double seconds = blocks * std::max(k * cycle, std::min(m, rows) * drain);
      if (best == 0 || seconds < best) best = seconds;
    }
    return best;
  }
  double fill_seconds() const override {
    return (chip().cores.array_rows + chip().cores.array_columns) / chip().cores.clock_under_load.value();
  }
  double widening_operations() const override { return widening_; }
  double draining_operations(const Product&) const override { return 0; }
  double rearranging_seconds(double, double, Dtype) const override { return 0; }
  // 16 bits out of the array, in and out of the vector cores, and back in.
  double score_bytes() const override { return 8; }

  double widening_;
  ByDtype<double> cycles_;
  std::array<std::pair<double, double>, 3> shapes_;
};

std::unique_ptr<const Engine> make(const Chip& chip) {
  const Cores& cores = chip.cores;
  const bool shared = chip.cache.size.value() > 0;
  if (cores.array_rows == 0 || cores.array_columns == 0 || (!shared && cores.scratch.value() <= 0))
    throw core::InputError(fmt::format("the chip \"{}\" of the engine kind systolic without {}", chip.name,
                                       cores.array_rows == 0 || cores.array_columns == 0
                                           ? "cores.array_rows and cores.array_columns"
                                           : "cores.scratch or a [cache] to hold operands"));
  if (shared) return std::make_unique<ResultStationary>(chip);
  return std::make_unique<OperandStationary>(chip);
}

}  // namespace

extern const EngineKind systolic;
const EngineKind systolic{"systolic",
                          {{"moving_columns", 1, 1 << 16},
                           {"issue_cycles", 1, 1 << 16},
                           {"stationary_speedup", 1, 64},
                           {"access_cycles", 0, 1 << 12},
                           {"pass_share", 0.01, 1},
                           {"reshape", 1, 16},
                           {"widening_operations", 0, 64}},
                          {},
                          make};

}  // namespace wordline::chip::policy
