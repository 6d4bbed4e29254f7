#include "wordline/model/deployment.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/cluster/group.h"
#include "wordline/core/error.h"

namespace wordline::model {

namespace {

[[noreturn]] void reject(const Deployment& d, const char* what, int number) {
  throw core::InputError(
      fmt::format("{} over {} ranks: {} {} do not divide by {}", d.architecture.name, d.tp, number, what, d.tp));
}

// Numbers of one layer's matrices that a rank holds.
double layer_matrix_numbers(const Deployment& d) {
  const Attention& attention = d.architecture.attention;
  const double hidden = d.architecture.hidden, head_dim = attention.head_dim;
  const double heads = attention.heads / d.tp, kv_heads = kv_heads_per_rank(d);
  return hidden * head_dim * (2 * heads + 2 * kv_heads) + 3 * hidden * (d.architecture.feed_forward.width / d.tp);
}

// Numbers of one layer that stay bf16: norms on every rank, biases split with their matrices' columns.
double layer_vector_numbers(const Deployment& d) {
  const Attention& attention = d.architecture.attention;
  const FeedForward& ffn = d.architecture.feed_forward;
  const double hidden = d.architecture.hidden, heads = attention.heads / d.tp;
  double numbers = 2 * hidden;
  if (attention.qkv_bias) numbers += (heads + 2 * kv_heads_per_rank(d)) * attention.head_dim;
  if (attention.output_bias) numbers += hidden;
  if (ffn.bias) numbers += 2.0 * (ffn.width / d.tp) + hidden;
  return numbers;
}

}  // namespace

void check_split(const Deployment& d) {
  if (d.tp < 1) throw core::InputError(fmt::format("{} over {} ranks: wanted at least 1", d.architecture.name, d.tp));
  const Attention& attention = d.architecture.attention;
  if (attention.heads % d.tp != 0) reject(d, "attention heads", attention.heads);
  if (attention.kv_heads % d.tp != 0 && d.tp % attention.kv_heads != 0) reject(d, "KV heads", attention.kv_heads);
  if (d.architecture.feed_forward.width % d.tp != 0)
    reject(d, "feed-forward columns", d.architecture.feed_forward.width);
  if (d.kv_block_tokens < 1) throw core::InputError(fmt::format("a KV block of {} tokens", d.kv_block_tokens));
}

void check(const Deployment& d) {
  check_split(d);
  cluster::group_of(d.chip, d.tp);
}

int kv_heads_per_rank(const Deployment& d) { return std::max(1, d.architecture.attention.kv_heads / d.tp); }

int vocabulary_per_rank(const Deployment& d) { return (d.architecture.vocabulary + d.tp - 1) / d.tp; }

MemoryUse memory_of(const Deployment& d, std::int64_t max_num_batched_tokens, std::int64_t max_num_seqs) {
  const Architecture& a = d.architecture;
  const core::Bytes wide = chip::bytes_of(chip::Dtype::bf16);
  const double embeddings = static_cast<double>(vocabulary_per_rank(d)) * a.hidden * (a.tied_embeddings ? 1 : 2);
  MemoryUse out;
  out.weights = chip::bytes_of(d.weights) * (layer_matrix_numbers(d) * a.layers) +
                wide * (layer_vector_numbers(d) * a.layers + a.hidden + embeddings);
  out.kv_per_token = chip::bytes_of(d.kv) * (2.0 * kv_heads_per_rank(d) * a.attention.head_dim * a.layers);
  const double per_token = 2.0 * a.hidden + 3.0 * (a.feed_forward.width / d.tp);
  const core::Bytes logit = wide + core::bytes(4);
  out.activations = wide * (per_token * static_cast<double>(max_num_batched_tokens)) +
                    logit * (static_cast<double>(a.vocabulary) * static_cast<double>(max_num_seqs));
  return out;
}

}  // namespace wordline::model
