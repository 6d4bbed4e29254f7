#include "wordline/model/parts.h"

namespace wordline::model {

namespace {

constexpr double wide_bytes = 2;    // bf16: activations
constexpr double logits_bytes = 4;  // sampling works in 32 bits

// Makes the ops of one deployment for a number of rows (tokens, or sequences with logits).
class Maker {
 public:
  Maker(const Deployment& d, std::int64_t rows) : d_(d), rows_(static_cast<double>(rows)) {}

  // rows x inner times inner x outer, read and written once; activations in bf16.
  Op matmul(const char* name, double outer, double inner, bool bias, chip::Dtype dtype, int count) const {
    const double bias_bytes = bias ? outer * wide_bytes : 0;
    chip::Movement k;
    k.dtype = dtype;
    k.matrix = core::Flops(2 * rows_ * outer * inner);
    k.read = chip::bytes_of(dtype) * (outer * inner) + core::bytes(rows_ * inner * wide_bytes + bias_bytes);
    k.written = core::bytes(rows_ * outer * wide_bytes);
    return {chip::Kernel{name, k}, count};
  }

  // A kernel that only moves: so many bytes a row, and some that all rows share.
  Op movement(const char* name, double read_a_row, double written_a_row, double shared, int count) const {
    chip::Movement k;
    k.read = core::bytes(rows_ * read_a_row + shared);
    k.written = core::bytes(rows_ * written_a_row);
    return {chip::Kernel{name, k}, count};
  }

  // Adds the sub-layer's output to the residual stream and normalises it: reads both, writes both.
  Op norm(const char* name, int count) const {
    const double row = d_.architecture.hidden * wide_bytes;
    return movement(name, 2 * row, 2 * row, row, count);
  }

  Op transfer(const char* name, cluster::Collective collective, double bytes_a_row, int count) const {
    return {cluster::Transfer{name, collective, core::bytes(rows_ * bytes_a_row)}, count};
  }

 private:
  const Deployment& d_;
  double rows_;
};

}  // namespace

std::vector<Op> token_ops(const Deployment& d, std::int64_t tokens) {
  using enum cluster::Collective;
  const Maker make(d, tokens);
  const Architecture& a = d.architecture;
  const int layers = a.layers;
  const double row = a.hidden * wide_bytes;
  const double heads = a.attention.heads / d.tp, kv_heads = kv_heads_per_rank(d), head_dim = a.attention.head_dim;
  const double queries = heads * head_dim, keys = kv_heads * head_dim, width = a.feed_forward.width / d.tp;
  const double cached = 2 * keys * chip::bytes_of(d.kv).value();

  std::vector<Op> out;
  out.push_back(make.movement("embedding", row / d.tp, row, 0, 1));
  if (d.tp > 1) out.push_back(make.transfer("embedding_all_reduce", all_reduce, row, 1));
  out.push_back(make.norm("input_norm", layers));
  out.push_back(make.matmul("qkv_proj", queries + 2 * keys, a.hidden, a.attention.qkv_bias, d.weights, layers));
  out.push_back(make.movement("rope", (queries + 2 * keys) * wide_bytes, queries * wide_bytes + cached, 0, layers));
  out.push_back(make.matmul("o_proj", a.hidden, queries, a.attention.output_bias, d.weights, layers));
  if (d.tp > 1) out.push_back(make.transfer("attention_all_reduce", all_reduce, row, layers));
  out.push_back(make.norm("post_attention_norm", layers));
  out.push_back(make.matmul("gate_up_proj", 2 * width, a.hidden, a.feed_forward.bias, d.weights, layers));
  out.push_back(make.movement("activation", 2 * width * wide_bytes, width * wide_bytes, 0, layers));
  out.push_back(make.matmul("down_proj", a.hidden, width, a.feed_forward.bias, d.weights, layers));
  if (d.tp > 1) out.push_back(make.transfer("mlp_all_reduce", all_reduce, row, layers));
  out.push_back(make.norm("final_norm", 1));
  return out;
}

std::vector<Op> logits_ops(const Deployment& d, std::int64_t rows) {
  const Maker make(d, rows);
  const double vocabulary = d.architecture.vocabulary;
  std::vector<Op> out;
  out.push_back(make.matmul("lm_head", vocabulary_per_rank(d), d.architecture.hidden, false, chip::Dtype::bf16, 1));
  if (d.tp > 1)
    out.push_back(make.transfer("logits_all_gather", cluster::Collective::all_gather, vocabulary * wide_bytes, 1));
  out.push_back(make.movement("sampling", vocabulary * (wide_bytes + logits_bytes), vocabulary * logits_bytes, 0, 1));
  return out;
}

namespace {

// Attention of `queries` tokens over `pairs` query-key pairs, with `keys` tokens read from the cache, on one rank.
chip::Kernel attention(const Deployment& d, const char* name, double queries, double pairs, double keys) {
  const Attention& a = d.architecture.attention;
  const double head_dim = a.head_dim, heads = a.heads / d.tp;
  const double one_side = kv_heads_per_rank(d) * head_dim * chip::bytes_of(d.kv).value();  // keys of a token, or values
  chip::Movement k;
  k.matrix = core::Flops(4 * heads * head_dim * pairs);
  k.read = k.written = core::bytes(queries * heads * head_dim * wide_bytes);
  k.paged = core::bytes(keys * 2 * one_side);
  k.page = core::bytes(one_side * d.kv_block_tokens);
  return {name, k};
}

}  // namespace

chip::Kernel prefill_attention(const Deployment& d, const std::vector<PrefillChunk>& chunks) {
  double queries = 0, pairs = 0, keys = 0;
  for (const auto& chunk : chunks) {
    const auto n = static_cast<double>(chunk.new_tokens), c = static_cast<double>(chunk.context_tokens);
    queries += n;
    keys += c + n;
    pairs += n * c + n * (n + 1) / 2;
  }
  return attention(d, "attn_prefill", queries, pairs, keys);
}

chip::Kernel decode_attention(const Deployment& d, std::int64_t sequences, std::int64_t context_tokens) {
  const auto attended = static_cast<double>(sequences + context_tokens);
  return attention(d, "attn_decode", static_cast<double>(sequences), attended, attended);
}

}  // namespace wordline::model
