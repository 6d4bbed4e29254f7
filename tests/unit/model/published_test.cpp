// Every config.json of the reference folder: read with the size and the cache that its card states, or refused by name.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "fixture.h"
#include "wordline/core/error.h"

namespace wordline::model {
namespace {

using chip::Dtype;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;
namespace fs = std::filesystem;

fs::path folder() {
  const char* set = std::getenv("WORDLINE_REFERENCE");
  return (set ? fs::path(set) : fs::path(WORDLINE_SOURCE_DIR) / "../shared/reference") / "models";
}

fs::path file_of(const std::string& name) { return folder() / (name + "_config.json"); }

#define SKIP_WITHOUT_REFERENCE() \
  if (!fs::exists(folder())) GTEST_SKIP() << "no " << folder() << "; set WORDLINE_REFERENCE"

// What a model's card or name states: billions of parameters to so many decimals, and bytes of keys and values of a
// token in 16 bits, from the reference folder's index.
struct Published {
  const char* name;
  double billions;
  int decimals;
  double kv_bytes;
};
const std::vector<Published> published = {
    {"Qwen--Qwen3-0.6B", 0.6, 1, 114688},
    {"Qwen--Qwen3-1.7B", 1.7, 1, 114688},
    {"Qwen--Qwen3-8B", 8.2, 1, 147456},
    {"Qwen--Qwen3-32B", 32.8, 1, 262144},
    {"Qwen--Qwen3-32B-FP8", 32.8, 1, 262144},
    {"Qwen--Qwen3-32B-FP8-Static-PerTensor", 32.8, 1, 262144},
    {"Qwen--Qwen3-30B-A3B", 30.5, 1, 98304},
    {"Qwen--Qwen3-30B-A3B-FP8", 30.5, 1, 98304},
    {"Qwen--Qwen3-235B-A22B", 235, 0, 192512},
    {"Qwen--Qwen3-235B-A22B-FP8", 235, 0, 192512},
    {"nvidia--Qwen3-235B-A22B-NVFP4", 235, 0, 192512},
    {"Qwen--Qwen3-Coder-480B-A35B-Instruct", 480, 0, 253952},
    {"inference-sim--qwen3-14b", 14.8, 1, 163840},
    {"inference-sim--qwen2.5-7b-instruct", 7.6, 1, 57344},
    {"deepseek-ai--DeepSeek-V3", 671, 0, 70272},
    {"deepseek-ai--DeepSeek-R1", 671, 0, 70272},
    {"nvidia--DeepSeek-V3.1-NVFP4", 671, 0, 70272},
    {"inference-sim--deepseek-v2-lite", 15.7, 1, 31104},
    {"moonshotai--Kimi-K2-Instruct", 1026, 0, 70272},  // "1T" on the card, 1026 B in the checkpoint's index
    {"frontier--Llama-3.2-1B-Instruct", 1.24, 2, 32768},
    {"inference-sim--llama-3.1-8b-instruct", 8.03, 2, 131072},
    {"meta-llama--Meta-Llama-3.1-8B", 8.03, 2, 131072},
    {"meta-llama--Meta-Llama-3.1-70B", 70.6, 1, 327680},
    {"inference-sim--llama-3.1-70b-instruct", 70.6, 1, 327680},
    {"frontier--Llama-3.3-70B", 70.6, 1, 327680},
    {"nvidia--Llama-3.1-70B-Instruct-FP8", 70.6, 1, 327680},
    {"meta-llama--Meta-Llama-3.1-405B", 406, 0, 516096},
    {"frontier--Llama-3.1-405B-Instruct-FP8", 406, 0, 516096},
    {"inference-sim--llama-2-7b-hf", 6.74, 2, 524288},
    {"inference-sim--llama-2-70b-hf", 69.0, 1, 327680},
    {"inference-sim--codellama-34b-instruct-hf", 33.7, 1, 196608},
    {"inference-sim--yi-34b", 34.4, 1, 245760},
    {"inference-sim--mistral-nemo-instruct-2407", 12.2, 1, 163840},
    {"inference-sim--mixtral-8x7b-v0.1", 46.7, 1, 131072},
    {"mistralai--Mixtral-8x7B-v0.1", 46.7, 1, 131072},
    {"mistralai--Mixtral-8x22B-v0.1", 141, 0, 229376},
    {"openai--gpt-oss-20b", 20.9, 1, 49152},
    {"openai--gpt-oss-120b", 116.8, 1, 73728},
};

TEST(Published, ParametersAndKvBytesAreThoseOfTheCards) {
  SKIP_WITHOUT_REFERENCE();
  for (const auto& model : published) {
    const Architecture a = read_config(file_of(model.name));
    const double half_unit = 0.5 * std::pow(10, -model.decimals);
    EXPECT_NEAR(static_cast<double>(parameters(a)) / 1e9, model.billions, half_unit) << model.name;
    EXPECT_EQ(kv_bytes_per_token(a, Dtype::bf16).value(), model.kv_bytes) << model.name;
  }
}

// The cards of gpt-oss leave the input embedding out of the active ones (OpenAI 2025, gpt-oss model card, table 1).
TEST(Published, ActiveParametersAreThoseOfTheCards) {
  SKIP_WITHOUT_REFERENCE();
  const auto active = [](const char* name, bool embedding = true) {
    const Architecture a = read_config(file_of(name));
    const std::int64_t left_out = embedding ? 0 : static_cast<std::int64_t>(a.vocabulary) * a.hidden;
    return static_cast<double>(active_parameters(a) - left_out) / 1e9;
  };
  EXPECT_NEAR(active("mistralai--Mixtral-8x7B-v0.1"), 12.9, 0.05);
  EXPECT_NEAR(active("mistralai--Mixtral-8x22B-v0.1"), 39, 0.5);
  EXPECT_NEAR(active("Qwen--Qwen3-235B-A22B"), 22, 0.5);
  EXPECT_NEAR(active("Qwen--Qwen3-Coder-480B-A35B-Instruct"), 35, 0.5);
  EXPECT_NEAR(active("deepseek-ai--DeepSeek-V3", false), 37, 0.5);
  EXPECT_NEAR(active("moonshotai--Kimi-K2-Instruct", false), 32, 0.5);
  EXPECT_NEAR(active("openai--gpt-oss-120b", false), 5.13, 0.005);
  EXPECT_NEAR(active("openai--gpt-oss-20b", false), 3.61, 0.005);
}

// What of a model_type that is not modelled is in the way, as the refusal names it; "" where the type alone is.
TEST(Published, TheOthersAreRefusedByNameWithWhatIsMissing) {
  SKIP_WITHOUT_REFERENCE();
  const std::map<std::string, std::string> in_the_way = {
      {"deepseek_ref", "index_topk"},
      {"deepseek_v32", "index_topk"},
      {"deepseek_v4", "compress_ratios"},
      {"gemma4", "text_config.global_head_dim"},
      {"glm_moe_dsa", "index_topk"},
      {"kimi_k25", "vision_config"},
      {"kimi_k3", "linear_attn_config"},
      {"llama4", "text_config.attention_chunk_size"},
      {"mimo", ""},
      {"mimo_v2_flash", "swa_head_dim"},
      {"minimax_m2", "qk_norm_type"},
      {"minimax_m3", "sparse_attention_config"},
      {"nemotron-nas", "block_configs"},
      {"nemotron_h", "mamba_num_heads"},
      {"phimoe", "lm_head_bias"},
      {"qwen3_5", "text_config.linear_num_value_heads"},
      {"qwen3_5_moe", "attn_output_gate"},
      {"qwen3_next", "linear_num_value_heads"},
      {"qwen3_vl", "vision_config"},
      {"qwen3_vl_moe", "vision_config"},
      {"step3p7", "share_expert_dim"},
  };
  std::set<std::string> read;
  for (const auto& model : published) read.insert(file_of(model.name).filename().string());
  std::size_t refused = 0;
  for (const auto& entry : fs::directory_iterator(folder())) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with("_config.json") || name.ends_with("_hf_quant_config.json") || read.contains(name)) continue;
    ++refused;
    try {
      read_config(entry.path());
      ADD_FAILURE() << name << " was read, but nobody says here what its card states";
    } catch (const core::InputError& error) {
      const std::string message = error.what();
      if (message.find("not JSON") != std::string::npos) {  // "Infinity" stands in three of them
        EXPECT_THAT(message, HasSubstr("Nemotron"));
        continue;
      }
      const auto begin = message.find("model_type \"");
      ASSERT_NE(begin, std::string::npos) << message;
      const std::string type = message.substr(begin + 12, message.find('"', begin + 12) - begin - 12);
      ASSERT_TRUE(in_the_way.contains(type)) << message;
      EXPECT_THAT(message, HasSubstr(in_the_way.at(type))) << name;
    }
  }
  EXPECT_EQ(refused, 64U);
}

// Shapes that nobody has published as a config.json: read where they are complete, else refused with all that lacks.
TEST(Published, DerivedShapesAreReadWhereTheyAreComplete) {
  SKIP_WITHOUT_REFERENCE();
  const Architecture k1 = read_config(folder() / "derived/skt--A.X-K1.json");
  EXPECT_NEAR(static_cast<double>(parameters(k1)) / 1e9, 519, 0.5);  // model card skt/A.X-K1: 519 B, 33 B active
  EXPECT_NEAR(static_cast<double>(active_parameters(k1)) / 1e9, 33, 0.5);
  EXPECT_EQ(kv_bytes_per_token(k1, Dtype::bf16).value(), 61 * 576 * 2);
  const auto reading = [](const char* name) { return [=] { read_config(folder() / "derived" / name); }; };
  EXPECT_THAT(reading("skt--A.X-3.1.json"),
              ThrowsMessage<core::InputError>(HasSubstr("\"model_type\", \"num_attention_heads\", \"vocab_size\"")));
  EXPECT_THAT(reading("skt--A.X-4.0-INFERRED.json"),
              ThrowsMessage<core::InputError>(HasSubstr("\"model_type\", \"vocab_size\"")));
  EXPECT_THAT(reading("skt--A.X-K2-Light-vllm-defaults.json"),
              ThrowsMessage<core::InputError>(
                  HasSubstr("\"attention_output_gate\", \"gated_norm\", \"max_position_embeddings\"")));
  EXPECT_THAT(reading("litgpt--Qwen2.5-7B.json"), ThrowsMessage<core::InputError>(HasSubstr("\"model_type\"")));
  EXPECT_THAT(
      reading("upstage--Solar-Open-100B.json"),
      ThrowsMessage<core::InputError>(AllOf(HasSubstr("\"model_type\""), HasSubstr("max_position_embeddings"))));
}

Dtype format(const Architecture& a, std::size_t kind, Part part) {
  return a.kinds[kind].formats[static_cast<std::size_t>(part)].dtype;
}

TEST(Published, CheckpointsStoreWhatTheirFilesSay) {
  SKIP_WITHOUT_REFERENCE();
  const Architecture v3 = read_config(file_of("deepseek-ai--DeepSeek-V3"));
  EXPECT_EQ(v3.stated, Dtype::fp8_block);
  EXPECT_EQ(v3.quantisation.activations, Activations::dynamic);
  EXPECT_EQ(format(v3, 0, Part::feed_forward), Dtype::fp8_block);
  EXPECT_EQ(format(v3, 1, Part::experts), Dtype::fp8_block);
  EXPECT_EQ(v3.output.dtype, Dtype::bf16);

  // Beside it lies hf_quant_config.json: projections to queries, keys and values stay as they were, o_proj does not.
  const Architecture nvfp4 = read_config(file_of("nvidia--DeepSeek-V3.1-NVFP4"));
  EXPECT_EQ(nvfp4.stated, Dtype::fp4);
  EXPECT_EQ(nvfp4.quantisation.kv, Dtype::fp8);
  EXPECT_EQ(format(nvfp4, 1, Part::attention_in), Dtype::bf16);
  EXPECT_EQ(format(nvfp4, 1, Part::attention_out), Dtype::fp4);
  EXPECT_EQ(format(nvfp4, 1, Part::experts), Dtype::fp4);
  EXPECT_EQ(nvfp4.output.dtype, Dtype::bf16);

  const Architecture fixed = read_config(file_of("Qwen--Qwen3-32B-FP8-Static-PerTensor"));
  EXPECT_EQ(fixed.stated, Dtype::fp8);
  EXPECT_EQ(fixed.quantisation.activations, Activations::fixed);
  EXPECT_EQ(fixed.quantisation.kv, Dtype::fp8);
  EXPECT_EQ(fixed.quantisation, read_config(file_of("nvidia--Llama-3.1-70B-Instruct-FP8")).quantisation);

  const Architecture rows = read_config(file_of("frontier--Llama-3.1-405B-Instruct-FP8"));
  EXPECT_EQ(rows.quantisation.method, "fbgemm_fp8");
  EXPECT_EQ(rows.kinds.front().formats[0].scale_rows, 1);

  const Architecture oss = read_config(file_of("openai--gpt-oss-120b"));
  EXPECT_EQ(oss.stated, Dtype::mxfp4);
  EXPECT_EQ(oss.quantisation.activations, Activations::none);
  EXPECT_EQ(format(oss, 0, Part::attention_in), Dtype::bf16);
  EXPECT_EQ(format(oss, 0, Part::experts), Dtype::mxfp4);
  EXPECT_EQ(oss.kinds.size(), 2U);
  EXPECT_EQ(oss.kinds[0].attention.window, 128);
  EXPECT_EQ(oss.kinds[1].attention.window, 0);
  EXPECT_EQ(oss.count(0), 18);
}

}  // namespace
}  // namespace wordline::model
