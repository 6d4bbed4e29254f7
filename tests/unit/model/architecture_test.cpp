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
  EXPECT_EQ(a.kinds.size(), 1U);
  EXPECT_EQ(a.layers(), 2);
  EXPECT_EQ(a.kinds.front().attention.kv_heads, 4);
  EXPECT_EQ(a.kinds.front().attention.head_dim, 16);
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
              ThrowsMessage<core::InputError>(AllOf(HasSubstr("config.json:2:"), HasSubstr("\"lama\""),
                                                    HasSubstr("llama, mistral, mixtral, qwen2"))));
}

TEST(Architecture, WhatIsNotModelledExactlyIsRefused) {
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

TEST(Architecture, AllMissingKeysAreNamedAtOnce) {
  EXPECT_THAT(loading("few", R"({"model_type": "llama", "hidden_size": 64})"),
              ThrowsMessage<core::InputError>(HasSubstr(
                  "\"num_hidden_layers\", \"vocab_size\", \"max_position_embeddings\", \"num_attention_heads\"")));
  EXPECT_THAT(
      loading("typo", small_with("\"vocab_size\"", "\"vocab_sise\"")),
      ThrowsMessage<core::InputError>(AllOf(HasSubstr("config.json:8:"), HasSubstr("did you mean \"vocab_size\""))));
  EXPECT_THAT(loading("no type", R"({"hidden_size": 64})"),
              ThrowsMessage<core::InputError>(HasSubstr("\"model_type\", ")));
}

TEST(Architecture, WhatAnUnknownTypeHasThatIsNotModelledIsNamedWithItsLine) {
  const auto text = small_with("\"llama\",", "\"mamba_llama\",\n  \"index_topk\": 2048,\n  \"vision_config\": null,");
  EXPECT_THAT(loading("indexer", text),
              ThrowsMessage<core::InputError>(
                  AllOf(HasSubstr("index_topk (attention to tokens that an indexer chooses, line 3)"),
                        testing::Not(HasSubstr("vision")))));
}

TEST(Architecture, WindowsFollowTheLayerTypes) {
  const auto of = [](const std::string& name, const std::string& keys) {
    const Architecture a = load(core::Catalog::open(), write_config(name, small_with("\"llama\"", keys)).string());
    std::vector<int> windows;
    for (const auto kind : a.order) windows.push_back(a.kinds[kind].attention.window);
    return windows;
  };
  EXPECT_EQ(of("mistral", "\"mistral\", \"sliding_window\": 512"), (std::vector{512, 512}));
  EXPECT_EQ(of("unused window", "\"mistral\", \"sliding_window\": 4096"), (std::vector{0, 0}));
  EXPECT_EQ(of("qwen without", "\"qwen2\", \"sliding_window\": 512"), (std::vector{0, 0}));
  EXPECT_EQ(of("qwen", "\"qwen2\", \"sliding_window\": 512, \"use_sliding_window\": true, \"max_window_layers\": 1"),
            (std::vector{0, 512}));
  EXPECT_EQ(of("types",
               "\"qwen3\", \"sliding_window\": 512, \"use_sliding_window\": true, "
               "\"layer_types\": [\"sliding_attention\", \"full_attention\"]"),
            (std::vector{512, 0}));
  EXPECT_THAT(loading("bad type", small_with("\"llama\"",
                                             "\"qwen3\", \"sliding_window\": 512, \"use_sliding_window\": true, "
                                             "\"layer_types\": [\"full_attention\", \"chunked_attention\"]")),
              ThrowsMessage<core::InputError>(HasSubstr("chunked_attention")));
}

TEST(Architecture, AWindowBoundsWhatASequenceCaches) {
  const Architecture a = llama("gpt-oss-20b");
  const double one = 2 * 8 * 64 * 2;  // bytes of a token in one layer
  EXPECT_EQ(kv_bytes(a, chip::Dtype::bf16, 100).value(), 24 * 100 * one);
  EXPECT_EQ(kv_bytes(a, chip::Dtype::bf16, 1000).value(), 12 * 128 * one + 12 * 1000 * one);
}

TEST(Architecture, ShippedModelsHaveTheSizesTheirNamesState) {
  const std::vector<std::tuple<const char*, std::int64_t, std::int64_t>> models = {
      {"mistral-nemo-12b", 12247782400, 163840}, {"mixtral-8x7b", 46702792704, 131072},
      {"qwen2.5-7b", 7615616512, 57344},         {"qwen3-8b", 8190735360, 147456},
      {"qwen3-30b-a3b", 30532122624, 98304},     {"qwen3-235b-a22b", 235093634560, 192512},
      {"deepseek-v3", 671026419200, 70272},      {"kimi-k2", 1026408232448, 70272},
      {"gpt-oss-20b", 20914757184, 49152},       {"gpt-oss-120b", 116829156672, 73728},
      {"llama-3.1-405b", 405853388800, 516096},
  };
  for (const auto& [name, count, kv] : models) {
    EXPECT_EQ(parameters(llama(name)), count) << name;
    EXPECT_EQ(kv_bytes_per_token(llama(name), chip::Dtype::bf16).value(), static_cast<double>(kv)) << name;
  }
  const std::vector<std::pair<const char*, double>> derived = {
      {"ax-4.0", 72}, {"ax-4.0-light", 7}, {"ax-3.1", 34.7}, {"ax-3.1-light", 7}, {"ax-k1", 519}};
  for (const auto& [name, billions] : derived)
    EXPECT_NEAR(static_cast<double>(parameters(llama(name))) / 1e9, billions, 0.5) << name;
}

}  // namespace
}  // namespace wordline::model
