// Formats of checkpoints: what each scheme stores, to the byte, and refusals at the key.
#include "wordline/model/quantisation.h"

#include "fixture.h"
#include "wordline/core/document.h"
#include "wordline/core/error.h"
#include "wordline/model/config.h"
#include "wordline/model/matrices.h"

namespace wordline::model {
namespace {

using chip::Dtype;
using testing::HasSubstr;
using testing::ThrowsMessage;

Quantisation read(const std::string& json) {
  const core::Value document = core::parse_json(json, "q.json");
  return read_quantisation(core::Reader(document));
}

TEST(Quantisation, SchemesAndTheirScales) {
  const auto block =
      read(R"({"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": [128, 128]})");
  EXPECT_EQ(block.format.dtype, Dtype::fp8_block);
  // 576 rows are five blocks of 128, the last one short; 7168 columns are 56.
  EXPECT_EQ(bytes_of(block.format, 576, 7168).value(), 576 * 7168 + 5 * 56 * 4);
  const auto fixed = read(R"({"quant_method": "fp8", "activation_scheme": "static"})");
  EXPECT_EQ(fixed.activations, Activations::fixed);
  EXPECT_EQ(bytes_of(fixed.format, 100, 200).value(), 100 * 200 + 4 + 4);
  const auto rows = read(R"({"quant_method": "fbgemm_fp8", "activation_scale_ub": 1200.0})");
  EXPECT_EQ(bytes_of(rows.format, 100, 200).value(), 100 * 200 + 100 * 4);
  const auto oss = read(R"({"quant_method": "mxfp4"})");
  EXPECT_EQ(bytes_of(oss.format, 2880, 2880).value(), 2880 * (2880 / 2 + 2880 / 32));
  EXPECT_TRUE(oss.experts_only);
  const auto nvfp4 = read(R"({"quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8", "group_size": 16})");
  EXPECT_EQ(bytes_of(nvfp4.format, 100, 160).value(), 100 * (80 + 10) + 8);
  EXPECT_EQ(nvfp4.kv, Dtype::fp8);
  EXPECT_EQ(nvfp4.activations, Activations::dynamic);
  EXPECT_EQ(bytes_of(Storage{}, 3, 5).value(), 30);
}

TEST(Quantisation, CompressedTensors) {
  const std::string head =
      R"({"quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {"group_0": )";
  const auto fp8 = read(head + R"({"targets": ["Linear"], "input_activations": {"num_bits": 8, "dynamic": true},
      "weights": {"num_bits": 8, "type": "float", "strategy": "channel"}}}})");
  EXPECT_EQ(fp8.format.dtype, Dtype::fp8);
  EXPECT_EQ(fp8.format.scale_rows, 1);
  EXPECT_EQ(fp8.activations, Activations::dynamic);
  EXPECT_EQ(output_format(fp8).dtype, Dtype::bf16);
  const auto int8 = read(head + R"({"weights": {"num_bits": 8, "type": "int", "strategy": "channel"}}}})");
  EXPECT_EQ(int8.format.dtype, Dtype::int8);
  EXPECT_EQ(int8.activations, Activations::none);
  EXPECT_THAT([&] { read(head + R"({"weights": {"num_bits": 4, "type": "int", "strategy": "group"}}}})"); },
              ThrowsMessage<core::InputError>(HasSubstr("num_bits")));
}

TEST(Quantisation, WhatIsNotModelledIsRefusedAtItsKey) {
  EXPECT_THAT([] { read(R"({"quant_method": "awq"})"); }, ThrowsMessage<core::InputError>(HasSubstr("q.json:1:")));
  EXPECT_THAT([] { read(R"({"quant_algo": "MIXED_PRECISION"})"); },
              ThrowsMessage<core::InputError>(HasSubstr("MIXED_PRECISION")));
  EXPECT_THAT([] { read(R"({"quant_method": "fp8", "weight_block_size": [128]})"); },
              ThrowsMessage<core::InputError>(HasSubstr("weight_block_size")));
  EXPECT_THAT([] { read(R"({"quant_method": "mxfp4", "modules_to_not_convert": ["re:.*[0-9]+"]})"); },
              ThrowsMessage<core::InputError>(HasSubstr("[0-9]+")));
}

TEST(Quantisation, PatternsNameModulesTheirParentsAndSteps) {
  const std::string q = "model.layers.3.self_attn.q_proj", gate = "model.layers.3.mlp.gate_proj";
  EXPECT_TRUE(names_module(q, q));
  EXPECT_TRUE(names_module("model.layers.*.self_attn", q));
  EXPECT_TRUE(names_module("model.layers.3*", q));
  EXPECT_FALSE(names_module("model.layers.30*", q));
  EXPECT_TRUE(names_module("*.self_attn.*", q));
  EXPECT_TRUE(names_module("q_proj", q));
  EXPECT_FALSE(names_module("gate", gate));  // the router, not gate_proj
  EXPECT_FALSE(names_module("model.layers.3.mlp.gate", gate));
  EXPECT_TRUE(names_module("re:.*self_attn.*", q));
  EXPECT_TRUE(names_module("re:.*mlp\\.(gate|up|down)_proj.*", gate));
  EXPECT_FALSE(names_module("re:.*mlp\\.(gate|up|down)_proj.*", q));
  EXPECT_FALSE(names_module("re:self_attn", q));  // expressions match from the beginning
}

TEST(Quantisation, AClassConvertedInPartIsRefused) {
  Quantisation q = online(Dtype::fp8);
  q.kept = {"model.layers.1.self_attn.q_proj"};
  EXPECT_NO_THROW(formats_of(q, llama_modules(), 0, {}));
  EXPECT_THAT([&] { formats_of(q, llama_modules(), 1, {}); },
              ThrowsMessage<core::InputError>(HasSubstr("leaves out model.layers.1.self_attn.q_proj but not")));
}

// Layers that a list keeps in 16 bits are a kind of their own.
TEST(Quantisation, LayersMayDiffer) {
  const core::Value document = core::parse_json(R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 128,
      "max_position_embeddings": 1024, "num_attention_heads": 4, "num_hidden_layers": 3, "vocab_size": 100,
      "quantization_config": {"quant_method": "fp8", "modules_to_not_convert": ["model.layers.0"]}})",
                                                "c.json");
  const Architecture a = read_config(document, "c");
  ASSERT_EQ(a.kinds.size(), 2U);
  EXPECT_EQ(a.kinds[0].formats[0].dtype, Dtype::bf16);
  EXPECT_EQ(a.kinds[1].formats[0].dtype, Dtype::fp8);
  EXPECT_EQ(a.stated, Dtype::fp8);
  const std::int64_t matrices = 4 * 64 * 64 + 3 * 64 * 128, norms = 2 * 64;
  EXPECT_EQ(bytes_of(a.kinds[1], a.kinds[1].formats, 64).value(), static_cast<double>(matrices + 7 * 4 + 2 * norms));
  EXPECT_EQ(bytes_of(a.kinds[0], a.kinds[0].formats, 64).value(), static_cast<double>(2 * (matrices + norms)));
}

}  // namespace
}  // namespace wordline::model
