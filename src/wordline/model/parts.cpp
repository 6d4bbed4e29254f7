#include "wordline/model/parts.h"

#include "wordline/model/parts_internal.h"

namespace wordline::model {

namespace {

constexpr double wide_bytes = 2;

// The norm before a sub-layer, fused with the sum into the residual stream but for the model's first.
chip::Kernel norm(const OpList& out, const Deployment& d, const char* name, std::int64_t tokens, bool first,
                  const Storage& next) {
  const int hidden = d.architecture.hidden;
  return out.feeding(chip::rms_norm(name, tokens, hidden, !first), static_cast<double>(tokens) * hidden, next);
}

void add_layers(OpList& out, const Deployment& d, std::size_t kind, std::int64_t tokens) {
  const Architecture& a = d.architecture;
  const Layer& layer = a.kinds[kind];
  const Formats formats = formats_of(d, layer);
  const LayerWork work{layer, formats, tokens, a.count(kind)};
  const int first = a.order.front() == kind ? 1 : 0;
  const Storage& in = work.format(Part::attention_in);
  out.add(norm(out, d, "first_norm", tokens, true, in), first);
  out.add(norm(out, d, "input_norm", tokens, false, in), work.layers - first);
  add_attention(out, d, work);
  // A router reads what the norm writes in 16 bits.
  const Storage& inside = layer.feed_forward.experts ? Storage{} : work.format(Part::feed_forward);
  out.add(norm(out, d, "post_attention_norm", tokens, false, inside), work.layers);
  add_feed_forward(out, d, work);
}

}  // namespace

std::vector<Op> token_ops(const Deployment& d, std::int64_t tokens) {
  using enum cluster::Collective;
  OpList out(d);
  const double row = d.architecture.hidden * wide_bytes, all = static_cast<double>(tokens) * row;
  out.add(chip::embedding("embedding", tokens, d.architecture.hidden), 1);
  out.add("embedding_all_reduce", all_reduce, all, d.tp, 1);
  for (std::size_t kind = 0; kind < d.architecture.kinds.size(); ++kind) add_layers(out, d, kind, tokens);
  // The residual stream and the sub-layer's output go on, each rank sending its share, which the next stage collects.
  out.add("pp_send_recv", send_recv, 2 * all / d.tp, d.pp > 1 ? 2 : 1, d.pp - 1);
  out.add("pp_all_gather", all_gather, 2 * all, d.tp, d.pp - 1);
  out.add(chip::rms_norm("final_norm", tokens, d.architecture.hidden, true), 1);
  return out.take();
}

std::vector<Op> logits_ops(const Deployment& d, std::int64_t rows) {
  OpList out(d);
  const std::int64_t vocabulary = d.architecture.vocabulary;
  out.gemm("lm_head", rows, vocabulary_per_rank(d), d.architecture.hidden, output_of(d), 1);
  out.add("logits_all_gather", cluster::Collective::all_gather, static_cast<double>(rows * vocabulary) * wide_bytes,
          d.tp, 1);
  out.add(chip::sampling("sampling", rows, vocabulary, false), 1);
  return out.take();
}

}  // namespace wordline::model
