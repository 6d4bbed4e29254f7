// The weights of one layer, matrix by matrix, whole or as one rank holds them.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/model/architecture.h"

namespace wordline::model {

// How a layer's weights are shared out: heads and feed-forward columns over `tp` ranks; experts over `ep` ranks, the
// columns of each over `expert_tp`. Where numbers do not divide, every rank counts as the one that holds most.
struct Share {
  int tp = 1, ep = 1, expert_tp = 1;
  int redundant_experts = 0;
};

// Query heads of a rank. Groups of query heads stay with their KV head, so that both are padded: 28 heads over 4 KV
// heads make 4 a rank on 8 ranks.
int heads_of(const Attention&, const Share&);
// KV heads of a rank: padded, or one head replicated where ranks exceed them. Latent attention: as heads_of().
int kv_heads_of(const Attention&, const Share&);
// Numbers that a rank caches of one token in one layer; the latent vector is on every rank.
std::int64_t cached_per_rank(const Attention&, const Share&);
// Columns of a feed-forward of that width, rounded up; and experts of a rank, redundant ones among them.
int columns_of(int width, int ranks);
int experts_of(const Experts&, const Share&);

// A matrix of rows outputs and columns inputs, `copies` times (experts).
struct Matrix {
  const char* name;  // as checkpoints call it: "q_proj"
  Part part;
  std::int64_t rows = 0, columns = 0, copies = 1;
  int shares = 1;  // ranks over which its numbers are divided; 1: each rank has all of them
  std::int64_t numbers() const { return rows * columns * copies; }
};

// The matrices of a layer that may be quantised.
std::vector<Matrix> matrices_of(const Layer&, int hidden, const Share& = {});
// Numbers of the router's matrix, which every rank has; it stays as wide as the activations.
std::int64_t router_numbers(const Layer&, int hidden);

// Norms, biases and sinks.
struct Vectors {
  std::int64_t wide = 0;   // as wide as the activations
  std::int64_t exact = 0;  // 32-bit: the router's correction bias
};
Vectors vectors_of(const Layer&, int hidden, const Share& = {});

// Bytes of a layer's weights on one rank, in the formats given.
core::Bytes bytes_of(const Layer&, const Formats&, int hidden, const Share& = {});

}  // namespace wordline::model
