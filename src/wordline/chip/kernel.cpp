#include "wordline/chip/kernel.h"

#include <algorithm>
#include <cmath>

#include "wordline/chip/expert_loads.h"

namespace wordline::chip {

namespace {

// To the nearest multiple of 1 / scale; a power of two, so that both products are exact.
double rounded(double x, double scale) { return std::nearbyint(x * scale) * (1 / scale); }

Counts counts(const Movement& w) {
  Counts out;
  out.matrix = w.matrix;
  out.vector = w.vector;
  out.read = w.read;
  out.written = w.written;
  out.paged = w.paged;
  return out;
}

Counts counts(const Gemm& w) {
  const auto m = static_cast<double>(w.m), n = static_cast<double>(w.n), k = static_cast<double>(w.k);
  const auto batch = static_cast<double>(w.batch);
  Counts out;
  out.matrix = core::Flops(2 * m * n * k * batch);
  out.weights = bytes_of(w.weights) * (n * k * batch);
  out.read = bytes_of(w.operands) * (m * k * batch);
  out.written = bytes_of(w.output) * (m * n * batch);
  return out;
}

// Both products of every row, and the weights of the experts that get one: with even chances each of the rank's
// experts is missed by all rows with probability (1 - top_k / experts)^tokens. Where experts differ in popularity, of
// the fullest rank.
Counts counts(const Experts& w) {
  const double here = std::max(1.0, static_cast<double>(w.experts) / w.ranks);
  double rows = static_cast<double>(w.tokens) * w.top_k / w.ranks;
  const double share = std::min(1.0, static_cast<double>(w.top_k) / w.experts);
  double used = here * (1 - std::pow(1 - share, static_cast<double>(w.tokens)));
  if (routed(w)) {
    rows = used = 0;
    for (const ExpertLoad& load : expert_loads(w)) {
      rows += load.rows * load.experts;
      used += load.experts;
    }
  }
  const auto hidden = static_cast<double>(w.hidden), width = static_cast<double>(w.width);
  Counts out;
  out.matrix = core::Flops(6 * rows * hidden * width);
  out.vector = core::Flops(4 * rows * width);
  out.weights = bytes_of(w.weights) * (3 * hidden * width * used);
  out.read = bytes_of(w.operands) * (rows * hidden);
  out.written = bytes_of(Dtype::bf16) * (rows * hidden);
  return out;
}

Counts counts(const PrefillAttention& w) {
  const auto tokens = static_cast<double>(w.tokens), keys = static_cast<double>(w.tokens + w.context);
  const double dims = w.head_dim + w.value_dim;
  Counts out;
  out.matrix = core::Flops(2 * w.heads * dims * w.pairs);
  out.vector = core::Flops(4 * w.heads * w.pairs);
  out.read = bytes_of(Dtype::bf16) * (tokens * w.heads * w.head_dim);
  out.written = bytes_of(Dtype::bf16) * (tokens * w.heads * w.value_dim);
  out.paged = bytes_of(w.kv) * (keys * w.kv_heads * dims);
  return out;
}

Counts counts(const DecodeAttention& w) {
  const auto sequences = static_cast<double>(w.sequences), keys = static_cast<double>(w.context);
  const double dims = w.head_dim + w.value_dim;
  Counts out;
  out.matrix = core::Flops(2 * w.heads * dims * keys);
  out.vector = core::Flops(4 * w.heads * keys);
  out.read = bytes_of(Dtype::bf16) * (sequences * w.heads * w.head_dim);
  out.written = bytes_of(Dtype::bf16) * (sequences * w.heads * w.value_dim);
  out.paged = bytes_of(w.kv) * (keys * w.kv_heads * (w.latent ? w.head_dim : dims));
  return out;
}

}  // namespace

std::string name_of(Bound bound) {
  static const std::array<std::string, bounds> names = {"tensor",    "vector", "dram", "l2",
                                                        "in_flight", "launch", "link"};
  return names[static_cast<std::size_t>(bound)];
}

const std::vector<std::string>& kernel_kinds() {
  static const std::vector<std::string> kinds = {"movement", "gemm", "experts", "prefill", "decode"};
  return kinds;
}

std::string kind_of(const Kernel& kernel) { return kernel_kinds()[kernel.work.index()]; }

Counts counts_of(const Kernel& kernel) {
  return std::visit([](const auto& w) { return counts(w); }, kernel.work);
}

Dtype operands_of(const Kernel& kernel) {
  return std::visit(
      [](const auto& w) {
        if constexpr (requires { w.operands; })
          return w.operands;
        else
          return w.dtype;
      },
      kernel.work);
}

double page_of(const PrefillAttention& w) { return 16.0 * w.kv_heads * w.head_dim * bytes_of(w.kv).value(); }

double page_of(const DecodeAttention& w) {
  const double numbers = static_cast<double>(w.kv_heads) * w.head_dim * w.page_tokens;
  return numbers * bytes_of(w.kv).value();
}

double page_of(const Kernel& kernel) {
  if (const auto* movement = std::get_if<Movement>(&kernel.work)) return movement->page.value();
  if (const auto* decode = std::get_if<DecodeAttention>(&kernel.work)) return page_of(*decode);
  if (const auto* prefill = std::get_if<PrefillAttention>(&kernel.work)) return page_of(*prefill);
  return 0;
}

core::Seconds whole_ticks(core::Seconds t) { return core::Seconds(rounded(t.value(), 0x1p40)); }
core::Joules whole_ticks(core::Joules e) { return core::Joules(rounded(e.value(), 0x1p36)); }

}  // namespace wordline::chip
