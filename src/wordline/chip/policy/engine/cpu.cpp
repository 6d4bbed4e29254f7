// Processors whose cores multiply blocks of registers: AMX tiles (Intel, "Intel Architecture Instruction Set Extensions
// Programming Reference", chapter on AMX: rows of 64 bytes, one row a cycle), Arm's BFMMLA on vector registers. A block
// multiplication takes array_rows cycles however few of its rows are in use; how deep it is follows from the peak. The
// right operand's blocks come from L2 and are used for as many rows of blocks as the registers hold sums for. Each core
// fetches streams of its own, in runs of `run_bytes`.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wordline/chip/tiled_engine.h"
#include "wordline/core/error.h"

namespace wordline::chip::policy {

namespace {

constexpr double line = 64;  // bytes

class Cpu : public TiledEngine {
 public:
  explicit Cpu(const Chip& chip)
      : TiledEngine(chip, chip.cores.scratch.value()),
        lines_(chip.constants.at("l2_lines_per_cycle")),
        run_(chip.constants.at("run_bytes")),
        widening_(chip.constants.at("widening_operations")),
        depths_([&](Dtype operands) {
          const Cores& cores = chip.cores;
          return rate(operands).peak.value() / (2 * cores.count * cores.clock.value() * cores.array_columns);
        }),
        loaded_([&](Dtype operands) {
          const Dtype multiplied = chip.computes(operands) ? operands : Dtype::bf16;
          return chip.cores.array_columns * depths_[operands] * bytes_of(multiplied).value() / line / lines_;
        }) {
    const double sum = 4.0 * chip.cores.array_rows * chip.cores.array_columns;
    // Half of the registers hold sums, in a square.
    reuse_ = std::max(1.0, std::floor(std::sqrt(chip.cores.accumulator.value() / 2 / sum)));
  }

 private:
  double array_seconds(double m, double n, double k, Dtype operands) const override {
    const Cores& cores = chip().cores;
    const double rows = cores.array_rows, columns = cores.array_columns;
    const double across = std::ceil(m / rows), cycles = std::max(rows, loaded_[operands] / std::min(across, reuse_));
    return across * std::ceil(n / columns) * std::ceil(k / depths_[operands]) * cycles / cores.clock_under_load.value();
  }
  double fill_seconds() const override { return 0; }
  double widening_operations() const override { return widening_; }
  double draining_operations(const Product& block) const override { return block.m * block.n; }
  double rearranging_seconds(double, double, Dtype) const override { return 0; }
  double score_bytes() const override { return 0; }
  double run_bytes() const override { return run_; }

  double lines_, run_, widening_, reuse_ = 1;
  ByDtype<double> depths_;  // multiplied in one cycle, along k
  ByDtype<double> loaded_;  // cycles to load a block of the right operand
};

std::unique_ptr<const Engine> make(const Chip& chip) {
  if (chip.cores.array_rows == 0 || chip.cores.array_columns == 0 || chip.cores.scratch.value() <= 0)
    throw core::InputError(
        fmt::format("the chip \"{}\" of the engine kind cpu without cores.{}", chip.name,
                    chip.cores.scratch.value() <= 0 ? "scratch" : "array_rows and cores.array_columns"));
  return std::make_unique<Cpu>(chip);
}

}  // namespace

extern const EngineKind cpu;
const EngineKind cpu{
    "cpu", {{"l2_lines_per_cycle", 0.01, 8}, {"run_bytes", 64, 1 << 24}, {"widening_operations", 0, 64}}, {}, make};

}  // namespace wordline::chip::policy
