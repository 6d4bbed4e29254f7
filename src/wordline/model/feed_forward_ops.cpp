// Feed-forward of one layer: dense, or router, experts and the transfers that bring tokens to them.
#include <algorithm>

#include "wordline/model/parts_internal.h"

namespace wordline::model {

namespace {

constexpr double wide_bytes = 2;

// gate_up_proj, the activation and down_proj of so many columns.
void add_gated(OpList& out, const Deployment& d, const LayerWork& w, Part part, std::int64_t columns, bool shared) {
  const std::int64_t hidden = d.architecture.hidden;
  const Storage& format = w.format(part);
  const auto name = [&](const char* dense, const char* of_shared) { return shared ? of_shared : dense; };
  out.quantise(name("quantise_mlp", "quantise_shared"), w.tokens, hidden, format, w.layers);
  out.gemm(name("gate_up_proj", "shared_gate_up_proj"), w.tokens, 2 * columns, hidden, format, w.layers);
  out.add(out.feeding(chip::gated_activation(name("activation", "shared_activation"), w.tokens, columns),
                      static_cast<double>(w.tokens * columns), format),
          w.layers);
  out.quantise(name("quantise_down", "quantise_shared_down"), w.tokens, columns, format, w.layers);
  out.gemm(name("down_proj", "shared_down_proj"), w.tokens, hidden, columns, format, w.layers);
}

bool routed(const Deployment& d) { return d.expert_skew > 0 || d.redundant_experts > 0; }

// Ranks out of `ep` that hold at least one of a token's top_k experts: with even chances; else as if each were reached
// as often as the fullest, whose port is the last to be done.
double ranks_reached(const Deployment& d, const Experts& e) {
  const int ep = d.ep;
  if (routed(d)) return ep * chip::placed(routing_of(d, e))->reached;
  const double here = static_cast<double>(e.count) / ep;
  double missed = 1;  // no expert of one rank is among those chosen
  for (int i = 0; i < e.top_k; ++i) missed *= std::max(0.0, (e.count - here - i) / (e.count - i));
  return ep * (1 - missed);
}

// With data-parallel ranks tokens come to the ranks that hold their experts, in the format in which they meet them, and
// what these make of them goes back in 16 bits; each rank of a tensor-parallel group sends its share of the group's
// tokens and all collect the results. Without, all ranks have the same tokens, and the sum after the block is enough.
void add_exchange(OpList& out, const Deployment& d, const LayerWork& w, bool there) {
  if (d.dp == 1) return;
  using enum cluster::Collective;
  const Experts& e = *w.layer.feed_forward.experts;
  const int chips = d.tp * d.dp;
  const double hidden = d.architecture.hidden, tokens = static_cast<double>(w.tokens);
  const double bytes = there ? out.input_bytes(w.format(Part::experts)) : wide_bytes;
  const double mine = tokens / d.tp * hidden * bytes;
  if (d.ep > 1)
    out.add(there ? "moe_dispatch" : "moe_combine", all_to_all, mine * ranks_reached(d, e) * share_of(d).expert_tp,
            chips, w.layers);
  else
    out.add(there ? "moe_all_gather" : "moe_reduce_scatter", there ? all_gather : reduce_scatter, mine * chips, chips,
            w.layers);
  if (!there) out.add("moe_tp_all_gather", all_gather, tokens * hidden * wide_bytes, d.tp, w.layers);
}

void add_all_reduce(OpList& out, const Deployment& d, const LayerWork& w, const char* name) {
  out.add(name, cluster::Collective::all_reduce, static_cast<double>(w.tokens) * d.architecture.hidden * wide_bytes,
          d.tp, w.layers);
}

void add_experts(OpList& out, const Deployment& d, const LayerWork& w) {
  const Experts& e = *w.layer.feed_forward.experts;
  const Share share = share_of(d);
  const std::int64_t hidden = d.architecture.hidden, all = w.tokens * d.dp;
  out.gemm("router", w.tokens, e.count, hidden, {}, w.layers);
  out.add(chip::top_k("router_top_k", w.tokens, e.count, e.top_k), w.layers);
  if (e.shared_width > 0) {
    add_gated(out, d, w, Part::shared_experts, columns_of(e.shared_width, d.tp), true);
    if (d.dp > 1) add_all_reduce(out, d, w, "shared_all_reduce");
  }
  const Storage& format = w.format(Part::experts);
  const std::int64_t mine = d.dp == 1 ? w.tokens : (w.tokens + d.tp - 1) / d.tp;
  out.quantise("quantise_experts", mine, hidden, format, w.layers, true);
  add_exchange(out, d, w, true);
  chip::Experts work;
  work.tokens = all;
  work.hidden = hidden;
  work.width = columns_of(e.width, share.expert_tp);
  work.experts = e.count;
  work.top_k = e.top_k;
  work.ranks = d.ep;
  work.zipf = d.expert_skew;
  work.balanced = routed(d) && d.eplb;
  work.redundant = d.redundant_experts;
  work.weights = format.dtype;
  work.operands = out.operands(format);
  out.add({"experts", work}, w.layers);
  add_exchange(out, d, w, false);
  if (e.shared_width > 0) {
    chip::Movement sum;  // of routed and shared experts' outputs
    sum.read = core::bytes(2 * wide_bytes * static_cast<double>(w.tokens * hidden));
    sum.written = core::bytes(wide_bytes * static_cast<double>(w.tokens * hidden));
    sum.vector = core::Flops(static_cast<double>(w.tokens * hidden));
    out.add({"add_shared", sum}, w.layers);
  }
}

}  // namespace

void add_feed_forward(OpList& out, const Deployment& d, const LayerWork& w) {
  const FeedForward& ffn = w.layer.feed_forward;
  if (ffn.experts)
    add_experts(out, d, w);
  else
    add_gated(out, d, w, Part::feed_forward, columns_of(ffn.width, d.tp), false);
  if (!ffn.experts || d.dp == 1) add_all_reduce(out, d, w, "mlp_all_reduce");
  if (w.layer.post_norm) out.add(chip::rms_norm("post_mlp_norm", w.tokens, d.architecture.hidden, false), w.layers);
}

}  // namespace wordline::model
