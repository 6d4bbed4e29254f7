// Whole models on Trainium, Inferentia, Gaudi and Xeon against what others published: docs/validation/chip-others.md.
// None of these figures was used in a fit.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "published.h"

namespace wordline::model {
namespace {

// What was predicted for one kind of machine, beside what was published.
class Table {
 public:
  explicit Table(const char* unit) : unit_(unit) {}
  void add(const std::string& what, double predicted, double told) {
    const double error = predicted / told - 1;
    std::printf("%-68s %9.2f %9.2f %s %+5.0f %%\n", what.c_str(), predicted, told, unit_, error * 100);
    errors_.push_back(std::abs(error));
  }
  // Share of the rows within `limit`.
  double within(double limit) const {
    double n = 0;
    for (const double e : errors_) n += e <= limit ? 1 : 0;
    return n / static_cast<double>(errors_.size());
  }
  std::size_t rows() const { return errors_.size(); }
  ~Table() { std::printf("%zu rows, %.0f %% within 20 %%\n", rows(), 100 * within(0.2)); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

 private:
  const char* unit_;
  std::vector<double> errors_;
};

Deployment deployed(const std::string& chip, Architecture architecture, int tp, chip::Dtype weights, chip::Dtype kv) {
  Deployment out;
  out.architecture = std::move(architecture);
  out.chip = chip::load(core::Catalog::open(), chip);
  out.tp = tp;
  out.weights = weights;
  out.kv = kv;
  return out;
}

// The same chip with so many of its cores at work.
chip::Chip with_cores(chip::Chip chip, int cores) {
  const double share = static_cast<double>(cores) / chip.cores.count;
  for (auto& [dtype, rate] : chip.engines) rate.peak = rate.peak * share;
  chip.vector = chip.vector * share;
  chip.exponentials = chip.exponentials * share;
  chip.cores.count = cores;
  return chip;
}

// Rows that are all one: published twice.
bool seen(std::set<std::string>& before, const Row& row) {
  std::string all;
  for (const auto& [name, cell] : row)
    if (name != "source" && name != "app") all += cell + ";";
  return !before.insert(all).second;
}

void neuron(const std::string& instance, const std::string& chip, int cores_per_chip, double least) {
  const auto rows = published("aws_neuron_llm_inference.csv");
  if (rows.empty()) GTEST_SKIP() << "the reference data is not at hand";
  Table tokens("ms a token");
  std::set<std::string> before;
  for (const auto& row : rows) {
    const Shape* shape = shape_of(row.at("model"));
    if (row.at("instance") != instance || !shape || seen(before, row)) continue;
    if (row.at("app").find("fused spec") != std::string::npos) continue;
    const int cores = static_cast<int>(number(row, "tp_neuroncores"));
    const auto batch = static_cast<std::int64_t>(number(row, "batch"));
    const auto in = static_cast<std::int64_t>(number(row, "in_len")),
               out = static_cast<std::int64_t>(number(row, "out_len"));
    const auto weights = row.at("weight_dtype") == "int8" ? chip::Dtype::int8 : chip::Dtype::bf16;
    Deployment d =
        deployed(chip, padded(row.at("model"), *shape, cores), cores / cores_per_chip, weights, chip::Dtype::bf16);
    d.kv_block_tokens = static_cast<int>(in + out);  // one cache of full length a sequence
    // Shapes are compiled: each step attends to the full length, as rows that differ in the prompt alone show.
    Timed timed(d);
    const std::string what = row.at("model") + " " + name_of(weights) + " batch " + std::to_string(batch) + ", " +
                             std::to_string(in) + " in, " + std::to_string(out) + " out, " + std::to_string(cores) +
                             " cores";
    tokens.add(what, timed.step(batch, in + out) * 1e3, number(row, "tpot_p50_ms"));
    std::printf("   first token %.1f, published %.1f ms\n", timed.prompts(batch, in) * 1e3, number(row, "ttft_p50_ms"));
  }
  EXPECT_GE(tokens.within(0.2), least);
}

TEST(PublishedModels, Trainium1) { neuron("trn1.32xlarge", "trainium1", 2, 0.95); }
TEST(PublishedModels, Inferentia2) { neuron("Inf2.48xlarge", "inferentia2", 2, 0.65); }
// Two physical cores make one logical one.
TEST(PublishedModels, Trainium2) { neuron("trn2.48xlarge", "trainium2", 4, 0.3); }

TEST(PublishedModels, Gaudi3) {
  const auto rows = published("gaudi3_llm_inference.csv");
  if (rows.empty()) GTEST_SKIP() << "the reference data is not at hand";
  Table table("tokens/s");
  std::set<std::string> before;
  for (const auto& row : rows) {
    const Shape* shape = shape_of(row.at("model"));
    if (!shape || row.at("hpus").empty() || row.at("in_len").empty() || seen(before, row)) continue;
    const auto batch = static_cast<std::int64_t>(number(row, "batch"));
    const auto in = static_cast<std::int64_t>(number(row, "in_len")),
               out = static_cast<std::int64_t>(number(row, "out_len"));
    const auto dtype = row.at("dtype") == "fp8" ? chip::Dtype::fp8 : chip::Dtype::bf16;
    const int tp = static_cast<int>(number(row, "hpus"));
    Deployment d =
        deployed("gaudi-3", padded(row.at("model").substr(row.at("model").find('/') + 1), *shape, 1), tp, dtype, dtype);
    d.kv_block_tokens = 128;
    Timed timed(d);
    const double seconds = timed.prompts(batch, in) + static_cast<double>(out - 1) * timed.decode(batch, in, out);
    const std::string what = row.at("model") + " " + row.at("dtype") + " on " + std::to_string(tp) + ", batch " +
                             std::to_string(batch) + ", " + std::to_string(in) + " in, " + std::to_string(out) + " out";
    table.add(what, static_cast<double>(batch * out) / seconds, number(row, "out_tok_per_s"));
  }
  EXPECT_GE(table.within(0.2), 0.75);
}

TEST(PublishedModels, Gaudi3OneSequence) {
  const auto rows = published("gaudi3_llm_inference.csv");
  if (rows.empty()) GTEST_SKIP() << "the reference data is not at hand";
  Table table("tokens/s");
  std::set<std::string> before;
  for (const auto& row : rows) {
    const Shape* shape = shape_of(row.at("model"));
    if (!shape || row.at("hpus").empty() || !row.at("in_len").empty() || row.at("batch") != "1" || seen(before, row))
      continue;
    const int tp = static_cast<int>(number(row, "hpus"));
    Deployment d = deployed("gaudi-3", padded(row.at("model").substr(row.at("model").find('/') + 1), *shape, 1), tp,
                            chip::Dtype::bf16, chip::Dtype::bf16);
    d.kv_block_tokens = 128;
    Timed timed(d);
    // Lengths are not told: taken short, where they hardly matter.
    table.add(row.at("model") + " bf16 on " + std::to_string(tp), 1 / timed.decode(1, 128, 128),
              number(row, "out_tok_per_s"));
  }
  EXPECT_GE(table.within(0.25), 0.6);
}

// Host time is not modelled, and here it is as long as the step: what is missing in PyTorch is the same for 8 and 16
// bits.
TEST(PublishedModels, Xeon8480) {
  const auto rows = published("xeon_llm_inference.csv");
  if (rows.empty()) GTEST_SKIP() << "the reference data is not at hand";
  Table table("ms a token");
  std::vector<double> missing;
  for (const auto& row : rows) {
    const Shape* shape = shape_of(row.at("model"));
    if (!shape || row.at("in_len").empty()) continue;
    const auto in = static_cast<std::int64_t>(number(row, "in_len")),
               out = static_cast<std::int64_t>(number(row, "out_len"));
    // Four bits with a 16-bit scale for 128: 3 % less than mxfp4's, which stands for it.
    const std::string stored = row.at("dtype").substr(0, 4) == "int4" ? "mxfp4" : row.at("dtype");
    Deployment d =
        deployed("xeon-8480", padded(row.at("model"), *shape, 1), 1, chip::dtype_of(stored), chip::Dtype::bf16);
    d.chip.memory = chip::with_modules(d.chip.memory, core::Catalog::open(), "ddr5-4800-1rx8-16gb", 8);  // as published
    for (const int cores : {32, 48})
      if (row.at("hardware").find(std::to_string(cores) + " cores") != std::string::npos)
        d.chip = with_cores(d.chip, cores);
    const std::string what =
        row.at("hardware") + " " + row.at("model") + " " + row.at("dtype") + ", " + std::to_string(in) + " in";
    Timed timed(d);
    const double first = timed.prompts(1, in), next = timed.decode(1, in, out);
    if (number(row, "ms_per_token_incl_prefill") > 0) {
      const double each = (first + static_cast<double>(out - 1) * next) / static_cast<double>(out) * 1e3;
      table.add(what, each, number(row, "ms_per_token_incl_prefill"));
      if (stored != "fp32") missing.push_back(number(row, "ms_per_token_incl_prefill") - each);
    } else {
      table.add(what, next * 1e3, number(row, "tpot_ms"));
      table.add(what + ", first token", first * 1e3, number(row, "ttft_ms"));
    }
  }
  ASSERT_EQ(missing.size(), 3u);
  const auto [least, most] = std::minmax_element(missing.begin(), missing.end());
  EXPECT_GT(*least, 25);
  EXPECT_LT(*most - *least, 8);
}

}  // namespace
}  // namespace wordline::model
