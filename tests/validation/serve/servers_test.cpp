// Requests through two real servers (vLLM 0.19.0, shared/reference/serving) beside the simulated ones, from the
// catalogue.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "wordline/model/deployment.h"
#include "wordline/serve/run.h"
#include "wordline/serve/trace.h"

namespace wordline::serve {
namespace {

std::filesystem::path serving() {
  const char* folder = std::getenv("WORDLINE_REFERENCE");
  return (folder ? std::filesystem::path(folder) : std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference") /
         "serving";
}

struct RealServer {
  const char *chip, *model, *folder;
  int tp, max_num_seqs, blocks;
};

class Servers : public testing::TestWithParam<RealServer> {};

TEST_P(Servers, EndToEndTimesAndThroughputWithinEightPercent) {
  const RealServer& want = GetParam();
  const auto file = serving() / want.folder / "requests.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not there: the reference data is absent";
  std::vector<nlohmann::json> requests;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) requests.push_back(nlohmann::json::parse(line));
  const auto number = [](const nlohmann::json& request, const char* key) { return request.at(key).get<double>(); };
  std::sort(requests.begin(), requests.end(),
            [&](auto& a, auto& b) { return number(a, "arrival_time") < number(b, "arrival_time"); });
  // The clocks of arrival and engine differ by a constant: the least way from arriving to being queued is taken as 0.
  double apart = 1e300;
  for (const auto& r : requests) apart = std::min(apart, number(r, "queued_ts") - number(r, "arrival_time"));
  const auto trace = std::filesystem::temp_directory_path() / (std::string("wordline_") + want.chip + "_requests.csv");
  {
    std::ofstream out(trace);
    out << std::fixed << "arrival_s,prompt_tokens,output_tokens\n";
    for (const auto& r : requests)
      out << number(r, "arrival_time") - number(requests.front(), "arrival_time") << ',' << r.at("input_toks") << ','
          << r.at("output_toks") << '\n';
  }
  const auto workload = read_trace(trace);
  std::filesystem::remove(trace);
  const auto catalog = core::Catalog::open();
  model::Deployment d;
  d.architecture = model::load(catalog, want.model);
  d.chip = chip::load(catalog, want.chip);
  d.tp = want.tp;
  Engine engine;
  engine.max_num_seqs = want.max_num_seqs;
  engine.max_num_batched_tokens = 2048;
  engine.num_gpu_blocks = want.blocks;
  const auto result = run(d, resolved(engine, d), workload);
  ASSERT_EQ(result.served.size(), requests.size());
  double error = 0, last = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const double arrival = number(requests[i], "arrival_time"), end = number(requests[i], "last_token_ts") - apart;
    error += std::abs(result.served[i].e2el.value() / (end - arrival) - 1) / static_cast<double>(requests.size());
    last = std::max(last, end - number(requests.front(), "arrival_time"));
  }
  std::printf("%s: mean error of end to end times %.1f%%, whole run %.1f s where the server took %.1f\n", want.chip,
              100 * error, result.duration.value(), last);
  EXPECT_LT(error, 0.08);
  EXPECT_NEAR(result.duration.value(), last, 0.08 * last);
}

INSTANTIATE_TEST_SUITE_P(Real, Servers,
                         testing::Values(RealServer{"rtx-4090", "llama-3.1-8b", "RTX4090_Llama-3.1-8B", 1, 256, 2588},
                                         RealServer{"rtx-pro-6000", "qwen3-32b", "RTXPRO6000_Qwen3-32B", 2, 128, 0}),
                         [](const auto& of) { return of.index == 0 ? "RTX4090" : "RTXPRO6000"; });

}  // namespace
}  // namespace wordline::serve
