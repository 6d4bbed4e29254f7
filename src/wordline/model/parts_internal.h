// The two halves of a layer, shared by the files that make token_ops().
#pragma once

#include "wordline/model/op_list.h"

namespace wordline::model {

// What one kind of layer adds: `layers` times, for so many new tokens on each data-parallel rank.
struct LayerWork {
  const Layer& layer;
  const Formats& formats;
  std::int64_t tokens;
  int layers;
  const Storage& format(Part part) const { return formats[static_cast<std::size_t>(part)]; }
};

// Projections, rotary positions, cache, output and its all-reduce; the attention itself is prefill_ops(), decode_ops().
void add_attention(OpList&, const Deployment&, const LayerWork&);
// Feed-forward, dense or experts, and the transfers it takes.
void add_feed_forward(OpList&, const Deployment&, const LayerWork&);

}  // namespace wordline::model
