// Kernels that two real servers ran (vLLM 0.19.0 in eager mode, shared/reference/serving) against the model:
// Llama-3.1-8B on an RTX 4090, Qwen3-32B on RTX PRO 6000 cards, one and two of them.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "wordline/model/layer_tables.h"

namespace wordline::model {
namespace {

std::filesystem::path serving() {
  const char* folder = std::getenv("WORDLINE_REFERENCE");
  return (folder ? std::filesystem::path(folder) : std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference") /
         "serving";
}

struct Card {
  const char *chip, *model, *folder;
  int tp;
  double products, attention, sum;  // mean errors at most, in percent
};

class LayersOfServers : public testing::TestWithParam<Card> {};

TEST_P(LayersOfServers, MeanErrorByLayer) {
  const Card& want = GetParam();
  const auto folder = serving() / want.folder;
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there: the reference data is absent";
  const auto catalog = core::Catalog::open();
  Deployment d;
  d.architecture = load(catalog, want.model);
  d.chip = chip::load(catalog, want.chip);
  d.tp = want.tp;
  chip::KernelTimer timer(d.chip, chip::simulated(), chip::Residency::cold);
  std::map<std::string, std::vector<core::Compared>> by_layer;
  double products = 0, product_rows = 0, attention = 0, attention_rows = 0, predicted = 0, measured = 0;
  for (const char* file : {"dense.csv.gz", "per_sequence.csv.gz", "attention.csv.gz"})
    for (const auto& row : layer_rows(core::Csv::read(folder / file), d)) {
      const auto p = chip::predicted(row, timer);
      by_layer[row.region].push_back({row.us, p.us, p.low, p.high});
      const double error = std::abs(p.us / row.us - 1);
      if (row.region.starts_with("attention"))
        attention += error, ++attention_rows;
      else if (std::holds_alternative<chip::Gemm>(row.kernels.front().work))
        products += error, ++product_rows;
      predicted += row.region.starts_with("attention") ? 0 : p.us;
      measured += row.region.starts_with("attention") ? 0 : row.us;
    }
  for (const auto& [layer, rows] : by_layer) {
    const auto e = core::errors_of(rows);
    std::printf("%-22s %6zu %6.1f%% %6.1f%% %6.1f%% %+6.1f%%\n", layer.c_str(), e.n, 100 * e.mean, 100 * e.median,
                100 * e.p90, 100 * e.bias);
  }
  EXPECT_LE(100 * products / product_rows, want.products);
  EXPECT_LE(100 * attention / attention_rows, want.attention);
  EXPECT_LE(100 * std::abs(predicted / measured - 1), want.sum);
}

INSTANTIATE_TEST_SUITE_P(
    Cards, LayersOfServers,
    testing::Values(Card{"rtx-4090", "llama-3.1-8b", "RTX4090_Llama-3.1-8B/kernels", 1, 8, 15, 8},
                    Card{"rtx-pro-6000", "qwen3-32b", "RTXPRO6000_Qwen3-32B/kernels_tp1", 1, 8, 15, 8},
                    Card{"rtx-pro-6000", "qwen3-32b", "RTXPRO6000_Qwen3-32B/kernels_tp2", 2, 8, 15, 8}),
    [](const auto& of) {
      return std::string(of.index == 0 ? "RTX4090" : of.index == 1 ? "RTXPRO6000" : "RTXPRO6000Two");
    });

}  // namespace
}  // namespace wordline::model
