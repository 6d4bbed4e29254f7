#include "wordline/model/deployment.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/cluster/group.h"
#include "wordline/core/error.h"

namespace wordline::model {

namespace {

constexpr double wide_bytes = 2, exact_bytes = 4;
constexpr std::int64_t most_chips = 1 << 20;

[[noreturn]] void reject(const Deployment& d, const std::string& why) {
  throw core::InputError(fmt::format("{} on {} x {} x {} chips (tp, pp, dp), ep {}: {}", d.architecture.name, d.tp,
                                     d.pp, d.dp, d.ep, why));
}

void check_layer(const Deployment& d, const Layer& layer) {
  if (d.tp > layer.attention.heads)
    reject(d, fmt::format("{} attention heads for {} ranks", layer.attention.heads, d.tp));
  const FeedForward& ffn = layer.feed_forward;
  if (ffn.width > 0 && d.tp > ffn.width)
    reject(d, fmt::format("{} feed-forward columns for {} ranks", ffn.width, d.tp));
  if (ffn.experts && d.ep > ffn.experts->count)
    reject(d, fmt::format("{} experts for {} ranks", ffn.experts->count, d.ep));
  if (ffn.experts && d.eplb && (ffn.experts->count + d.redundant_experts) % d.ep != 0)
    reject(d, fmt::format("{} experts and {} redundant ones for {} ranks: wanted as many on each", ffn.experts->count,
                          d.redundant_experts, d.ep));
}

// Bytes that a layer's latent attention holds a second time.
double absorbed_bytes(const Layer& layer, const Share& share) {
  if (!layer.attention.latent) return 0;
  const LatentAttention& l = *layer.attention.latent;
  return wide_bytes * heads_of(layer.attention, share) * static_cast<double>(l.nope_dim + l.value_dim) * l.kv_rank;
}

// Numbers of one token that a layer's inner activations take at their peak on one rank.
double inner_numbers(const Deployment& d, const Layer& layer) {
  const Share share = share_of(d);
  const Attention& a = layer.attention;
  const double heads = heads_of(a, share), kv_heads = kv_heads_of(a, share);
  const double value_dim = a.latent ? a.latent->value_dim : a.head_dim;
  const double attention = heads * (a.head_dim + value_dim) + kv_heads * (a.head_dim + value_dim);
  const FeedForward& ffn = layer.feed_forward;
  double inside = 3.0 * columns_of(ffn.width, d.tp);
  if (ffn.experts) {
    const Experts& e = *ffn.experts;
    const double pairs = static_cast<double>(d.dp) * e.top_k / d.ep;  // choices that meet on a rank, evenly spread
    inside = pairs * (3.0 * columns_of(e.width, share.expert_tp) + d.architecture.hidden) +
             3.0 * columns_of(e.shared_width, d.tp);
  }
  return std::max(attention, inside);
}

void check_routing(const Deployment& d) {
  if (!(d.expert_skew >= 0 && d.expert_skew <= most_expert_skew))
    reject(d, fmt::format("an expert skew of {}: wanted 0 to {}", d.expert_skew, most_expert_skew));
  if (d.redundant_experts < 0 || d.redundant_experts > most_chips)
    reject(d, fmt::format("{} redundant experts: wanted 0 to {}", d.redundant_experts, most_chips));
  if (d.redundant_experts > 0 && !d.eplb)
    reject(d, fmt::format("{} redundant experts without EPLB, which places them", d.redundant_experts));
  if (d.eplb && d.ep == 1) reject(d, "EPLB with one rank of experts: there is nothing to balance");
}

}  // namespace

void check_split(const Deployment& d) {
  if (d.tp < 1 || d.pp < 1 || d.dp < 1 || d.ep < 1) reject(d, "wanted at least 1 of each");
  if (std::int64_t{d.tp} * d.pp > most_chips || std::int64_t{d.tp} * d.pp * d.dp > most_chips)
    reject(d, fmt::format("wanted at most {} chips", most_chips));
  if (d.pp > d.architecture.layers()) reject(d, fmt::format("{} layers for {} stages", d.architecture.layers(), d.pp));
  if ((d.tp * d.dp) % d.ep != 0)
    reject(d, fmt::format("experts over {} of {} ranks: wanted a divisor", d.ep, d.tp * d.dp));
  check_routing(d);
  for (const Layer& layer : d.architecture.kinds) check_layer(d, layer);
  const auto has_experts = [](const Layer& layer) { return layer.feed_forward.experts.has_value(); };
  if (d.ep > 1 && std::none_of(d.architecture.kinds.begin(), d.architecture.kinds.end(), has_experts))
    reject(d, "the model has no experts to spread");
  if (d.expert_skew > 0 && std::none_of(d.architecture.kinds.begin(), d.architecture.kinds.end(), has_experts))
    reject(d, fmt::format("an expert skew of {}: the model has no experts", d.expert_skew));
  if (d.kv_block_tokens < 1) throw core::InputError(fmt::format("a KV block of {} tokens", d.kv_block_tokens));
}

void check(const Deployment& d) {
  check_split(d);
  cluster::group_of(d.chip, chips_of(d));
}

int chips_of(const Deployment& d) { return d.tp * d.pp * d.dp; }

Share share_of(const Deployment& d) { return {d.tp, d.ep, d.tp * d.dp / d.ep, d.redundant_experts}; }

chip::ExpertRouting routing_of(const Deployment& d, const Experts& e) {
  return {e.count, std::min(e.top_k, e.count), d.ep, d.expert_skew, d.eplb, d.redundant_experts};
}

double expert_imbalance(const Deployment& d) {
  double out = 1;
  if (d.ep == 1 || (d.expert_skew == 0 && d.redundant_experts == 0)) return out;
  for (const Layer& layer : d.architecture.kinds)
    if (const auto& experts = layer.feed_forward.experts)
      out = std::max(out, chip::placed(routing_of(d, *experts))->imbalance);
  return out;
}

int vocabulary_per_rank(const Deployment& d) { return (d.architecture.vocabulary + d.tp - 1) / d.tp; }

std::pair<int, int> layers_of_stage(const Deployment& d, int stage) {
  const int layers = d.architecture.layers(), each = layers / d.pp, left = layers % d.pp;
  // Stages pp - 2, pp - 3, ... take one more; with one stage there is nothing left over.
  const auto before = [&](int s) { return each * s + std::clamp(s - (d.pp - 1 - left), 0, left); };
  return {before(stage), before(stage + 1)};
}

Formats formats_of(const Deployment& d, const Layer& layer) {
  if (d.weights == d.architecture.stated) return layer.formats;
  Formats out;
  out.fill(online(d.weights).format);
  return out;
}

Storage output_of(const Deployment& d) {
  return d.weights == d.architecture.stated ? d.architecture.output : Storage{};
}

Activations activations_of(const Deployment& d) {
  return d.weights == d.architecture.stated ? d.architecture.quantisation.activations : online(d.weights).activations;
}

MemoryUse memory_of_stage(const Deployment& d, int stage, std::int64_t max_num_batched_tokens,
                          std::int64_t max_num_seqs) {
  const Architecture& a = d.architecture;
  const Share share = share_of(d);
  const auto [first, last] = layers_of_stage(d, stage);
  MemoryUse out;
  double inner = 0, cached = 0;
  for (std::size_t kind = 0; kind < a.kinds.size(); ++kind) {
    const double layers = a.count(kind, first, last);
    if (layers == 0) continue;
    const Layer& layer = a.kinds[kind];
    out.weights +=
        (bytes_of(layer, formats_of(d, layer), a.hidden, share) + core::bytes(absorbed_bytes(layer, share))) * layers;
    inner = std::max(inner, inner_numbers(d, layer));
    cached += layers * static_cast<double>(cached_per_rank(layer.attention, share));
  }
  const bool begins = stage == 0, ends = stage == d.pp - 1;
  const core::Bytes embedding = core::bytes(wide_bytes * vocabulary_per_rank(d) * a.hidden);
  if (begins || (ends && a.tied_embeddings)) out.weights += embedding;
  if (ends) out.weights += core::bytes(wide_bytes * a.hidden);
  if (ends && !a.tied_embeddings) out.weights += bytes_of(output_of(d), vocabulary_per_rank(d), a.hidden);
  out.kv_per_token = chip::bytes_of(d.kv) * cached;
  const auto tokens = static_cast<double>(max_num_batched_tokens), rows = static_cast<double>(max_num_seqs);
  out.activations = core::bytes(wide_bytes * (2.0 * a.hidden + inner) * tokens);
  const double sampled = (wide_bytes + 3 * exact_bytes) * rows + exact_bytes * d.chip.cores.count;
  if (ends)
    out.activations = std::max(out.activations, core::bytes(wide_bytes * a.hidden * tokens + sampled * a.vocabulary));
  return out;
}

MemoryUse memory_of(const Deployment& d, std::int64_t max_num_batched_tokens, std::int64_t max_num_seqs) {
  MemoryUse out;
  double fewest = 0;
  for (int stage = 0; stage < d.pp; ++stage) {
    const MemoryUse use = memory_of_stage(d, stage, max_num_batched_tokens, max_num_seqs);
    const double tokens = (d.chip.memory.capacity - use.weights - use.activations) / use.kv_per_token;
    if (stage > 0 && tokens >= fewest) continue;
    fewest = tokens;
    out = use;
  }
  return out;
}

}  // namespace wordline::model
