#include "wordline/chip/kernel_timer.h"

#include <algorithm>
#include <array>
#include <bit>

#include "wordline/chip/measured_times.h"

namespace wordline::chip {

namespace {

constexpr std::size_t remembered = 1 << 20;  // kernels at most: a few hundred MB

// Mixes one number into a hash (the 64-bit finaliser of MurmurHash3 after an add).
std::size_t mix(std::size_t seed, std::uint64_t x) {
  x += seed + 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
  return x ^ (x >> 33);
}

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

template <class... Numbers>
std::size_t hash_of(Numbers... numbers) {
  std::size_t out = 0;
  ((out = mix(out, static_cast<std::uint64_t>(numbers))), ...);
  return out;
}

std::size_t hash(const Movement& w) {
  return hash_of(bits(w.matrix.value()), bits(w.vector.value()), bits(w.read.value()), bits(w.written.value()),
                 bits(w.paged.value()), bits(w.page.value()));
}
std::size_t hash(const Gemm& w) { return hash_of(w.m, w.n, w.k, w.batch, w.weights, w.operands, w.output); }
std::size_t hash(const Experts& w) {
  return hash_of(w.tokens, w.hidden, w.width, w.experts, w.top_k, w.ranks, bits(w.skew), bits(w.zipf), w.balanced,
                 w.redundant, w.mean_rank, w.weights, w.operands);
}
std::size_t hash(const PrefillAttention& w) {
  return hash_of(w.sequences, w.tokens, w.context, w.decode_sequences, w.decode_context, w.decode_queries,
                 bits(w.pairs), w.heads, w.kv_heads, w.head_dim, w.operands, w.kv);
}
std::size_t hash(const DecodeAttention& w) {
  return hash_of(w.sequences, w.context, w.heads, w.kv_heads, w.head_dim, w.queries, w.page_tokens, w.latent,
                 w.operands, w.kv);
}

// The largest of a kernel's parts but the launch.
Bound body_of(const Timing& t) {
  const std::array<std::pair<double, Bound>, 4> parts = {{{t.dram, t.starved ? Bound::in_flight : Bound::dram},
                                                          {t.tensor, Bound::tensor},
                                                          {t.vector, Bound::vector},
                                                          {t.l2, Bound::l2}}};
  return std::max_element(parts.begin(), parts.end(), [](auto& a, auto& b) { return a.first < b.first; })->second;
}

}  // namespace

std::size_t KernelTimer::Hash::operator()(const decltype(Kernel::work)& work) const {
  return std::visit([](const auto& w) { return hash(w); }, work);
}

KernelTimer::KernelTimer(Chip chip, Streams streams, Residency residency)
    : chip_(std::make_shared<const Chip>(std::move(chip))),
      engine_(engine_kind(chip_->engine).make(*chip_)),
      path_(*chip_, std::move(streams)),
      residency_(residency),
      meter_(*chip_) {
  for (const auto& kind : kernel_kinds()) {
    const auto bands = chip_->bands.find(kind);
    bands_.push_back(bands == chip_->bands.end() ? nullptr : &bands->second);
  }
}

KernelCost KernelTimer::operator()(const Kernel& kernel) {
  // Only what takes a search is worth remembering: the rest is a closed form, and hardly asked twice.
  if (!std::holds_alternative<Gemm>(kernel.work) && !std::holds_alternative<Experts>(kernel.work)) return fresh(kernel);
  if (const auto it = known_.find(kernel.work); it != known_.end()) return it->second;
  if (known_.size() >= remembered) known_.clear();
  return known_.emplace(kernel.work, fresh(kernel)).first->second;
}

KernelCost KernelTimer::fresh(const Kernel& kernel) {
  const auto model = [&](const Kernel& k) { return engine_->time(k, path_, residency_); };
  Timing t = model(kernel);
  std::optional<double> measured;
  if (chip_->profile && residency_ == Residency::cold)
    measured = chip_->profile->seconds(kernel, [&](const Kernel& k) { return model(k).time; });
  if (measured) {
    t.time = *measured;
    for (double* part : {&t.launch, &t.tensor, &t.vector, &t.dram, &t.l2}) *part = std::min(*part, t.time);
  }
  KernelCost out;
  const auto ticks = [](double seconds) { return whole_ticks(core::Seconds(seconds)); };
  out.launch = ticks(t.launch);
  out.time = std::max(ticks(t.time), out.launch);
  out.tensor = ticks(t.tensor);
  out.vector = ticks(t.vector);
  out.dram = ticks(t.dram);
  out.l2 = ticks(t.l2);
  out.moved = core::bytes(t.read + t.written + t.paged);
  out.body = body_of(t);
  out.bound = out.launch > out.time - out.launch ? Bound::launch : out.body;
  out.low = out.high = out.time;
  if (const auto* bands = bands_[kernel.work.index()]; bands && !measured) {
    const auto band = std::find_if(bands->begin(), bands->end(), [&](const Band& b) { return out.time < b.below; });
    out.low = ticks(t.time * band->low);
    out.high = ticks(t.time * band->high);
  }
  out.joules = whole_ticks(
      meter_.joules(kernel, out.time, out.moved, core::Joules(path_.joules(t.read, t.written, t.paged, t.page))));
  return out;
}

}  // namespace wordline::chip
