// What a kernel asks of a chip, and what that costs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "wordline/chip/dtype.h"
#include "wordline/core/units.h"

namespace wordline::chip {

// What limits an interval of time. tensor: the matrix engines. vector: the other arithmetic units. dram: the memory's
// bandwidth. l2: the on-chip memory's. in_flight: too few bytes under way to fill the memory's latency (Little's law).
// launch: starting and ending the kernel. link: transfers between chips.
enum class Bound { tensor, vector, dram, l2, in_flight, launch, link };
inline constexpr std::size_t bounds = 7;
// "tensor", "vector", "dram", "l2", "in_flight", "launch", "link".
std::string name_of(Bound);

// `batch` matrix products of (m x k) activations with (k x n) weights.
struct Gemm {
  std::int64_t m = 0, n = 0, k = 0, batch = 1;
  Dtype weights = Dtype::bf16;   // as stored
  Dtype operands = Dtype::bf16;  // as multiplied, and as the activations are stored; weights in another format widen
  Dtype output = Dtype::bf16;
  bool operator==(const Gemm&) const = default;
};

// A gated mixture-of-experts block on one rank, router excluded: rows gathered by expert, a grouped product to twice
// the width, the gate, a grouped product back, the weighted sum. `tokens` are those that all ranks route together; of
// `experts` this rank holds experts / ranks, of redundant ones as many more.
struct Experts {
  std::int64_t tokens = 0, hidden = 0, width = 0;  // width: of one expert on this rank, after tensor parallelism
  int experts = 1, top_k = 1, ranks = 1;
  double skew = 0;     // tokens fall on experts by a power law with this exponent, this rank is the busiest; 0: evenly
  bool dealt = false;  // where evenly: in turn, as measurements do it, not each token drawn by itself
  // Popularity by Zipf's law with this exponent, and how experts are placed on the ranks, of which this is the fullest:
  // ExpertRouting, in expert_placement.h. Not together with `skew`.
  double zipf = 0;
  bool balanced = false;
  int redundant = 0;
  bool mean_rank = false;  // not the fullest rank but the mean one
  // As aiconfigurator runs it: choosing the experts and quantising what comes in included, on weights that were never
  // filled in where the library's experts_zeros says so.
  bool bench = false;
  Dtype weights = Dtype::bf16, operands = Dtype::bf16;
  bool operator==(const Experts&) const = default;
};

// Attention of a step's prompt chunks over what was cached and themselves. Causal: `pairs` counts the query-key pairs
// that the mask leaves, all sequences together. Some of the sequences may be ones that only decode, where a library
// (attention_joint) takes all of a step's sequences in one kernel: each has `decode_queries` new tokens.
struct PrefillAttention {
  std::int64_t sequences = 0, tokens = 0, context = 0;    // tokens: new ones of all; context: cached ones of all
  std::int64_t decode_sequences = 0, decode_context = 0;  // of them, those that decode, and their cached tokens
  std::int64_t decode_queries = 1;
  double pairs = 0;
  int heads = 0, kv_heads = 0, head_dim = 0, value_dim = 0;  // on this rank
  Dtype operands = Dtype::bf16, kv = Dtype::bf16;
  bool operator==(const PrefillAttention&) const = default;
};

// Attention of one new token a sequence over its paged keys and values; of several new tokens that share one read, as
// if each had heads of its own. `latent`: keys and values are one cached vector of head_dim numbers, of which the first
// value_dim are the value (MLA, absorbed form: DeepSeek-V2, section 2.1).
struct DecodeAttention {
  std::int64_t sequences = 0, context = 0;  // context: KV tokens read by all sequences together
  int heads = 0, kv_heads = 0, head_dim = 0, value_dim = 0;
  int queries = 1;  // new tokens a sequence: `heads` counts each head so many times
  int page_tokens = 16;
  bool latent = false;
  Dtype operands = Dtype::bf16, kv = Dtype::bf16;
  bool operator==(const DecodeAttention&) const = default;
};

// A kernel that is described by its counts alone: norms, rotary positions, activation, embedding, sampling, quantise,
// copy; see kernels.h for each.
struct Movement {
  core::Flops matrix;         // matrix operations, in `dtype`
  core::Flops vector;         // other operations, in 32 bits
  core::Bytes read, written;  // in long contiguous runs
  core::Bytes paged;          // read in scattered pieces of `page` bytes
  core::Bytes page;
  Dtype dtype = Dtype::bf16;
  int passes = 1;    // over the data, one after the other: a reduction of a row before its use is a second
  int launches = 1;  // kernels, where a library does it in several
  bool operator==(const Movement&) const = default;
};

// One kernel, and what it is called: "qkv_proj", "attn_decode", ...
struct Kernel {
  std::string name;
  std::variant<Movement, Gemm, Experts, PrefillAttention, DecodeAttention> work;
};

// "movement", "gemm", "experts", "prefill" or "decode".
std::string kind_of(const Kernel&);
// Every kind, in this order.
const std::vector<std::string>& kernel_kinds();

// What a kernel must do at least, however it is tiled: a multiply and an add count two, each operand moves once.
struct Counts {
  core::Flops matrix, vector;
  core::Bytes weights, read, written, paged;  // weights and paged are not in read
  core::Bytes bytes() const { return weights + read + written + paged; }
};
Counts counts_of(const Kernel&);
// The format in which its operands are multiplied.
Dtype operands_of(const Kernel&);
// Bytes of the contiguous pieces in which it reads paged keys and values (16 tokens a page unless it says otherwise);
// 0 where it reads none.
double page_of(const Kernel&);
double page_of(const PrefillAttention&);
double page_of(const DecodeAttention&);

// Time and energy of one kernel on one chip. All times are whole multiples of 2^-40 s (0.9 ps) and all energies of
// 2^-36 J (15 pJ): sums are exact and do not depend on their order.
struct KernelCost {
  core::Seconds time;
  core::Seconds launch;                    // of `time`: starting, filling and ending
  core::Seconds tensor, vector, dram, l2;  // how long each is busy
  core::Seconds low, high;                 // 80 % of the measured kernels of this kind and size lie between
  core::Joules joules;                     // of this chip, as power.h adds them up
  core::Bytes moved;                       // to and from DRAM, as tiled
  Bound bound = Bound::launch;             // the largest part of `time`
  Bound body = Bound::dram;                // the same without the launch
};

// To the nearest multiple of 2^-40 s and of 2^-36 J.
core::Seconds whole_ticks(core::Seconds);
core::Joules whole_ticks(core::Joules);

}  // namespace wordline::chip
