// Fits the constants of catalog/engines/gpu.toml and sglang's share on the fitting rows (a fifth, by hash) of the reference's
// kernels: build/tests/fit_gpu_constants FOLDER [STEPS]. Prints what it found, each table's error and, by the length of
// the prediction, what catalog/bands/gpu.toml states: the tenth and ninetieth percentile of measured over predicted on all
// fitting rows of H100. Changes no file.
// Nelder and Mead's simplex ("A simplex method for function minimization", 1965) on the weighted mean absolute relative
// error. Weights: the targets that are tightest count most.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "wordline/chip/measured.h"

namespace wordline::chip {
namespace {

struct Table {
  const char *chip, *file;
  double weight;
  std::vector<MeasuredRow> rows = {};
};

struct Constant {
  const char* name;
  bool of_sglang;
  double value = 0;
};

// The fitting rows of a table; of products those with n, k >= 512.
std::vector<MeasuredRow> all_fitting_rows(const std::filesystem::path& file) {
  const auto table = core::Csv::read(file);
  std::vector<MeasuredRow> out;
  for (const auto& row : measured_rows(table, measured_op_of(table)))
    if (row.fitted_on && row.region.find("smaller") == std::string::npos) out.push_back(row);
  return out;
}

// At most 1,500 of them, spread evenly.
std::vector<MeasuredRow> fitting_rows(const std::filesystem::path& file) {
  const auto all = all_fitting_rows(file);
  const std::size_t stride = std::max<std::size_t>(1, all.size() / 1500);
  std::vector<MeasuredRow> out;
  for (std::size_t i = 0; i < all.size(); i += stride) out.push_back(all[i]);
  return out;
}

// By the length of the prediction in microseconds, the tenth and ninetieth percentile of measured over predicted.
void print_bands(const std::filesystem::path& file, const Chip& chip, const Streams& streams) {
  const auto rows = all_fitting_rows(file);
  KernelTimer timer(chip, streams, replayed(rows.front().op));
  std::vector<std::pair<double, double>> ratios;  // predicted; measured over that
  for (const auto& row : rows) {
    const double us = predicted(row, timer).us;
    ratios.emplace_back(us, row.us / us);
  }
  double from = 0;
  for (const double below : {10.0, 30.0, 100.0, 1000.0, 1e9}) {
    std::vector<double> here;
    for (const auto& [us, ratio] : ratios)
      if (us >= from && us < below) here.push_back(ratio);
    std::sort(here.begin(), here.end());
    const std::size_t n = here.size();
    if (n >= 20)
      fmt::print("{} below {} us: {} rows, low {:.3f}, high {:.3f}\n", measured_ops()[static_cast<std::size_t>(rows.front().op)], below, n,
                 here[n / 10], here[n * 9 / 10]);
    from = below;
  }
}

double error_of(const Table& table, Chip chip, const std::vector<Constant>& constants, const Streams& streams) {
  for (const auto& constant : constants) {
    if (!constant.of_sglang) chip.constants[constant.name] = constant.value;
    if (constant.of_sglang && chip.library == "sglang") chip.factors[constant.name] = constant.value;
  }
  KernelTimer timer(chip, streams, replayed(table.rows.front().op));
  double sum = 0;
  for (const auto& row : table.rows) sum += std::min(2.0, std::abs(predicted(row, timer).us / row.us - 1));
  return sum / static_cast<double>(table.rows.size());
}

int fit(const std::filesystem::path& folder, int steps) {
  const auto catalog = core::Catalog::open();
  std::vector<Table> tables = {{"h100-sxm", "h100_sxm_gemm_trtllm1.3.0rc20.csv.gz", 5},
                               {"a100-sxm-80gb", "a100_sxm_gemm_sglang0.5.10.csv.gz", 1.2},
                               {"h100-sxm", "h100_sxm_gen_attn_trtllm1.3.0rc20.csv.gz", 1},
                               {"h100-sxm", "h100_sxm_ctx_attn_trtllm1.3.0rc20.csv.gz", 0.5},
                               {"h100-sxm", "h100_sxm_moe_trtllm1.3.0rc20.csv.gz", 0.4},
                               {"h100-sxm", "h100_sxm_quant_trtllm1.3.0rc20.csv.gz", 0.6}};
  std::vector<Constant> constants = {{"launch_us", false},  {"tile_us", false},       {"ramp_us", false},
                                     {"dram_share", false}, {"product_share", false}, {"share", true}};
  std::map<std::string, Chip> chips;
  for (auto& table : tables) {
    table.rows = fitting_rows(folder / table.file);
    chips.emplace(table.chip, load(catalog, table.chip));
  }
  for (auto& constant : constants)
    constant.value = constant.of_sglang ? chips.at("a100-sxm-80gb").factors.at(constant.name)
                                        : chips.at("h100-sxm").constants.at(constant.name);
  const Streams streams = simulated(core::Cache());
  const std::size_t n = constants.size();
  const auto loss = [&](const std::vector<double>& x) {
    for (std::size_t i = 0; i < n; ++i) {
      if (x[i] <= 0 || (i >= 3 && x[i] > 1)) return 10.0;  // shares are at most 1
      constants[i].value = x[i];
    }
    double sum = 0, weights = 0;
    for (const auto& table : tables) {
      sum += table.weight * error_of(table, chips.at(table.chip), constants, streams);
      weights += table.weight;
    }
    return sum / weights;
  };
  std::vector<std::vector<double>> points(n + 1, std::vector<double>(n));
  for (std::size_t p = 0; p <= n; ++p)
    for (std::size_t i = 0; i < n; ++i) points[p][i] = constants[i].value * (p == i + 1 ? (i >= 3 ? 0.95 : 1.15) : 1);
  std::vector<double> values;
  for (const auto& point : points) values.push_back(loss(point));
  for (int step = 0; step < steps; ++step) {
    std::vector<std::size_t> order(n + 1);
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
    const std::size_t best = order.front(), worst = order.back();
    std::vector<double> middle(n, 0);
    for (const std::size_t p : order)
      for (std::size_t i = 0; i < n && p != worst; ++i) middle[i] += points[p][i] / static_cast<double>(n);
    const auto along = [&](double factor) {
      std::vector<double> out(n);
      for (std::size_t i = 0; i < n; ++i) out[i] = middle[i] + factor * (points[worst][i] - middle[i]);
      return out;
    };
    const auto take = [&](const std::vector<double>& point, double value) { points[worst] = point, values[worst] = value; };
    const auto reflected = along(-1);
    const double at_reflected = loss(reflected);
    if (at_reflected < values[best]) {
      const auto further = along(-2);
      const double at_further = loss(further);
      at_further < at_reflected ? take(further, at_further) : take(reflected, at_reflected);
    } else if (at_reflected < values[order[n - 1]]) {
      take(reflected, at_reflected);
    } else {
      const auto nearer = along(0.5);
      const double at_nearer = loss(nearer);
      if (at_nearer < values[worst]) {
        take(nearer, at_nearer);
      } else {
        for (const std::size_t p : order) {
          if (p == best) continue;
          for (std::size_t i = 0; i < n; ++i) points[p][i] = (points[p][i] + points[best][i]) / 2;
          values[p] = loss(points[p]);
        }
      }
    }
  }
  const auto best = static_cast<std::size_t>(std::min_element(values.begin(), values.end()) - values.begin());
  fmt::print("weighted mean error {:.2f} %\n", 100 * loss(points[best]));
  for (const auto& constant : constants) fmt::print("{} = {:.4g}\n", constant.name, constant.value);
  for (const auto& table : tables)
    fmt::print("{:5.2f} % of {} rows of {}\n", 100 * error_of(table, chips.at(table.chip), constants, streams),
               table.rows.size(), table.file);
  Chip h100 = chips.at("h100-sxm");
  for (const auto& constant : constants)
    if (!constant.of_sglang) h100.constants[constant.name] = constant.value;
  for (const auto& table : tables)
    if (std::string_view(table.chip) == "h100-sxm") print_bands(folder / table.file, h100, streams);
  return 0;
}

}  // namespace
}  // namespace wordline::chip

int main(int count, char** words) {
  if (count < 2) return fmt::print("usage: {} FOLDER-OF-KERNELS [STEPS]\n", words[0]), 2;
  return wordline::chip::fit(words[1], count > 2 ? std::atoi(words[2]) : 100);
}
