// TTFT and TPOT at a fixed concurrency on H100 (shared/reference/llm_results/aic_silicon_h100.csv), each backend by its
// policy, closed loop. The hosts' two constants, and the share of the matrix rate at which vLLM's experts in mxfp4
// multiply, were fitted on one fifth of the rows, by the hash of the row; scored are the others.
//
// Some rows cannot be what their columns say. They are scored with all, and apart: Apart tells by what, which is never
// our own time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "../comparison.h"
#include "azure.h"
#include "wordline/core/csv.h"
#include "wordline/core/parallel.h"
#include "wordline/core/random.h"
#include "wordline/core/scoring.h"
#include "wordline/model/deployment.h"
#include "wordline/serve/engine_memory.h"
#include "wordline/serve/run.h"

namespace wordline::serve {
namespace {

// Rows whose names begin with a date are of InferenceMAX's benchmark, which draws prompts and answers uniformly from 80
// to 100 % of the stated lengths; the others have the stated ones.
constexpr double shortest_share = 0.8;
constexpr int requests_a_seat = 10;

struct Point {
  std::string model, backend, precision, version, name;
  int prompt = 0, output = 0, concurrency = 0, tp = 1, ep = 1;
  double ttft_ms = 0, tpot_ms = 0;  // measured
  double ttft = 0, tpot = 0;        // ours, ms
  bool fitted_on = false;
  bool states_concurrency = false;
  bool drawn() const { return name.starts_with("20"); }
  double later_tokens_ms() const { return (output - 1) * tpot_ms; }
  // Sequences that decode, by Little's law.
  double decoding() const { return concurrency * later_tokens_ms() / (ttft_ms + later_tokens_ms()); }
};

std::vector<Point> points(const core::Csv& csv) {
  std::vector<Point> out;
  const auto text = [&](std::size_t row, const char* column) { return std::string(csv.text(row, csv.column(column))); };
  const auto number = [&](std::size_t row, const char* column) {
    const std::string value = text(row, column);
    return value.empty() ? 0 : std::stod(value);
  };
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    Point p{text(row, "model"), text(row, "backend"), text(row, "precision"), text(row, "ver"), text(row, "source_id")};
    p.prompt = static_cast<int>(number(row, "isl"));
    p.output = static_cast<int>(number(row, "osl"));
    p.concurrency = static_cast<int>(number(row, "concurrency"));
    p.states_concurrency = p.concurrency > 0;
    if (!p.states_concurrency) p.concurrency = static_cast<int>(number(row, "concurrency_per_dp"));
    p.tp = static_cast<int>(number(row, "tp"));
    p.ep = std::max(1, static_cast<int>(number(row, "moe_ep")));
    p.ttft_ms = number(row, "ttft_ms");
    p.tpot_ms = number(row, "tpot_ms");
    p.fitted_on = core::for_fitting(csv, row, "tpot_ms");
    const bool spread = number(row, "attn_dp") > 1 || p.model.starts_with("MiniMax");
    if (!spread && p.ttft_ms <= 60000) out.push_back(p);  // as their collectors say: more is a queue that grows
  }
  return out;
}

model::Deployment deployment_of(const Point& p, const core::Catalog& catalog) {
  static const std::map<std::string, std::string> models = {
      {"meta-llama/Llama-3.1-70B", "meta-llama--Meta-Llama-3.1-70B"},
      {"meta-llama/Llama-3.1-8B-Instruct", "meta-llama--Meta-Llama-3.1-8B"},
      {"Qwen/Qwen3-32B", "Qwen--Qwen3-32B"},
      {"Qwen/Qwen3-235B-A22B-FP8", "Qwen--Qwen3-235B-A22B-FP8"},
      {"openai/gpt-oss-120b", "openai--gpt-oss-120b"}};
  model::Deployment d;
  d.architecture = model::load(catalog, (reference() / "models" / (models.at(p.model) + "_config.json")).string());
  d.chip = chip::load(catalog, "h100-sxm");
  if (p.backend != "trtllm")
    d.chip = chip::with_library(d.chip, catalog, p.backend == "sglang" ? "sglang-fa3" : p.backend);
  d.tp = p.tp;
  const bool dense = p.model.starts_with("meta") || p.model == "Qwen/Qwen3-32B";
  if (!dense) d.ep = p.ep;
  d.weights = dense && p.precision == "fp8" ? chip::Dtype::fp8 : d.architecture.stated;
  d.kv = d.architecture.quantisation.kv;
  return d;
}

Engine engine_of(const Point& p, const core::Catalog& catalog) {
  Engine engine;
  engine.policy = p.backend == "vllm" ? "vllm-v1" : p.backend;
  // vLLM schedules asynchronously by default from 0.14 on.
  const bool late = p.backend == "vllm" && p.version.starts_with("0.18");
  engine.async_scheduling = p.backend == "sglang" || late;
  engine.host = load_host(catalog, p.backend == "sglang"   ? "sglang-0.5"
                                   : p.backend == "trtllm" ? "tensorrt-llm-1.0"
                                   : late                  ? "vllm-0.18"
                                                           : "vllm-0.12");
  engine.outside_torch = outside_torch_of(catalog, engine.policy);
  return engine;
}

// Why a row cannot be taken as its columns say.
enum class Apart {
  no,
  concurrency_unstated,  // the column is empty; it is simulated with the one of a data-parallel rank
  // Fewer than half of the sequences decode for which there are users and room in the KV cache: something that no
  // column tells keeps the others waiting.
  seats_unstated,
  disturbed,  // TPOT is more than a tenth longer than that of the same server with more users of the same lengths
};

bool same_server(const Point& a, const Point& b) {
  return a.model == b.model && a.backend == b.backend && a.version == b.version && a.precision == b.precision &&
         a.tp == b.tp && a.ep == b.ep;
}

Apart apart(const Point& p, const std::vector<Point>& all, double kv_tokens) {
  if (!p.states_concurrency) return Apart::concurrency_unstated;
  const double mean_tokens = p.prompt + p.output / 2.0;
  if (p.decoding() < std::min<double>(p.concurrency, kv_tokens / mean_tokens) / 2) return Apart::seats_unstated;
  const auto shows_it = [&](const Point& more) {
    return same_server(p, more) && more.prompt == p.prompt && more.output == p.output &&
           more.concurrency > p.concurrency && more.tpot_ms * 1.1 < p.tpot_ms;
  };
  return std::any_of(all.begin(), all.end(), shows_it) ? Apart::disturbed : Apart::no;
}

double kv_tokens(const model::Deployment& deployment, const Engine& engine) {
  const Engine full = resolved(engine, deployment);
  return static_cast<double>(kv_capacity(full, deployment).blocks) * full.block_size;
}

void predict(Point& p, const model::Deployment& deployment, const Engine& engine) {
  core::Random random(7);
  Workload workload{p.name, {}};
  const int count = std::max(20, requests_a_seat * p.concurrency);
  for (int i = 0; i < count; ++i) {
    const double in = p.drawn() ? 1 - (1 - shortest_share) * random.uniform() : 1;
    const double out = p.drawn() ? 1 - (1 - shortest_share) * random.uniform() : 1;
    workload.requests.push_back(
        {core::Seconds(0), static_cast<std::int32_t>(p.prompt * in), static_cast<std::int32_t>(p.output * out)});
  }
  RunOptions options;
  options.max_concurrency = p.concurrency;
  const auto result = run(deployment, engine, workload, options);
  p.ttft = result.ttft.mean.value() * 1e3;
  p.tpot = result.tpot.mean.value() * 1e3;
}

struct Score {
  std::vector<double> tpot, throughput;
  static double mean(const std::vector<double>& off) {
    double sum = 0;
    for (const double x : off) sum += std::abs(x);
    return 100 * sum / static_cast<double>(std::max<std::size_t>(1, off.size()));
  }
  static double median(std::vector<double> off) {
    for (double& x : off) x = std::abs(x);
    std::sort(off.begin(), off.end());
    return off.empty() ? 0 : 100 * off[off.size() / 2];
  }
};

TEST(SlowSilicon, TpotAndThroughputOfEachBackendByItsPolicy) {
  const auto file = reference() / "llm_results/aic_silicon_h100.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  const auto catalog = core::Catalog::open();
  auto all = points(core::Csv::read(file));
  std::vector<std::pair<model::Deployment, Engine>> servers;
  for (const Point& p : all) servers.emplace_back(deployment_of(p, catalog), engine_of(p, catalog));
  core::parallel_for(all.size(), 0, [&](std::size_t i) {
    try {
      predict(all[i], servers[i].first, servers[i].second);
    } catch (const core::InputError&) {
      all[i].tpot = 0;  // does not fit in our account of the memory
    }
  });
  std::map<std::string, Score> scores;
  int refused = 0;
  validation::Comparison csv("silicon",
                             "model,backend,precision,tp,prompt,output,concurrency,fitted_on,real_ttft_ms,"
                             "real_tpot_ms,ttft_ms,tpot_ms");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Point& p = all[i];
    if (p.tpot == 0) {
      ++refused;
      continue;
    }
    csv.row(p.model, p.backend, p.precision, p.tp, p.prompt, p.output, p.concurrency, p.fitted_on, p.ttft_ms, p.tpot_ms,
            p.ttft, p.tpot);
    const Apart why = apart(p, all, kv_tokens(servers[i].first, servers[i].second));
    static const std::map<Apart, std::string> words = {{Apart::concurrency_unstated, "apart: concurrency not stated"},
                                                       {Apart::seats_unstated, "apart: fewer decode than seated"},
                                                       {Apart::disturbed, "apart: slower than with more users"}};
    std::vector<std::string> names = {why == Apart::no ? "all but those apart" : words.at(why), "all"};
    if (why == Apart::no) names.push_back(p.model + " " + p.backend);
    if (p.fitted_on) names = {"fifth that constants were fitted on"};
    const auto each = [&](double ttft, double tpot) { return ttft + (p.output - 1) * tpot; };
    for (const std::string& name : names) {
      scores[name].tpot.push_back(p.tpot / p.tpot_ms - 1);
      scores[name].throughput.push_back(each(p.ttft_ms, p.tpot_ms) / each(p.ttft, p.tpot) - 1);
    }
  }
  for (const auto& [name, score] : scores)
    std::printf("%-42s %4zu points: TPOT mean %.1f median %.1f %%, throughput mean %.1f median %.1f %%\n", name.c_str(),
                score.tpot.size(), Score::mean(score.tpot), Score::median(score.tpot), Score::mean(score.throughput),
                Score::median(score.throughput));
  std::printf("%d points do not fit the memory\n", refused);
  const Score& taken = scores["all but those apart"];
  EXPECT_GT(taken.tpot.size(), 580U);
  EXPECT_LT(Score::mean(taken.tpot), 8);
  EXPECT_LT(Score::mean(taken.throughput), 8);
  EXPECT_LT(Score::median(scores["all"].tpot), 10);
  EXPECT_LT(Score::median(scores["all"].throughput), 10);
  EXPECT_LT(Score::mean(scores["all"].tpot), 14);
  EXPECT_LT(Score::mean(scores["all"].throughput), 9);
}

}  // namespace
}  // namespace wordline::serve
