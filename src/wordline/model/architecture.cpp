#include "wordline/model/architecture.h"

#include <algorithm>

#include "wordline/model/matrices.h"

namespace wordline::model {

namespace {

// Sum over the layers of what one layer of a kind has.
template <class Count>
std::int64_t over_layers(const Architecture& a, Count count) {
  std::int64_t sum = 0;
  for (std::size_t kind = 0; kind < a.kinds.size(); ++kind) sum += a.count(kind) * count(a.kinds[kind]);
  return sum;
}

std::int64_t matrix_numbers(const Layer& layer, int hidden) {
  std::int64_t sum = 0;
  for (const Matrix& m : matrices_of(layer, hidden)) sum += m.numbers();
  return sum;
}

}  // namespace

int Architecture::count(std::size_t kind, int first, int last) const {
  return static_cast<int>(std::count(order.begin() + first, order.begin() + last, kind));
}

void set_layers(Architecture& a, const std::vector<Layer>& layers) {
  a.kinds.clear();
  a.order.clear();
  for (const Layer& layer : layers) {
    auto kind = std::find(a.kinds.begin(), a.kinds.end(), layer);
    if (kind == a.kinds.end()) kind = a.kinds.insert(kind, layer);
    a.order.push_back(static_cast<std::size_t>(kind - a.kinds.begin()));
  }
}

std::int64_t layer_matrix_parameters(const Architecture& a) {
  return over_layers(a, [&](const Layer& layer) { return matrix_numbers(layer, a.hidden); });
}

std::int64_t parameters(const Architecture& a) {
  const std::int64_t embedding = static_cast<std::int64_t>(a.vocabulary) * a.hidden;
  return over_layers(a,
                     [&](const Layer& layer) {
                       const Vectors vectors = vectors_of(layer, a.hidden);
                       return matrix_numbers(layer, a.hidden) + router_numbers(layer, a.hidden) + vectors.wide +
                              vectors.exact;
                     }) +
         a.hidden + embedding * (a.tied_embeddings ? 1 : 2);
}

std::int64_t active_parameters(const Architecture& a) {
  return parameters(a) - over_layers(a, [&](const Layer& layer) -> std::int64_t {
           if (!layer.feed_forward.experts) return 0;
           const Experts& e = *layer.feed_forward.experts;
           const std::int64_t one = 3LL * e.width * a.hidden + (e.bias ? 2LL * e.width + a.hidden : 0);
           return (e.count - e.top_k) * one;
         });
}

std::int64_t cached_numbers(const Attention& attention) {
  if (attention.latent) return attention.latent->kv_rank + attention.latent->rope_dim;
  return 2LL * attention.kv_heads * attention.head_dim;
}

core::Bytes kv_bytes_per_token(const Architecture& a, chip::Dtype kv) {
  const auto numbers = over_layers(a, [](const Layer& layer) { return cached_numbers(layer.attention); });
  return chip::bytes_of(kv) * static_cast<double>(numbers);
}

core::Bytes kv_bytes(const Architecture& a, chip::Dtype kv, std::int64_t tokens) {
  const auto numbers = over_layers(a, [&](const Layer& layer) {
    const std::int64_t window = layer.attention.window;
    return cached_numbers(layer.attention) * (window > 0 ? std::min(window, tokens) : tokens);
  });
  return chip::bytes_of(kv) * static_cast<double>(numbers);
}

}  // namespace wordline::model
