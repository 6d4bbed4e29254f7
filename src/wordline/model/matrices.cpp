#include "wordline/model/matrices.h"

#include <algorithm>

namespace wordline::model {

namespace {

constexpr double wide_bytes = 2, exact_bytes = 4;

int rounded_up(int a, int b) { return (a + b - 1) / b; }

// gate_proj, up_proj, down_proj of one width.
void add_gated(std::vector<Matrix>& out, Part part, int width, int hidden, int ranks, std::int64_t copies, int ep) {
  const std::int64_t columns = columns_of(width, ranks);
  const int shares = ranks * ep;
  out.push_back({"gate_proj", part, columns, hidden, copies, shares});
  out.push_back({"up_proj", part, columns, hidden, copies, shares});
  out.push_back({"down_proj", part, hidden, columns, copies, shares});
}

void add_latent(std::vector<Matrix>& out, const Attention& a, int hidden, const Share& share) {
  const LatentAttention& l = *a.latent;
  const std::int64_t heads = heads_of(a, share), queries = heads * a.head_dim;
  if (l.q_rank > 0) {
    out.push_back({"q_a_proj", Part::attention_in, l.q_rank, hidden});
    out.push_back({"q_b_proj", Part::attention_in, queries, l.q_rank, 1, share.tp});
  } else {
    out.push_back({"q_proj", Part::attention_in, queries, hidden, 1, share.tp});
  }
  out.push_back({"kv_a_proj_with_mqa", Part::attention_in, l.kv_rank + l.rope_dim, hidden});
  out.push_back({"kv_b_proj", Part::attention_in, heads * (l.nope_dim + l.value_dim), l.kv_rank, 1, share.tp});
  out.push_back({"o_proj", Part::attention_out, hidden, heads * l.value_dim, 1, share.tp});
}

void add_grouped(std::vector<Matrix>& out, const Attention& a, int hidden, const Share& share) {
  const std::int64_t queries = std::int64_t{heads_of(a, share)} * a.head_dim;
  const std::int64_t keys = std::int64_t{kv_heads_of(a, share)} * a.head_dim;
  const int kv_shares = std::min(share.tp, a.kv_heads);
  out.push_back({"q_proj", Part::attention_in, queries, hidden, 1, share.tp});
  out.push_back({"k_proj", Part::attention_in, keys, hidden, 1, kv_shares});
  out.push_back({"v_proj", Part::attention_in, keys, hidden, 1, kv_shares});
  out.push_back({"o_proj", Part::attention_out, hidden, queries, 1, share.tp});
}

}  // namespace

int heads_of(const Attention& a, const Share& share) {
  if (a.latent) return rounded_up(a.heads, share.tp);
  const int group = a.heads / a.kv_heads;
  if (share.tp <= a.kv_heads) return rounded_up(a.kv_heads, share.tp) * group;
  return rounded_up(group, share.tp / a.kv_heads);
}

int kv_heads_of(const Attention& a, const Share& share) { return rounded_up(a.kv_heads, share.tp); }

std::int64_t cached_per_rank(const Attention& a, const Share& share) {
  return a.latent ? cached_numbers(a) : 2LL * kv_heads_of(a, share) * a.head_dim;
}

int columns_of(int width, int ranks) { return rounded_up(width, ranks); }

int experts_of(const Experts& experts, const Share& share) {
  return rounded_up(experts.count + share.redundant_experts, share.ep);
}

std::vector<Matrix> matrices_of(const Layer& layer, int hidden, const Share& share) {
  std::vector<Matrix> out;
  if (layer.attention.latent)
    add_latent(out, layer.attention, hidden, share);
  else
    add_grouped(out, layer.attention, hidden, share);
  const FeedForward& ffn = layer.feed_forward;
  if (ffn.width > 0) add_gated(out, Part::feed_forward, ffn.width, hidden, share.tp, 1, 1);
  if (ffn.experts) {
    const Experts& e = *ffn.experts;
    if (e.shared_width > 0) add_gated(out, Part::shared_experts, e.shared_width, hidden, share.tp, 1, 1);
    add_gated(out, Part::experts, e.width, hidden, share.expert_tp, experts_of(e, share), share.ep);
  }
  return out;
}

std::int64_t router_numbers(const Layer& layer, int hidden) {
  return layer.feed_forward.experts ? std::int64_t{layer.feed_forward.experts->count} * hidden : 0;
}

Vectors vectors_of(const Layer& layer, int hidden, const Share& share) {
  const Attention& a = layer.attention;
  Vectors out;
  out.wide = std::int64_t{hidden} * (layer.post_norm ? 3 : 2);
  if (a.latent) out.wide += a.latent->q_rank + a.latent->kv_rank;
  if (a.qk_norm) out.wide += 2 * a.head_dim;
  if (a.sinks) out.wide += heads_of(a, share);
  if (a.qkv_bias) out.wide += std::int64_t{heads_of(a, share) + 2 * kv_heads_of(a, share)} * a.head_dim;
  if (a.output_bias) out.wide += hidden;
  const FeedForward& ffn = layer.feed_forward;
  if (ffn.bias && ffn.width > 0) out.wide += 2 * columns_of(ffn.width, share.tp) + hidden;
  if (ffn.experts) {
    const Experts& e = *ffn.experts;
    if (e.bias) out.wide += std::int64_t{experts_of(e, share)} * (2 * columns_of(e.width, share.expert_tp) + hidden);
    if (e.router_bias) out.wide += e.count;
    if (e.correction_bias) out.exact += e.count;
  }
  return out;
}

core::Bytes bytes_of(const Layer& layer, const Formats& formats, int hidden, const Share& share) {
  core::Bytes out;
  for (const Matrix& m : matrices_of(layer, hidden, share))
    out += bytes_of(formats[static_cast<std::size_t>(m.part)], m.rows, m.columns) * static_cast<double>(m.copies);
  const Vectors vectors = vectors_of(layer, hidden, share);
  return out + core::bytes(wide_bytes * static_cast<double>(router_numbers(layer, hidden) + vectors.wide) +
                           exact_bytes * static_cast<double>(vectors.exact));
}

}  // namespace wordline::model
