// vLLM 0.15 on H100 under constant rates of users who share system prompts (shared/reference/serving/h100), from the
// catalogue alone. Nothing was fitted on these runs.
//
// The prompt sequence that is assumed: request i of both stages is sent by user i mod (system prompts x users), in
// turn, with the user's one prompt (results show the same 44 or 45 lengths in both stages and no growing context),
// which begins with the system prompt of group (user mod system prompts). Prefixes are cached, as vLLM does by default:
// after each user's first turn only what lies behind the last full block of a prompt is computed.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "../comparison.h"
#include "azure.h"
#include "wordline/core/random.h"
#include "wordline/model/deployment.h"
#include "wordline/serve/engine_memory.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

struct Experiment {
  const char *folder, *model;
  int tp;
};

class SlowH100 : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(reference() / "serving/h100")) GTEST_SKIP() << "no " << reference() / "serving/h100";
  }
};

nlohmann::json read_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  return nlohmann::json::parse(in);
}

// Both stages, the second after a pause; `stage_of` says which a request belongs to.
Workload workload_of(const nlohmann::json& profile, const nlohmann::json& lengths, std::vector<std::size_t>& stage_of) {
  const auto& prefix = profile.at("data").at("shared_prefix");
  const int groups = prefix.at("num_unique_system_prompts");
  const int users = groups * prefix.at("num_users_per_system_prompt").get<int>();
  const double shortest = lengths.at("min"), longest = lengths.at("max"), mean = lengths.at("mean");
  const std::int32_t system = static_cast<std::int32_t>(
      std::lround(prefix.at("system_prompt_len").get<double>() * mean /
                  (prefix.at("system_prompt_len").get<double>() + prefix.at("question_len").get<double>())));
  constexpr int stride = 7;  // prime to the users, so that lengths are spread over the turns
  constexpr double pause_s = 30;
  Workload out{"h100", {}};
  double begin = 0;
  int sent = 0;
  std::size_t stage = 0;
  for (const auto& load : profile.at("load").at("stages")) {
    const double rate = load.at("rate"), duration = load.at("duration");
    for (int i = 0; i < static_cast<int>(rate * duration); ++i, ++sent) {
      const int user = sent % users;
      const double place = ((user * stride) % users + 0.5) / users;
      Request request{core::Seconds(begin + i / rate),
                      static_cast<std::int32_t>(shortest + (longest - shortest) * place),
                      prefix.at("output_len").get<std::int32_t>()};
      request.content = std::make_shared<const Content>(
          Content{{1 + static_cast<std::uint64_t>(user % groups), system},
                  {1000 + static_cast<std::uint64_t>(user), request.prompt_tokens - system}});
      out.requests.push_back(request);
      stage_of.push_back(stage);
    }
    begin += duration + pause_s;
    ++stage;
  }
  return out;
}

TEST_F(SlowH100, EndToEndWithinEightPercentAndFirstTokens) {
  const auto catalog = core::Catalog::open();
  const std::vector<Experiment> all = {{"llama-2-7b-tp1-codegen", "llama-2-7b-hf", 1},
                                       {"llama-2-7b-tp1-general", "llama-2-7b-hf", 1},
                                       {"codellama-34b-tp2-codegen", "codellama-34b-instruct-hf", 2},
                                       {"codellama-34b-tp2-general", "codellama-34b-instruct-hf", 2},
                                       {"llama-2-70b-hf-tp4-codegen", "llama-2-70b-hf", 4},
                                       {"llama-2-70b-tp4-general", "llama-2-70b-hf", 4},
                                       {"mixtral-8x7b-v0-1-tp2-codegen", "mixtral-8x7b-v0.1", 2},
                                       {"mixtral-8x7b-v0-1-tp2-general", "mixtral-8x7b-v0.1", 2}};
  double e2el = 0, ttft = 0, tpot = 0;
  int stages = 0;
  validation::Comparison csv("h100-stages",
                             "experiment,tp,stage,rate,real_ttft_s,real_e2el_s,real_tpot_s,ttft_s,e2el_s,tpot_s");
  for (const Experiment& experiment : all) {
    const auto folder = reference() / "serving/h100" / experiment.folder;
    const auto profile = read_json(folder / "profile.yaml");
    model::Deployment d;
    d.architecture = model::load(
        catalog,
        (reference() / "models" / ("inference-sim--" + std::string(experiment.model) + "_config.json")).string());
    d.chip = chip::with_library(chip::load(catalog, "h100-sxm"), catalog, "vllm");
    d.tp = experiment.tp;
    d.weights = d.architecture.stated;
    Engine engine;  // as in exp-config.yaml
    engine.max_num_seqs = 128;
    engine.max_num_batched_tokens = 2048;
    engine.max_model_len = 4096;
    engine.host = load_host(catalog, "vllm-0.19");
    engine.outside_torch = outside_torch_of(catalog, engine.policy);
    std::vector<std::size_t> stage_of;
    std::vector<nlohmann::json> measured;
    for (const char* stage : {"stage_0", "stage_1"})
      measured.push_back(read_json(folder / (std::string(stage) + "_lifecycle_metrics.json")).at("successes"));
    const Workload workload = workload_of(profile, measured[0].at("prompt_len"), stage_of);
    const Result result = run(d, engine, workload);
    for (std::size_t stage = 0; stage < measured.size(); ++stage) {
      double e = 0, t = 0, n = 0;
      for (std::size_t i = 0; i < stage_of.size(); ++i)
        if (stage_of[i] == stage) e += result.served[i].e2el.value(), t += result.served[i].ttft.value(), ++n;
      e /= n, t /= n;
      const double outputs = workload.requests.front().output_tokens - 1;
      const double real_e = measured[stage].at("latency").at("request_latency").at("mean");
      const double real_t = measured[stage].at("latency").at("time_to_first_token").at("mean");
      const double real_p = (real_e - real_t) / outputs, p = (e - t) / outputs;
      std::printf(
          "%-30s stage %zu: E2E %.3f s, measured %.3f (%+.1f %%); TTFT %.1f ms, %.1f (%+.1f %%); TPOT %+.1f %%\n",
          experiment.folder, stage, e, real_e, 100 * (e / real_e - 1), 1e3 * t, 1e3 * real_t, 100 * (t / real_t - 1),
          100 * (p / real_p - 1));
      csv.row(experiment.folder, experiment.tp, stage,
              profile.at("load").at("stages").at(stage).at("rate").get<double>(), real_t, real_e, real_p, t, e, p);
      e2el += std::abs(e / real_e - 1), ttft += std::abs(t / real_t - 1), tpot += std::abs(p / real_p - 1), ++stages;
    }
  }
  std::printf("mean error: E2E %.1f %%, TTFT %.1f %%, TPOT %.1f %%\n", 100 * e2el / stages, 100 * ttft / stages,
              100 * tpot / stages);
  EXPECT_LT(e2el / stages, 0.08);
  EXPECT_LT(ttft / stages, 0.20);
}

}  // namespace
}  // namespace wordline::serve
