// Op tables against hand counts: one model of each kind, whole and split.
#include <algorithm>

#include "fixture.h"
#include "wordline/model/matrices.h"
#include "wordline/model/parts.h"

namespace wordline::model {
namespace {

using chip::Dtype;

const Op* find(const std::vector<Op>& list, const std::string& name) {
  const auto at = std::find_if(list.begin(), list.end(), [&](const Op& op) { return op.name() == name; });
  return at == list.end() ? nullptr : &*at;
}

const Op& op(const std::vector<Op>& list, const std::string& name) {
  if (const Op* found = find(list, name)) return *found;
  throw std::runtime_error("no op " + name);
}

template <class Work = chip::Gemm>
const Work& work(const std::vector<Op>& list, const std::string& name) {
  return std::get<Work>(std::get<chip::Kernel>(op(list, name).work).work);
}

chip::Counts counts(const std::vector<Op>& list, const std::string& name) {
  return chip::counts_of(std::get<chip::Kernel>(op(list, name).work));
}

double bytes(const std::vector<Op>& list, const std::string& name) {
  return std::get<cluster::Transfer>(op(list, name).work).bytes.value();
}

double flops(const std::vector<Op>& list) {
  double sum = 0;
  for (const auto& entry : list)
    if (const auto* k = std::get_if<chip::Kernel>(&entry.work)) sum += chip::counts_of(*k).matrix.value() * entry.count;
  return sum;
}

// As the checkpoint is published.
Deployment published(const std::string& model, int tp = 1) {
  Deployment out = deployment(model, tp);
  out.weights = out.architecture.stated;
  return out;
}

TEST(Ops, CountsOfAMatrixProduct) {
  const auto list = ops(deployment("llama-3.1-70b", 4), {8, 8000, {}});
  const auto qkv = counts(list, "qkv_proj");
  const double outer = (16 + 2 * 2) * 128;
  EXPECT_EQ(qkv.matrix.value(), 2 * 8 * outer * 8192);
  EXPECT_EQ((qkv.weights + qkv.read).value(), 2 * outer * 8192 + 2 * 8 * 8192);
  EXPECT_EQ(qkv.written.value(), 2 * 8 * outer);
  EXPECT_EQ(op(list, "qkv_proj").count, 80);
}

TEST(Ops, NormsAreFusedWithTheResidualButForTheFirst) {
  const auto list = ops(deployment("llama-3.1-8b", 1), {8, 8000, {}});
  EXPECT_EQ(op(list, "first_norm").count, 1);
  EXPECT_EQ(op(list, "input_norm").count, 31);
  EXPECT_EQ(op(list, "post_attention_norm").count, 32);
  EXPECT_EQ(counts(list, "first_norm").bytes().value(), 2 * 8 * 4096 * 2.0);
  EXPECT_EQ(counts(list, "input_norm").bytes().value(), 4 * 8 * 4096 * 2.0);
}

TEST(Ops, DecodeAttentionReadsEveryCachedTokenOnce) {
  const auto list = ops(deployment("llama-3.1-70b", 4, Dtype::bf16, Dtype::fp8), {8, 8000, {}});
  const auto attention = counts(list, "attn_decode");
  EXPECT_EQ(attention.paged.value(), 8008.0 * 2 * 2 * 128);
  EXPECT_EQ(attention.matrix.value(), 4.0 * 16 * 128 * 8008);
  EXPECT_EQ(counts(list, "kv_cache_write").written.value(), 8 * 2.0 * 2 * 128);
}

TEST(Ops, ChunksOfAPromptMultiplyAsManyPairsAsThePromptAtOnce) {
  const auto d = deployment("llama-3.1-8b", 1);
  const double whole = flops(prefill_ops(d, {{1000, 0}}));
  EXPECT_EQ(whole, 32 * 4.0 * 32 * 128 * (1000 * 1001 / 2));
  EXPECT_EQ(flops(prefill_ops(d, {{300, 0}, {700, 300}})), whole);
}

TEST(Ops, PairsWithinAWindowAreThoseOneByOne) {
  for (const int window : {0, 1, 5, 128})
    for (std::int64_t n = 1; n < 20; ++n)
      for (std::int64_t c = 0; c < 12; ++c) {
        double pairs = 0;
        std::int64_t first = c;  // key that the first new token sees first
        for (std::int64_t i = 0; i < n; ++i) {
          const std::int64_t begin = window == 0 ? 0 : std::max<std::int64_t>(0, c + i + 1 - window);
          pairs += static_cast<double>(c + i + 1 - begin);
          first = std::min(first, begin);
        }
        EXPECT_EQ(pairs_of(n, c, window), pairs) << n << ' ' << c << ' ' << window;
        EXPECT_EQ(keys_of(n, c, window), c + n - first) << n << ' ' << c << ' ' << window;
      }
}

TEST(Ops, FlopsOfATokenAreTwiceTheMatrixParametersAndTheAttention) {
  const auto d = deployment("llama-3.1-8b", 1);
  const double matrices = static_cast<double>(layer_matrix_parameters(d.architecture)) + 128256.0 * 4096;
  EXPECT_EQ(flops(ops(d, {1, 99, {}})), 2 * matrices + 32.0 * 4 * 32 * 128 * 100);
}

// Weights that the table's products read, the experts' all, with the vectors, are the parameters: nothing is missing,
// nothing is there twice. With a prompt latent attention multiplies kv_b_proj itself.
TEST(Ops, WeightsOfTheTableAreTheParameters) {
  for (const char* name : {"llama-3.1-8b", "qwen2.5-7b", "qwen3-8b", "mixtral-8x7b", "qwen3-30b-a3b", "deepseek-v3",
                           "kimi-k2", "gpt-oss-20b", "gpt-oss-120b", "ax-4.0", "ax-3.1-light", "ax-k1"}) {
    const Deployment d = published(name);
    const Architecture& a = d.architecture;
    std::int64_t sum = a.hidden;
    if (!a.tied_embeddings) sum += static_cast<std::int64_t>(a.vocabulary) * a.hidden;  // the embedding
    for (std::size_t kind = 0; kind < a.kinds.size(); ++kind) {
      const Vectors vectors = vectors_of(a.kinds[kind], a.hidden);
      sum += a.count(kind) * (vectors.wide + vectors.exact);
    }
    for (const auto& entry : ops(d, {0, 0, {{5, 0}}})) {
      const auto& kernel = std::get<chip::Kernel>(entry.work);
      if (const auto* gemm = std::get_if<chip::Gemm>(&kernel.work))
        sum += entry.count * gemm->n * gemm->k * gemm->batch;
      if (const auto* experts = std::get_if<chip::Experts>(&kernel.work))
        sum += entry.count * 3 * experts->hidden * experts->width * experts->experts;
    }
    EXPECT_EQ(sum, parameters(a)) << name;
  }
}

TEST(Ops, Qwen3NormsEachHeadOfQueriesAndKeys) {
  const auto list = ops(deployment("qwen3-8b", 4), {10, 1000, {}});
  EXPECT_EQ(counts(list, "q_norm").bytes().value(), 2 * 10 * 8 * 128 * 2.0);
  EXPECT_EQ(counts(list, "k_norm").bytes().value(), 2 * 10 * 2 * 128 * 2.0);
  EXPECT_EQ(find(ops(deployment("llama-3.1-8b", 1), {10, 1000, {}}), "q_norm"), nullptr);
}

TEST(Ops, MixtralRoutesTwoOfEight) {
  const auto list = ops(deployment("mixtral-8x7b", 2), {10, 1000, {}});
  const auto& experts = work<chip::Experts>(list, "experts");
  EXPECT_EQ(experts.tokens, 10);
  EXPECT_EQ(experts.width, 14336 / 2);
  EXPECT_EQ(experts.top_k, 2);
  EXPECT_EQ(counts(list, "experts").matrix.value(), 10 * 2 * 6.0 * 4096 * 7168);
  EXPECT_EQ(counts(list, "router").matrix.value(), 2.0 * 10 * 8 * 4096);
  EXPECT_EQ(find(list, "shared_down_proj"), nullptr);
  EXPECT_EQ(find(list, "gate_up_proj"), nullptr);
}

// Hand counts for 10 sequences of DeepSeek-V3 on 8 ranks, 16 of 128 heads each.
TEST(Ops, DeepSeekV3DecodesOnLatentVectors) {
  const auto list = ops(published("deepseek-v3", 8), {10, 990, {}});
  const auto& a = work(list, "qkv_a_proj");
  EXPECT_EQ(a.n, 1536 + 512 + 64);
  EXPECT_EQ(a.k, 7168);
  EXPECT_EQ(a.weights, Dtype::fp8_block);
  EXPECT_EQ(work(list, "q_b_proj").n, 16 * 192);
  EXPECT_EQ(counts(list, "q_absorb").matrix.value(), 2.0 * 10 * 16 * 128 * 512);
  EXPECT_EQ(counts(list, "q_absorb").weights.value(), 16.0 * 128 * 512 * 2);
  EXPECT_EQ(counts(list, "v_up_proj").matrix.value(), 2.0 * 10 * 16 * 512 * 128);
  const auto attention = counts(list, "attn_decode");
  EXPECT_EQ(attention.matrix.value(), 2.0 * 16 * (576 + 512) * 1000);
  EXPECT_EQ(attention.paged.value(), 1000 * 576 * 2.0);
  EXPECT_EQ(counts(list, "kv_cache_write").written.value(), 10 * 576 * 2.0);
  EXPECT_EQ(work(list, "o_proj").k, 16 * 128);
  EXPECT_EQ(find(list, "kv_b_proj"), nullptr);
  EXPECT_EQ(op(list, "attn_decode").count, 61);
  EXPECT_EQ(op(list, "gate_up_proj").count, 3);
  EXPECT_EQ(op(list, "experts").count, 58);
  EXPECT_EQ(work(list, "gate_up_proj").n, 2 * 18432 / 8);
  EXPECT_EQ(work(list, "shared_gate_up_proj").n, 2 * 2048 / 8);
  EXPECT_EQ(work(list, "router").n, 256);
  EXPECT_EQ(work(list, "router").weights, Dtype::bf16);
  EXPECT_EQ(counts(list, "quantise_qkv").written.value(), 10 * 7168 * (1 + 4.0 / 128));
  EXPECT_EQ(op(list, "mlp_all_reduce").count, 61);
}

TEST(Ops, DeepSeekV3FillsWithKeysAndValuesOfEachHead) {
  const auto list = prefill_ops(published("deepseek-v3", 8), {{100, 50}});
  const auto& up = work(list, "kv_b_proj");
  EXPECT_EQ(up.m, 150);
  EXPECT_EQ(up.n, 16 * 256);
  EXPECT_EQ(up.k, 512);
  EXPECT_EQ(counts(list, "attn_prefill").matrix.value(), 2.0 * 16 * (192 + 128) * (100 * 50 + 100 * 101 / 2));
}

TEST(Ops, AxK1NormsTheOutputOfItsExperts) {
  const auto list = ops(published("ax-k1"), {10, 990, {}});
  EXPECT_EQ(op(list, "post_mlp_norm").count, 60);
  EXPECT_EQ(counts(list, "post_mlp_norm").bytes().value(), 2 * 10 * 7168 * 2.0);
  EXPECT_EQ(find(ops(published("deepseek-v3"), {10, 990, {}}), "post_mlp_norm"), nullptr);
}

// Half of gpt-oss's layers look at 128 tokens; the others at all.
TEST(Ops, GptOssLooksThroughAWindowInEverySecondLayer) {
  const auto list = decode_ops(published("gpt-oss-20b"), {10, 10000});
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].count, 12);
  EXPECT_EQ(std::get<chip::DecodeAttention>(std::get<chip::Kernel>(list[0].work).work).context, 10 * 128);
  EXPECT_EQ(std::get<chip::DecodeAttention>(std::get<chip::Kernel>(list[1].work).work).context, 10010);
  const auto table = ops(published("gpt-oss-20b"), {10, 10000, {}});
  EXPECT_EQ(op(table, "qkv_proj").count, 24);  // equal in both kinds
  EXPECT_EQ(work<chip::Experts>(table, "experts").weights, Dtype::mxfp4);
  EXPECT_EQ(work<chip::Experts>(table, "experts").operands, Dtype::bf16);
  EXPECT_EQ(work(table, "qkv_proj").weights, Dtype::bf16);
  EXPECT_EQ(find(table, "quantise_experts"), nullptr);
}

TEST(Ops, SeveralQueriesOfASequenceShareItsKeys) {
  const Deployment d = deployment("llama-3.1-8b", 1);
  const auto attention = [&](const Decoding& of) {
    return std::get<chip::DecodeAttention>(std::get<chip::Kernel>(decode_ops(d, of)[0].work).work);
  };
  EXPECT_EQ(attention({10, 10000, 4}).heads, 4 * 32);
  EXPECT_EQ(attention({10, 10000, 4}).kv_heads, 8);
  EXPECT_EQ(attention({10, 10000, 4}).context, 10000 + 10 * 4);
  EXPECT_EQ(attention({10, 10000}).heads, 32);
  const auto list = ops(d, {10, 10000, {}, 0, 4, 4});
  EXPECT_EQ(work(list, "qkv_proj").m, 40);
  EXPECT_EQ(work(list, "lm_head").m, 40);
  const auto windows = decode_ops(published("gpt-oss-20b"), {10, 10000, 4});
  EXPECT_EQ(std::get<chip::DecodeAttention>(std::get<chip::Kernel>(windows[0].work).work).context, 10 * 131);
  const auto latent = decode_ops(published("deepseek-v3", 8), {10, 10000, 4});
  EXPECT_EQ(work(latent, "q_absorb").m, 40);
  EXPECT_EQ(work<chip::DecodeAttention>(latent, "attn_decode").heads, 4 * 16);
  EXPECT_EQ(work<chip::DecodeAttention>(latent, "attn_decode").kv_heads, 1);
}

TEST(Ops, WhereAttentionIsJointTheQueriesOfASequenceGoAlong) {
  const auto list = prefill_ops(deployment("llama-3.1-8b", 1), {{100, 50}}, {10, 10000, 4});
  const auto& joint = work<chip::PrefillAttention>(list, "attn_prefill");
  EXPECT_EQ(joint.sequences, 11);
  EXPECT_EQ(joint.tokens, 100 + 40);
  EXPECT_EQ(joint.decode_queries, 4);
  EXPECT_EQ(joint.context, 50 + 10000);
  // 1000 + 1, + 2, + 3, + 4 keys of each sequence.
  EXPECT_EQ(joint.pairs, 100 * 50 + 100 * 101 / 2 + 10 * (4 * 1000 + 10));
}

TEST(Ops, DynamicFp8QuantisesBeforeEachProductAndFixedScalesDoNot) {
  Deployment d = deployment("llama-3.1-8b", 1, Dtype::fp8);
  const auto list = ops(d, {10, 1000, {}});
  for (const char* name : {"quantise_qkv", "quantise_attention", "quantise_mlp", "quantise_down"})
    EXPECT_EQ(op(list, name).count, 32) << name;
  EXPECT_EQ(work(list, "down_proj").operands, Dtype::fp8);
  EXPECT_EQ(work(list, "lm_head").operands, Dtype::bf16);
  d.architecture.stated = Dtype::fp8;
  d.architecture.quantisation.activations = Activations::fixed;
  for (auto& kind : d.architecture.kinds) kind.formats.fill(online(Dtype::fp8).format);
  const auto fixed = ops(d, {10, 1000, {}});
  EXPECT_EQ(find(fixed, "quantise_qkv"), nullptr);
  // The norm writes the residual stream in 16 bits and its output in 8.
  EXPECT_EQ(counts(fixed, "input_norm").written.value(), 10 * 4096 * 3.0);
  EXPECT_EQ(counts(fixed, "activation").written.value(), 10 * 14336 * 1.0);
}

TEST(Ops, WithoutEnginesForFp8WeightsAreWidenedAndNothingIsQuantised) {
  Deployment d = deployment("llama-3.1-8b", 1, Dtype::fp8);
  d.chip.engines.erase(Dtype::fp8);
  const auto list = ops(d, {10, 1000, {}});
  EXPECT_EQ(find(list, "quantise_qkv"), nullptr);
  EXPECT_EQ(work(list, "qkv_proj").weights, Dtype::fp8);
  EXPECT_EQ(work(list, "qkv_proj").operands, Dtype::bf16);
}

TEST(Transfers, OneRankHasNone) {
  for (const char* name : {"llama-3.1-8b", "deepseek-v3", "gpt-oss-20b"})
    for (const auto& entry : ops(published(name), {4, 400, {}}))
      EXPECT_TRUE(std::holds_alternative<chip::Kernel>(entry.work)) << entry.name();
}

TEST(Transfers, AnEmptyStepHasNoOps) { EXPECT_TRUE(ops(deployment("llama-3.1-8b", 1), {}).empty()); }

TEST(Transfers, TensorParallelismSumsAfterEachSubLayer) {
  const auto list = ops(deployment("llama-3.1-8b", 4), {10, 1000, {}});
  EXPECT_EQ(bytes(list, "attention_all_reduce"), 10 * 4096 * 2.0);
  EXPECT_EQ(op(list, "attention_all_reduce").count, 32);
  EXPECT_EQ(op(list, "mlp_all_reduce").count, 32);
  EXPECT_EQ(op(list, "mlp_all_reduce").chips, 4);
  EXPECT_EQ(bytes(list, "logits_all_gather"), 10 * 128256 * 2.0);
}

TEST(Transfers, StagesSendResidualAndOutput) {
  Deployment d = deployment("llama-3.1-8b", 2);
  d.pp = 4;
  const auto list = ops(d, {10, 1000, {}});
  EXPECT_EQ(op(list, "pp_send_recv").count, 3);
  EXPECT_EQ(bytes(list, "pp_send_recv"), 2 * 10 * 4096 * 2.0 / 2);
  EXPECT_EQ(bytes(list, "pp_all_gather"), 2 * 10 * 4096 * 2.0);
}

// Four data-parallel ranks of two: their experts are spread over eight, or each cut in eight.
TEST(Transfers, DataParallelRanksBringTokensToTheExperts) {
  Deployment d = published("deepseek-v3", 2);
  d.dp = 4, d.ep = 8;
  const auto spread = ops(d, {10, 1000, {}});
  EXPECT_EQ(work<chip::Experts>(spread, "experts").tokens, 40);
  EXPECT_EQ(work<chip::Experts>(spread, "experts").ranks, 8);
  EXPECT_EQ(work<chip::Experts>(spread, "experts").width, 2048);
  // 32 experts a rank: a rank has none of a token's eight with probability (224! 248!) / (216! 256!).
  double missed = 1;
  for (int i = 0; i < 8; ++i) missed *= (224.0 - i) / (256.0 - i);
  EXPECT_NEAR(bytes(spread, "moe_dispatch"), 5 * 7168 * (1 + 4.0 / 128) * 8 * (1 - missed), 1e-6);
  EXPECT_NEAR(bytes(spread, "moe_combine"), 5 * 7168 * 2.0 * 8 * (1 - missed), 1e-6);
  EXPECT_EQ(bytes(spread, "moe_tp_all_gather"), 10 * 7168 * 2.0);
  EXPECT_EQ(op(spread, "mlp_all_reduce").count, 3);  // of the dense layers
  EXPECT_EQ(op(spread, "shared_all_reduce").count, 58);

  d.ep = 1;
  const auto cut = ops(d, {10, 1000, {}});
  EXPECT_EQ(work<chip::Experts>(cut, "experts").width, 2048 / 8);
  EXPECT_EQ(bytes(cut, "moe_all_gather"), 40 * 7168 * (1 + 4.0 / 128));
  EXPECT_EQ(bytes(cut, "moe_reduce_scatter"), 40 * 7168 * 2.0);
}

// With one data-parallel rank all ranks have the tokens already, wherever the experts are.
TEST(Transfers, ExpertsOfOneTensorParallelGroupNeedNoExchange) {
  Deployment d = published("qwen3-30b-a3b", 4);
  d.ep = 4;
  const auto list = ops(d, {10, 1000, {}});
  EXPECT_EQ(find(list, "moe_dispatch"), nullptr);
  EXPECT_EQ(op(list, "mlp_all_reduce").count, 48);
  EXPECT_EQ(work<chip::Experts>(list, "experts").width, 768);
  EXPECT_EQ(work<chip::Experts>(list, "experts").ranks, 4);
}

}  // namespace
}  // namespace wordline::model
