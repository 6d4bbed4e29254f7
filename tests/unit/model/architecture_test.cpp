// Shapes from config.json, and refusals that say where and why.
#include "wordline/model/architecture.h"

#include <filesystem>
#include <fstream>

#include "fixture.h"
#include "wordline/core/error.h"

namespace wordline::model {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

// A config.json in a folder of its own.
std::filesystem::path write_config(const std::string& name, const std::string& text) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("config-" + name);
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "config.json") << text;
  return folder;
}

const char* const small = R"({
  "model_type": "llama",
  "hidden_size": 64,
  "intermediate_size": 128,
  "max_position_embeddings": 1024,
  "num_attention_heads": 4,
  "num_hidden_layers": 2,
  "vocab_size": 100
})";

// `small` with one line replaced.
std::string small_with(const std::string& before, const std::string& after) {
  std::string text = small;
  text.replace(text.find(before), before.size(), after);
  return text;
}

std::function<void()> loading(const std::string& name, const std::string& text) {
  return [=] { load(core::Catalog::open(), write_config(name, text).string()); };
}

TEST(Architecture, PublishedParameterCountsAndKvBytes) {
  const auto small_llama = llama("llama-3.1-8b"), large_llama = llama("llama-3.1-70b");
  EXPECT_EQ(parameters(small_llama), 8030261248);
  EXPECT_EQ(parameters(large_llama), 70553706496);
  EXPECT_EQ(kv_bytes_per_token(small_llama, chip::Dtype::bf16).value(), 131072);
  EXPECT_EQ(kv_bytes_per_token(large_llama, chip::Dtype::bf16).value(), 327680);
  EXPECT_EQ(kv_bytes_per_token(large_llama, chip::Dtype::fp8).value(), 163840);
}

TEST(Architecture, KeysThatMayBeLeftOutHaveHuggingFacesDefaults) {
  const auto a = load(core::Catalog::open(), write_config("defaults", small).string());
  EXPECT_EQ(a.name, "config-defaults");
  EXPECT_EQ(a.attention.kv_heads, 4);
  EXPECT_EQ(a.attention.head_dim, 16);
  EXPECT_FALSE(a.tied_embeddings);
  // 2 layers of 4 x 64 x 64 and 3 x 64 x 128 and two norms, a last norm, two embeddings.
  EXPECT_EQ(parameters(a), 2 * (4 * 64 * 64 + 3 * 64 * 128 + 2 * 64) + 64 + 2 * 100 * 64);
}

TEST(Architecture, TiedEmbeddingsCountOnceAndBiasesCount) {
  const auto plain = load(core::Catalog::open(), write_config("plain", small).string());
  const auto tied = load(
      core::Catalog::open(),
      write_config("tied", small_with("\"vocab_size\"", "\"tie_word_embeddings\": true, \"vocab_size\"")).string());
  EXPECT_EQ(parameters(plain) - parameters(tied), 100 * 64);
  const auto qwen = load(core::Catalog::open(), write_config("qwen", small_with("\"llama\"", "\"qwen2\"")).string());
  EXPECT_EQ(parameters(qwen) - parameters(plain), 2 * 3 * 64);
}

TEST(Architecture, UnknownTypesAreRefusedWithPlaceAndNearestName) {
  EXPECT_THAT(loading("unknown", small_with("\"llama\"", "\"lama\"")),
              ThrowsMessage<core::InputError>(
                  AllOf(HasSubstr("config.json:2:"), HasSubstr("\"lama\""), HasSubstr("llama, mistral, qwen2"))));
}

TEST(Architecture, WhatIsNotModelledExactlyIsRefused) {
  EXPECT_THAT(loading("window", small_with("\"llama\"", "\"mistral\", \"sliding_window\": 512")),
              ThrowsMessage<core::InputError>(HasSubstr("sliding_window")));
  EXPECT_THAT(loading("act", small_with("\"llama\"", "\"llama\", \"hidden_act\": \"gelu\"")),
              ThrowsMessage<core::InputError>(HasSubstr("hidden_act")));
  EXPECT_THAT(
      loading("awq", small_with("\"llama\"", "\"llama\", \"quantization_config\": {\"quant_method\": \"awq\"}")),
      ThrowsMessage<core::InputError>(HasSubstr("quant_method")));
  EXPECT_THAT(loading("heads", small_with("\"vocab_size\"", "\"num_key_value_heads\": 3, \"vocab_size\"")),
              ThrowsMessage<core::InputError>(HasSubstr("num_key_value_heads")));
  EXPECT_THAT(loading("missing", small_with("\"hidden_size\": 64,", "")),
              ThrowsMessage<core::InputError>(HasSubstr("hidden_size")));
  EXPECT_THAT(loading("huge", small_with("64", "16777216")), ThrowsMessage<core::InputError>(HasSubstr("hidden_size")));
  EXPECT_THAT(loading("negative", small_with("64", "-64")), ThrowsMessage<core::InputError>(HasSubstr("hidden_size")));
}

TEST(Architecture, Fp8CheckpointsSaySo) {
  const auto text = small_with("\"llama\"", "\"llama\", \"quantization_config\": {\"quant_method\": \"fp8\"}");
  EXPECT_EQ(load(core::Catalog::open(), write_config("fp8", text).string()).stated, chip::Dtype::fp8);
}

// Every published config.json of the families that are modelled: KV bytes as the index of the reference folder has
// them.
TEST(Architecture, PublishedConfigs) {
  const char* set = std::getenv("WORDLINE_REFERENCE");
  const std::filesystem::path reference =
      set ? std::filesystem::path(set) : std::filesystem::path(WORDLINE_SOURCE_DIR) / "../shared/reference";
  const auto file = [&](const std::string& name) { return reference / "models" / (name + "_config.json"); };
  if (!std::filesystem::exists(file("meta-llama--Meta-Llama-3.1-8B")))
    GTEST_SKIP() << "no reference folder " << reference;
  EXPECT_EQ(parameters(read_config(file("meta-llama--Meta-Llama-3.1-8B"))), 8030261248);
  EXPECT_EQ(parameters(read_config(file("meta-llama--Meta-Llama-3.1-70B"))), 70553706496);
  EXPECT_EQ(parameters(read_config(file("inference-sim--llama-2-7b-hf"))), 6738415616);
  EXPECT_EQ(parameters(read_config(file("inference-sim--qwen2.5-7b-instruct"))), 7615616512);
  EXPECT_EQ(parameters(read_config(file("inference-sim--mistral-nemo-instruct-2407"))), 12247782400);
  EXPECT_EQ(parameters(read_config(file("frontier--Llama-3.2-1B-Instruct"))), 1235814400);
  EXPECT_EQ(kv_bytes_per_token(read_config(file("inference-sim--yi-34b")), chip::Dtype::bf16).value(), 245760);
  EXPECT_THROW(read_config(file("openai--gpt-oss-20b")), core::InputError);
}

}  // namespace
}  // namespace wordline::model
