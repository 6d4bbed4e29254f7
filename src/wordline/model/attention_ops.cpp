// Attention of one layer: projections and cache by token, the products with cached keys and values by sequence.
#include <algorithm>

#include "wordline/model/parts.h"
#include "wordline/model/parts_internal.h"

namespace wordline::model {

namespace {

constexpr double wide_bytes = 2;

// Writes what is new of keys and values, or of the latent vector, to the cache: read in 16 bits, written in the
// cache's, where attention does not do that itself.
chip::Kernel cache_write(const Deployment& d, std::int64_t tokens, std::int64_t numbers) {
  chip::Movement work;
  const double all = static_cast<double>(tokens) * static_cast<double>(numbers);
  work.read = core::bytes(all * wide_bytes);
  work.written = chip::bytes_of(d.kv) * all;
  return {"kv_cache_write", work};
}

void add_grouped(OpList& out, const Deployment& d, const LayerWork& w) {
  const Attention& a = w.layer.attention;
  const std::int64_t heads = heads_of(a, share_of(d)), kv_heads = kv_heads_of(a, share_of(d));
  const std::int64_t queries = heads * a.head_dim, keys = kv_heads * a.head_dim;
  const Storage& in = w.format(Part::attention_in);
  out.quantise("quantise_qkv", w.tokens, d.architecture.hidden, in, w.layers);
  out.gemm("qkv_proj", w.tokens, queries + 2 * keys, d.architecture.hidden, in, w.layers);
  if (a.qk_norm) {
    out.add(chip::rms_norm("q_norm", w.tokens * heads, a.head_dim, false), w.layers);
    out.add(chip::rms_norm("k_norm", w.tokens * kv_heads, a.head_dim, false), w.layers);
  }
  if (chip::attention_prepares(d.chip)) return;
  out.add(chip::rotary("rope", w.tokens, queries + keys, {}), w.layers);
  out.add(cache_write(d, w.tokens, 2 * keys), w.layers);
}

void add_latent(OpList& out, const Deployment& d, const LayerWork& w) {
  const Attention& a = w.layer.attention;
  const LatentAttention& l = *a.latent;
  const std::int64_t heads = heads_of(a, share_of(d)), hidden = d.architecture.hidden;
  const Storage& in = w.format(Part::attention_in);
  out.quantise("quantise_qkv", w.tokens, hidden, in, w.layers);
  if (l.q_rank > 0) {
    out.gemm("qkv_a_proj", w.tokens, l.q_rank + l.kv_rank + l.rope_dim, hidden, in, w.layers);
    out.add(out.feeding(chip::rms_norm("q_a_norm", w.tokens, l.q_rank, false), static_cast<double>(w.tokens) * l.q_rank,
                        in),
            w.layers);
    out.quantise("quantise_q", w.tokens, l.q_rank, in, w.layers);
    out.gemm("q_b_proj", w.tokens, heads * a.head_dim, l.q_rank, in, w.layers);
  } else {
    out.gemm("q_proj", w.tokens, heads * a.head_dim, hidden, in, w.layers);
    out.gemm("kv_a_proj", w.tokens, l.kv_rank + l.rope_dim, hidden, in, w.layers);
  }
  out.add(chip::rms_norm("kv_a_norm", w.tokens, l.kv_rank, false), w.layers);
  if (chip::attention_prepares(d.chip)) return;
  out.add(chip::rotary("rope", w.tokens, (heads + 1) * l.rope_dim, {}), w.layers);
  out.add(cache_write(d, w.tokens, l.kv_rank + l.rope_dim), w.layers);
}

// A product for each head: rows x k with n x k, in 16 bits.
chip::Kernel by_head(const char* name, std::int64_t rows, std::int64_t n, std::int64_t k, std::int64_t heads) {
  chip::Gemm work;
  work.m = rows, work.n = n, work.k = k, work.batch = heads;
  return {name, work};
}

// What all attention kernels of a layer have in common on one rank.
template <class Work>
Work shape_of(const Deployment& d, const Attention& a) {
  Work work;
  work.heads = heads_of(a, share_of(d));
  work.kv_heads = kv_heads_of(a, share_of(d));
  work.head_dim = work.value_dim = a.head_dim;
  work.kv = d.kv;
  return work;
}

// Tokens that decoding sequences read, their own new ones included.
std::int64_t read_by_decoding(const Decoding& of, int window) {
  const std::int64_t all = of.sequences * of.queries + of.context_tokens;
  return window > 0 ? std::min(all, of.sequences * (window + of.queries - 1)) : all;
}

}  // namespace

double pairs_of(std::int64_t n, std::int64_t c, int window) {
  // The first `rising` tokens meet one more key each, the others a window full.
  const std::int64_t rising = window == 0 ? n : std::clamp<std::int64_t>(window - c, 0, n);
  const auto r = static_cast<double>(rising);
  return r * static_cast<double>(c) + r * (r + 1) / 2 + static_cast<double>(n - rising) * window;
}

std::int64_t keys_of(std::int64_t n, std::int64_t c, int window) {
  return n + (window == 0 ? c : std::min<std::int64_t>(c, window - 1));
}

void add_attention(OpList& out, const Deployment& d, const LayerWork& w) {
  const Attention& a = w.layer.attention;
  if (a.latent)
    add_latent(out, d, w);
  else
    add_grouped(out, d, w);
  const std::int64_t width = std::int64_t{heads_of(a, share_of(d))} * (a.latent ? a.latent->value_dim : a.head_dim);
  const Storage& format = w.format(Part::attention_out);
  out.quantise("quantise_attention", w.tokens, width, format, w.layers);
  out.gemm("o_proj", w.tokens, d.architecture.hidden, width, format, w.layers);
  out.add("attention_all_reduce", cluster::Collective::all_reduce,
          static_cast<double>(w.tokens) * d.architecture.hidden * wide_bytes, d.tp, w.layers);
}

bool joint_attention(const Deployment& d) {
  const auto latent = [](const Layer& layer) { return layer.attention.latent.has_value(); };
  return chip::attention_joint(d.chip) &&
         std::none_of(d.architecture.kinds.begin(), d.architecture.kinds.end(), latent);
}

std::vector<Op> prefill_ops(const Deployment& d, const std::vector<PrefillChunk>& chunks, const Decoding& beside) {
  OpList out(d);
  for (std::size_t kind = 0; kind < d.architecture.kinds.size() && !chunks.empty(); ++kind) {
    const Layer& layer = d.architecture.kinds[kind];
    const Attention& a = layer.attention;
    const int layers = d.architecture.count(kind);
    auto work = shape_of<chip::PrefillAttention>(d, a);
    for (const auto& chunk : chunks) {
      ++work.sequences;
      work.tokens += chunk.new_tokens;
      work.context += keys_of(chunk.new_tokens, chunk.context_tokens, a.window) - chunk.new_tokens;
      work.pairs += pairs_of(chunk.new_tokens, chunk.context_tokens, a.window);
    }
    if (beside.sequences > 0) {
      const std::int64_t read = read_by_decoding(beside, a.window), queries = beside.queries;
      work.decode_sequences = beside.sequences;
      work.decode_queries = queries;
      work.decode_context = read - beside.sequences * queries;
      work.sequences += beside.sequences;
      work.tokens += beside.sequences * queries;
      work.context += work.decode_context;
      work.pairs += static_cast<double>(queries * read - beside.sequences * (queries * (queries - 1) / 2));
    }
    if (a.latent) {
      const LatentAttention& l = *a.latent;
      const Storage format = formats_of(d, layer)[static_cast<std::size_t>(Part::attention_in)];
      const std::int64_t keys = work.tokens + work.context;
      out.quantise("quantise_kv", keys, l.kv_rank, format, layers);
      out.gemm("kv_b_proj", keys, std::int64_t{work.heads} * (l.nope_dim + l.value_dim), l.kv_rank, format, layers);
      work.value_dim = l.value_dim;
      work.kv = chip::Dtype::bf16;  // as kv_b_proj wrote them
    }
    out.add({"attn_prefill", work}, layers);
  }
  return out.take();
}

DecodeOps::DecodeOps(const Deployment& d) {
  int heads = 0;
  const auto add = [&](chip::Kernel kernel, int layers, int window) {
    ops_.push_back({std::move(kernel), layers, d.tp * d.dp});
    windows_.push_back(window);
    heads_.push_back(heads);
  };
  for (std::size_t kind = 0; kind < d.architecture.kinds.size(); ++kind) {
    const Attention& a = d.architecture.kinds[kind].attention;
    const int layers = d.architecture.count(kind);
    if (layers == 0) continue;
    auto work = shape_of<chip::DecodeAttention>(d, a);
    heads = work.heads;
    work.page_tokens = d.kv_block_tokens;
    if (a.latent) {
      const LatentAttention& l = *a.latent;
      work.kv_heads = 1;
      work.head_dim = l.kv_rank + l.rope_dim;
      work.value_dim = l.kv_rank;
      work.latent = true;
      add(by_head("q_absorb", 0, l.kv_rank, l.nope_dim, work.heads), layers, 0);
    }
    add({"attn_decode", work}, layers, a.window);
    if (a.latent) add(by_head("v_up_proj", 0, a.latent->value_dim, a.latent->kv_rank, work.heads), layers, 0);
  }
}

const std::vector<Op>& DecodeOps::at(const Decoding& of) {
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    auto& work = std::get<chip::Kernel>(ops_[i].work).work;
    if (auto* product = std::get_if<chip::Gemm>(&work)) {
      product->m = of.sequences * of.queries;
      continue;
    }
    auto& decode = std::get<chip::DecodeAttention>(work);
    decode.sequences = of.sequences;
    decode.queries = static_cast<int>(of.queries);
    decode.heads = heads_[i] * decode.queries;
    decode.context = read_by_decoding(of, windows_[i]);
  }
  return ops_;
}

std::vector<Op> decode_ops(const Deployment& d, const Decoding& of) {
  OpList out(d);
  DecodeOps all(d);
  if (of.sequences > 0)
    for (const Op& op : all.at(of)) out.add(std::get<chip::Kernel>(op.work), op.count);
  return out.take();
}

}  // namespace wordline::model
