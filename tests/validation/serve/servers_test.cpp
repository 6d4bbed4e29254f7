// Requests through two real servers (vLLM 0.19.0, shared/reference/serving) beside the simulated ones: from the
// catalogue alone, and with the kernels that were measured on their cards.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "../comparison.h"
#include "azure.h"
#include "wordline/chip/calibrate.h"
#include "wordline/chip/measured_times.h"
#include "wordline/model/deployment.h"
#include "wordline/model/layer_tables.h"
#include "wordline/serve/engine_memory.h"
#include "wordline/serve/run.h"
#include "wordline/serve/trace.h"

namespace wordline::serve {
namespace {

struct RealServer {
  const char *chip, *model, *folder, *prompts, *kernels;
  int tp, max_num_seqs, blocks;  // blocks that the real engine had; 0: not recorded
};

// When each request came, had its first and its last token, in seconds from the first arrival.
struct Real {
  double arrival, first, last;
};

// The clocks of arrival and engine differ by a constant: the least way from arriving to being queued is taken as 0.
std::vector<Real> real_times(const std::filesystem::path& file, Workload& prompts) {
  std::vector<nlohmann::json> rows(prompts.requests.size());
  std::ifstream lines(file);
  double apart = 1e300, start = 1e300;
  for (std::string line; std::getline(lines, line);) {
    auto row = nlohmann::json::parse(line);
    apart = std::min(apart, row.at("queued_ts").get<double>() - row.at("arrival_time").get<double>());
    start = std::min(start, row.at("arrival_time").get<double>());
    rows.at(std::stoul(row.at("request_id").get<std::string>().substr(6))) = row;
  }
  std::vector<std::pair<Real, Request>> all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto at = [&](const char* key) { return rows[i].at(key).get<double>() - start; };
    Request request = prompts.requests[i];
    EXPECT_EQ(request.prompt_tokens, rows[i].at("input_toks").get<int>());
    request.output_tokens = rows[i].at("output_toks").get<int>();
    request.arrival = core::Seconds(at("arrival_time"));
    all.push_back({{at("arrival_time"), at("first_token_ts") - apart, at("last_token_ts") - apart}, request});
  }
  std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.first.arrival < b.first.arrival; });
  std::vector<Real> out;
  for (std::size_t i = 0; i < all.size(); ++i) out.push_back(all[i].first), prompts.requests[i] = all[i].second;
  return out;
}

struct Errors {
  double throughput = 0, tpot = 0, e2el = 0, ttft = 0, ttft_below_1s = 0;
  double faster = 0;  // throughput of ours over the real one, less 1
  int below_1s = 0;
};

Errors errors_of(const Result& result, const std::vector<Real>& real) {
  Errors out;
  double end = 0;
  const auto n = static_cast<double>(real.size());
  for (std::size_t i = 0; i < real.size(); ++i) {
    const Served& served = result.served[i];
    const double ttft = real[i].first - real[i].arrival, e2el = real[i].last - real[i].arrival;
    const double off = std::abs(served.ttft.value() / ttft - 1);
    out.ttft += off / n;
    out.e2el += std::abs(served.e2el.value() / e2el - 1) / n;
    out.tpot += std::abs(served.tpot().value() / ((e2el - ttft) / (served.output_tokens - 1)) - 1) / n;
    if (ttft < 1) out.ttft_below_1s += off, ++out.below_1s;
    end = std::max(end, real[i].last);
  }
  out.ttft_below_1s /= std::max(1, out.below_1s);
  out.faster = end / result.duration.value() - 1;
  out.throughput = std::abs(out.faster);
  return out;
}

void print(const char* what, const Errors& e, const Result& result) {
  std::printf(
      "%-16s throughput %+4.1f  TPOT %4.1f  E2E %4.1f  TTFT %4.1f  TTFT of the %d below 1 s %4.1f %%  (%ld blocks)\n",
      what, 100 * e.faster, 100 * e.tpot, 100 * e.e2el, 100 * e.ttft, e.below_1s, 100 * e.ttft_below_1s,
      static_cast<long>(result.kv_blocks));
}

// Request by request, in seconds.
void write(const std::string& name, const Result& result, const std::vector<Real>& real) {
  validation::Comparison out(name, "real_ttft,real_e2el,real_tpot,ttft,e2el,tpot");
  for (std::size_t i = 0; i < real.size(); ++i) {
    const Served& served = result.served[i];
    const double ttft = real[i].first - real[i].arrival, e2el = real[i].last - real[i].arrival;
    out.row(ttft, e2el, (e2el - ttft) / (served.output_tokens - 1), served.ttft.value(), served.e2el.value(),
            served.tpot().value());
  }
}

class Servers : public testing::TestWithParam<RealServer> {
 protected:
  void SetUp() override {
    const RealServer& want = GetParam();
    const auto folder = reference() / "serving";
    if (!std::filesystem::exists(folder / want.prompts)) GTEST_SKIP() << "no " << folder;
    workload_ = read_recorded(folder / want.prompts).workload;
    real_ = real_times(folder / want.folder / "requests.jsonl", workload_);
    deployment_.architecture = model::load(catalog_, want.model);
    deployment_.chip = chip::load(catalog_, want.chip);
    deployment_.tp = want.tp;
    deployment_.weights = deployment_.architecture.stated;
    engine_.max_num_seqs = want.max_num_seqs;
    engine_.max_num_batched_tokens = 2048;
    engine_.host = load_host(catalog_, "vllm-0.19-offline");
    engine_.outside_torch = outside_torch_of(catalog_, engine_.policy);
    engine_.fresh = true;
  }

  Errors compare(const char* what, std::int64_t blocks) {
    engine_.num_gpu_blocks = blocks;
    const auto result = run(deployment_, engine_, workload_);
    const Errors errors = errors_of(result, real_);
    print(what, errors, result);
    if (blocks == 0)
      write(std::string("server-") + GetParam().chip + (deployment_.chip.profile ? "-measured-kernels" : "-catalogue"),
            result, real_);
    return errors;
  }

  // The kernels of one layer that were measured on the card.
  void calibrate() {
    const RealServer& want = GetParam();
    std::vector<chip::MeasuredFile> files;
    for (const char* table : {"dense", "attention", "per_sequence"}) {
      const auto file = reference() / "serving" / want.folder / want.kernels / (std::string(table) + ".csv.gz");
      files.push_back({table, chip::MeasuredOp::layer, model::layer_rows(core::Csv::read(file), deployment_)});
    }
    deployment_.chip.profile =
        std::make_shared<const chip::MeasuredTimes>(chip::profile_of(deployment_.chip, files, chip::simulated()));
  }

  const core::Catalog catalog_ = core::Catalog::open();
  model::Deployment deployment_;
  Engine engine_;
  Workload workload_;
  std::vector<Real> real_;
};

TEST_P(Servers, FromTheCatalogueAloneWithinEightPercent) {
  const RealServer& want = GetParam();
  for (const std::int64_t blocks : {std::int64_t{0}, std::int64_t{want.blocks}}) {
    const Errors e = compare("catalogue alone", blocks);
    EXPECT_LT(e.throughput, 0.08);
    EXPECT_LT(e.tpot, 0.08);
    EXPECT_LT(e.e2el, 0.08);
    if (want.blocks == 0) return;
  }
}

TEST_P(Servers, WithTheCardsKernelsWithinTwoPercent) {
  const RealServer& want = GetParam();
  calibrate();
  for (const std::int64_t blocks : {std::int64_t{0}, std::int64_t{want.blocks}}) {
    const Errors e = compare("calibrated", blocks);
    EXPECT_LT(e.throughput, 0.02);
    EXPECT_LT(e.tpot, 0.02);
    EXPECT_LT(e.e2el, 0.02);
    EXPECT_LT(e.ttft, 0.10);
    EXPECT_LT(e.ttft_below_1s, 0.10);
    if (want.blocks == 0) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Real, Servers,
                         testing::Values(RealServer{"rtx-4090", "llama-3.1-8b", "RTX4090_Llama-3.1-8B",
                                                    "sharegpt-llama-3.1-8b-300-sps10.jsonl.gz", "kernels", 1, 256,
                                                    2588},
                                         RealServer{"rtx-pro-6000", "qwen3-32b", "RTXPRO6000_Qwen3-32B",
                                                    "sharegpt-qwen3-32b-300-sps10.jsonl.gz", "kernels_tp2", 2, 128, 0}),
                         [](const auto& of) { return of.index == 0 ? "RTX4090" : "RTXPRO6000"; });

}  // namespace
}  // namespace wordline::serve
