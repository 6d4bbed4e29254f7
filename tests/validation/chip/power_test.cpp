// What a whole H100 SXM drew under simple loads (tools/measure/power.py, measured for Wordline) against the model.
// docs/validation/power.md has the table.
#include "wordline/chip/power.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>

#include "../comparison.h"
#include "wordline/chip/memory_path.h"
#include "wordline/core/csv.h"

namespace wordline::chip {
namespace {

// The loads that the catalogue's numbers were read off.
const std::set<std::string> fitted = {"launches",  "read_8", "l2", "gemm_bf16_pause_4000", "gemm_fp8_pause_2000",
                                      "idle_after"};
// What the model does not count: instructions that compute nothing, shared memory and exponentials; deep idling; that
// zeros turn no wires; threads that sleep.
const std::set<std::string> beside = {"idle_before", "waiting",      "spinning_full",
                                      "shared",      "exponentials", "gemm_bf16_zeros"};

class Errors {
 public:
  void add(double error) { sum_ += std::abs(error), bias_ += error, worst_ = std::max(worst_, std::abs(error)), ++n_; }
  double mean() const { return sum_ / n_; }
  double bias() const { return bias_ / n_; }
  double worst() const { return worst_; }
  int n() const { return n_; }

 private:
  double sum_ = 0, bias_ = 0, worst_ = 0;
  int n_ = 0;
};

TEST(MeasuredPower, OfAnH100UnderSimpleLoads) {
  const auto table = core::Csv::read(std::filesystem::path(WORDLINE_SOURCE_DIR) /
                                     "tests/validation/measured/nvidia-h100-80gb-hbm3/power.csv");
  const Chip chip = load(core::Catalog::open(), "h100-sxm");
  const PowerMeter meter(chip);
  MemoryPath memory(chip, simulated());
  Errors errors;
  validation::Comparison csv("power-h100", "load,kind,real_w,w");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string name(table.text(row, table.column("load")));
    const auto rate = [&](const char* column, double unit) {
      const auto at = table.column(column);
      return table.text(row, at).empty() ? 0 : table.number(row, at) * unit;
    };
    // Of one second: rates are amounts. Of a copy and a sum, a half and a third are written.
    const double moved = rate("gbps", 1e9), measured = rate("watts", 1);
    const double written = name == "write" ? moved : name == "copy" ? moved / 2 : name == "add" ? moved / 3 : 0;
    Movement work;
    work.dtype = name.find("fp8") == std::string::npos ? Dtype::bf16 : Dtype::fp8;
    work.matrix = core::Flops(rate("tflops", 1e12));
    work.vector = core::Flops(rate("vector_tflops", 1e12));
    work.read = core::bytes(std::max(moved, rate("l2_gbps", 1e9)));
    const double watts = meter
                             .joules({name, work}, core::Seconds(1), core::bytes(moved),
                                     core::Joules(memory.joules(moved - written, written, 0, 0)))
                             .value();
    const char* kind = fitted.contains(name) ? "fitted" : beside.contains(name) ? "not modelled" : "";
    std::printf("%-22s %6.1f W, here %6.1f W %+6.1f %% %s\n", name.c_str(), measured, watts,
                100 * (watts / measured - 1), kind);
    csv.row(name, *kind == '\0' ? "predicted" : kind, measured, watts);
    if (*kind == '\0') errors.add(watts / measured - 1);
    if (fitted.contains(name)) {
      EXPECT_NEAR(watts / measured, 1, 0.03) << name;
    }
  }
  std::printf("%d loads that nothing was fitted on: mean error %.1f %%, bias %+.1f %%, worst %.1f %%\n", errors.n(),
              100 * errors.mean(), 100 * errors.bias(), 100 * errors.worst());
  EXPECT_EQ(errors.n(), 36);
  EXPECT_LE(errors.mean(), 0.04);
  EXPECT_LE(errors.worst(), 0.16);
}

}  // namespace
}  // namespace wordline::chip
