// Tables that name a model's layers: the kernels that a deployment runs in them, and refusals that say where.
#include "wordline/model/layer_tables.h"

#include "fixture.h"
#include "wordline/core/error.h"
#include "wordline/model/parts.h"

namespace wordline::model {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<chip::MeasuredRow> rows(const std::string& text, const Deployment& d) {
  const auto table = core::Csv::parse(text, "t.csv");
  EXPECT_TRUE(is_layer_table(table));
  return layer_rows(table, d);
}

Deployment joint(const std::string& model, int tp) {
  Deployment out = deployment(model, tp);
  out.chip.factors["attention_joint"] = 1;
  return out;
}

TEST(LayerTables, ADenseLayerIsItsProduct) {
  const auto all = rows("layer,tokens,time_us\nqkv_proj,7,50\ngate_up_proj,7,180\n", deployment("llama-3.1-8b", 2));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(std::get<chip::Gemm>(all[0].kernels.at(0).work), (chip::Gemm{.m = 7, .n = 3072, .k = 4096}));
  EXPECT_EQ(std::get<chip::Gemm>(all[1].kernels.at(0).work), (chip::Gemm{.m = 7, .n = 14336, .k = 4096}));
  EXPECT_EQ(all[1].us, 180);
  EXPECT_EQ(all[1].op, chip::MeasuredOp::layer);
}

TEST(LayerTables, ANormStandsForBothPlacesAndHeadsForTwoKernels) {
  const auto all = rows("tokens,layer,time_us\n7,layernorm,2\n7,qk_norm,3\n", deployment("qwen3-32b", 2));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].kernels.at(0).name, "input_norm");
  EXPECT_EQ(all[1].kernels.at(0).name, "post_attention_norm");
  ASSERT_EQ(all[2].kernels.size(), 2u);
  EXPECT_EQ(all[2].kernels[0].name, "q_norm");
}

TEST(LayerTables, RowsOfSequencesAreLogitsAndSampling) {
  const auto all = rows("layer,sequences,time_us\nlm_head,3,500\nsampler,3,20\n", deployment("llama-3.1-8b", 2));
  EXPECT_EQ(std::get<chip::Gemm>(all.at(0).kernels.at(0).work), (chip::Gemm{.m = 3, .n = 64128, .k = 4096}));
  EXPECT_EQ(all.at(1).kernels.at(0).name, "sampling");
}

TEST(LayerTables, AttentionOfAMixedStepIsOneKernelWhereTheLibraryJoinsIt) {
  const std::string table = "prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n100,50,4,200,90\n0,0,4,200,30\n";
  const auto together = rows(table, joint("llama-3.1-8b", 1));
  ASSERT_EQ(together.at(0).kernels.size(), 2u);  // and the write to the cache
  const auto& work = std::get<chip::PrefillAttention>(together[0].kernels[1].work);
  EXPECT_EQ(work.sequences, 5);
  EXPECT_EQ(work.tokens, 104);
  EXPECT_EQ(work.context, 850);
  EXPECT_EQ(work.decode_sequences, 4);
  EXPECT_EQ(work.decode_context, 800);
  EXPECT_EQ(work.pairs, 100 * 50 + 100 * 101 / 2 + 4 * 201);
  EXPECT_EQ(std::get<chip::DecodeAttention>(together.at(1).kernels.at(1).work).context, 804);
  EXPECT_EQ(rows(table, deployment("llama-3.1-8b", 1)).at(0).kernels.size(), 3u);
}

// The operations of a step are the same whether one kernel does them or two.
TEST(LayerTables, JoiningChangesNoCount) {
  const StepShape shape{4, 800, {{100, 50}, {20, 0}}};
  double flops[2] = {0, 0}, bytes[2] = {0, 0};
  for (const int i : {0, 1})
    for (const Op& op : ops(i == 0 ? deployment("llama-3.1-8b", 1) : joint("llama-3.1-8b", 1), shape))
      if (const auto* kernel = std::get_if<chip::Kernel>(&op.work)) {
        flops[i] += chip::counts_of(*kernel).matrix.value() * op.count;
        bytes[i] += chip::counts_of(*kernel).bytes().value() * op.count;
      }
  EXPECT_EQ(flops[0], flops[1]);
  EXPECT_EQ(bytes[0], bytes[1]);
}

TEST(LayerTables, ATimedStepIsTheSumOfItsJointOps) {
  StepTimer timer(joint("llama-3.1-8b", 1), round_streams());
  const StepShape shape{4, 800, {{100, 50}}};
  StepCost sum;
  for (const auto& line : timer.breakdown(shape)) sum += line.cost;
  EXPECT_EQ(timer(shape).time, sum.time);
}

TEST(LayerTables, RefusalsSayWhere) {
  const auto d = deployment("llama-3.1-8b", 1);
  EXPECT_THAT([&] { rows("layer,tokens,time_us\nqkv_prj,7,50\n", d); },
              ThrowsMessage<core::InputError>(testing::AllOf(HasSubstr("t.csv:2"), HasSubstr("qkv_proj"))));
  EXPECT_THAT([&] { rows("layer,tokens,time_us\nqk_norm,7,50\n", d); },
              ThrowsMessage<core::InputError>(HasSubstr("a layer that the model has")));
  EXPECT_THAT([&] { rows("layer,tokens,time_us\nqkv_proj,0,50\n", d); },
              ThrowsMessage<core::InputError>(HasSubstr("tokens = 0")));
  EXPECT_THAT([&] { rows("layer,tokens,time_us\nqkv_proj,5,-1\n", d); },
              ThrowsMessage<core::InputError>(HasSubstr("time_us = -1")));
  EXPECT_THAT([&] { rows("prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n0,5,0,5,1\n", d); },
              ThrowsMessage<core::InputError>(HasSubstr("t.csv:2")));
}

}  // namespace
}  // namespace wordline::model
