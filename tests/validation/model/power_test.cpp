// What A100s drew while they served Llama-2-70B and BLOOM-176B (Splitwise's measurements, where the reference data is
// at hand) against the model. The H100s' rows have no power. docs/validation/power.md says how the table is read.
#include <cmath>
#include <cstdio>

#include "../comparison.h"
#include "published.h"
#include "wordline/core/csv.h"

namespace wordline::model {
namespace {

struct Measured {
  std::string model;
  int tp = 1;
  std::int64_t prompt = 0, batch = 0;
  double peak = 0, average = 0;                  // of the TDP
  double prompt_seconds = 0, token_seconds = 0;  // of a step
};

// One of each group of equal rows: power was measured once for all repetitions.
std::vector<Measured> measured() {
  const char* folder = std::getenv("WORDLINE_REFERENCE");
  const auto root =
      folder ? std::filesystem::path(folder) : std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference";
  const auto file = root / "serving/power/splitwise_a100_h100_times_power.csv.gz";
  if (!std::filesystem::exists(file)) return {};
  const auto table = core::Csv::read(file);
  std::map<std::tuple<std::string, int, std::int64_t, std::int64_t>, Measured> found;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto number = [&](const char* column) { return table.number(row, table.column(column)); };
    if (table.text(row, table.column("hardware")) != "a100-80gb" || number("average_power") == 0) continue;
    Measured of;
    of.model = table.text(row, table.column("model"));
    of.tp = static_cast<int>(number("tensor_parallel"));
    of.prompt = static_cast<std::int64_t>(number("prompt_size"));
    of.batch = static_cast<std::int64_t>(number("batch_size"));
    of.peak = number("peak_power"), of.average = number("average_power");
    of.prompt_seconds = number("prompt_time") * 1e-3, of.token_seconds = number("token_time") * 1e-3;
    found.emplace(std::tuple{of.model, of.tp, of.prompt, of.batch}, of);
  }
  std::vector<Measured> out;
  for (const auto& [key, of] : found) out.push_back(of);
  return out;
}

// BLOOM's plain feed-forward of 57,344 as a gated one of two thirds: as many weights and operations.
Architecture architecture_of(const std::string& model) {
  return model == "bloom-176b" ? padded(model, {70, 14336, 112, 112, 38232, 250880}, 1)
                               : padded(model, *shape_of("llama-2-70b"), 1);
}

Deployment deployed(const Measured& of) {
  const auto catalog = core::Catalog::open();
  Deployment out;
  out.architecture = architecture_of(of.model);
  out.chip = chip::with_library(chip::load(catalog, "a100-sxm-80gb"), catalog, "vllm");
  out.tp = of.tp;
  out.weights = out.kv = chip::Dtype::fp16;
  return out;
}

class Errors {
 public:
  void add(double predicted, double told) {
    const double error = predicted / told - 1;
    sum_ += std::abs(error), bias_ += error, ++n_;
  }
  double mean() const { return n_ > 0 ? sum_ / n_ : 0; }
  double bias() const { return n_ > 0 ? bias_ / n_ : 0; }
  int n() const { return n_; }

 private:
  double sum_ = 0, bias_ = 0;
  int n_ = 0;
};

class SplitwisePower : public testing::Test {
 protected:
  void SetUp() override {
    rows_ = measured();
    if (rows_.empty()) GTEST_SKIP() << "the reference data is absent";
    std::map<std::pair<std::string, int>, StepTimer> timers;
    for (const auto& of : rows_) {
      auto timer = timers.find({of.model, of.tp});
      if (timer == timers.end())
        timer = timers.emplace(std::pair{of.model, of.tp}, StepTimer(deployed(of), shared_streams())).first;
      // Llama-2 knows 4096 positions. Its rows of 8192 draw what waiting GPUs do, a quarter of all others.
      if (of.model == "llama2-70b" && of.prompt == 8192) {
        EXPECT_LT(of.average, 0.19);
        continue;
      }
      judge(of, timer->second);
    }
  }

  // Share of the TDP of one chip in a step that the host keeps for `seconds`, where that is longer than the kernels.
  static double power(const StepCost& cost, const Deployment& d, double seconds) {
    const double kernels = cost.time.value(), joules = cost.joules.value() / d.tp;
    const double waiting = std::max(0.0, seconds - kernels);
    return (joules + d.chip.awake().value() * waiting) / (kernels + waiting) / d.chip.tdp.value();
  }

  void judge(const Measured& of, StepTimer& timer) {
    StepShape prompts;
    prompts.prefill.assign(static_cast<std::size_t>(of.batch), {of.prompt, 0});
    const auto prompt = timer(prompts), token = timer({of.batch, of.batch * (of.prompt + 64), {}});
    const Deployment& d = timer.deployment();
    const std::string who = of.model + " tp " + std::to_string(of.tp);
    // A step takes the host no less in the prompt phase than what it takes it in the token phase.
    const double in_prompt = power(prompt, d, of.token_seconds), in_token = power(token, d, of.token_seconds);
    const double peak = std::min(1.0, of.peak);
    prompt_[who].add(in_prompt, peak), prompt_[of.model].add(in_prompt, peak), prompt_["all"].add(in_prompt, peak);
    token_[who].add(in_token, of.average), token_[of.model].add(in_token, of.average);
    token_["all"].add(in_token, of.average);
    own_times_["all"].add(power(token, d, 0), of.average);
    csv_.row(of.model, of.tp, of.batch, of.prompt, of.peak, in_prompt, of.average, in_token);
    std::printf("%s, %lld x %lld: prompt %.3f of %.3f, token %.3f of %.3f TDP; %.0f of %.0f ms, %.1f of %.1f ms\n",
                who.c_str(), static_cast<long long>(of.batch), static_cast<long long>(of.prompt), in_prompt, of.peak,
                in_token, of.average, prompt.time.value() * 1e3, of.prompt_seconds * 1e3, token.time.value() * 1e3,
                of.token_seconds * 1e3);
  }

  static void print(const char* phase, const std::map<std::string, Errors>& errors) {
    for (const auto& [who, of] : errors)
      std::printf("%s, %s: %d rows, mean error %.1f %%, bias %+.1f %%\n", phase, who.c_str(), of.n(), 100 * of.mean(),
                  100 * of.bias());
  }

  validation::Comparison csv_{"power-a100",
                              "model,tp,batch,prompt,real_prompt_phase,prompt_phase,real_token_phase,token_phase"};
  std::vector<Measured> rows_;
  std::map<std::string, Errors> prompt_, token_, own_times_;
};

TEST_F(SplitwisePower, IsWithin15PercentInBothPhases) {
  print("prompt phase", prompt_);
  print("token phase", token_);
  print("token phase at the model's own times", own_times_);
  ASSERT_EQ(token_["all"].n(), 41);
  EXPECT_LE(prompt_["all"].mean(), 0.12);
  EXPECT_LE(token_["all"].mean(), 0.06);
  // A100's running power was fitted on Llama-2's token phase alone.
  EXPECT_LE(token_["bloom-176b"].mean(), 0.06);
  EXPECT_LE(prompt_["bloom-176b"].mean(), 0.15);
}

}  // namespace
}  // namespace wordline::model
