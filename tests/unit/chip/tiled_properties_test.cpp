// What must hold for any kernel on any chip whose cores multiply blocks held on the chip.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <random>

#include "tiled_chips.h"

namespace wordline::chip {
namespace {

// Rounding to blocks may pick another cut: a larger product may be faster by so much at most, and by nothing but that.
constexpr double tile_tolerance = 0.02;

std::vector<Chip> chips() {
  std::vector<Chip> out;
  for (const int cores : {1, 2, 8}) out.push_back(neuron_like(cores));
  for (const int cores : {2, 8}) out.push_back(gaudi_like(cores));
  for (const int cores : {1, 56}) out.push_back(xeon_like(cores));
  for (const int cores : {1, 132}) out.push_back(gpu_like(cores));
  for (Chip& chip : out) {
    chip.vector = core::FlopsPerSecond(chip.cores.count * 256e9);
    chip.exponentials = chip.vector / 4;
    if (chip.engine == "systolic" && chip.cache.size.value() == 0)
      chip.load.bandwidth = core::gigabytes_per_second(272);
  }
  // And real ones, with each library's factors.
  const auto catalog = core::Catalog::open();
  for (const char* name : {"h100-sxm", "a100-sxm-80gb", "rtx-4090", "trainium2", "gaudi-3", "xeon-8480"})
    out.push_back(load(catalog, name));
  return out;
}

class Drawn {
 public:
  std::int64_t operator()(std::int64_t low, std::int64_t high) {
    // As many small ones as large ones.
    const double share = static_cast<double>(random_() % 1000) / 1000;
    return static_cast<std::int64_t>(static_cast<double>(low) *
                                     std::pow(static_cast<double>(high) / static_cast<double>(low), share));
  }
  Dtype format() { return std::array{Dtype::bf16, Dtype::fp8, Dtype::int8}[random_() % 3]; }

 private:
  std::mt19937 random_{7};
};

// `grow` changes one of a kernel's lengths; the time must not fall.
std::string shape_of(const Gemm& g) { return fmt::format("{} x {} x {}, {} times", g.m, g.n, g.k, g.batch); }
std::string shape_of(const Experts& e) { return fmt::format("{} tokens, {} x {}", e.tokens, e.hidden, e.width); }
std::string shape_of(const PrefillAttention& p) { return fmt::format("{} tokens after {}", p.tokens, p.context); }
std::string shape_of(const DecodeAttention& d) { return fmt::format("{} of {} in all", d.sequences, d.context); }
template <class Work, class Grow>
void never_faster(KernelTimer& timer, const Work& work, Grow grow) {
  Work more = work;
  grow(more);
  const auto before = timer({"", work}), after = timer({"", more});
  EXPECT_GE(after.time.value(), before.time.value() * (1 - tile_tolerance))
      << timer.chip().name << " " << timer.chip().cores.count << ": " << shape_of(work) << " to " << shape_of(more);
}

TEST(TiledEngines, TimeNeverFallsWhenAProductGrows) {
  Drawn draw;
  for (const Chip& chip : chips()) {
    KernelTimer timer(chip, flat_streams());
    for (int i = 0; i < 200; ++i) {
      Gemm g{.m = draw(1, 8192), .n = draw(16, 16384), .k = draw(16, 16384), .batch = draw(1, 16)};
      g.weights = draw.format();
      never_faster(timer, g, [&](Gemm& x) { x.m += draw(1, 600); });
      never_faster(timer, g, [&](Gemm& x) { x.n += draw(1, 600); });
      never_faster(timer, g, [&](Gemm& x) { x.k += draw(1, 600); });
      never_faster(timer, g, [&](Gemm& x) { x.batch += draw(1, 4); });
      Experts e{
          .tokens = draw(1, 4096), .hidden = draw(256, 8192), .width = draw(128, 4096), .experts = 64, .top_k = 4};
      never_faster(timer, e, [&](Experts& x) { x.tokens += draw(1, 4096); });
      never_faster(timer, e, [&](Experts& x) { x.width += draw(1, 600); });
    }
  }
}

TEST(TiledEngines, TimeNeverFallsWhenAttentionGrows) {
  Drawn draw;
  for (const Chip& chip : chips()) {
    KernelTimer timer(chip, flat_streams());
    for (int i = 0; i < 200; ++i) {
      DecodeAttention d{.sequences = draw(1, 256), .kv_heads = static_cast<int>(draw(1, 16))};
      d.heads = d.kv_heads * static_cast<int>(draw(1, 48));
      d.head_dim = d.value_dim = 64 * static_cast<int>(draw(1, 2));
      if (draw(1, 2) > 1) d.kv = Dtype::fp8;
      d.context = d.sequences * draw(1, 16384);
      never_faster(timer, d, [&](DecodeAttention& x) { x.context += x.sequences * draw(1, 4096); });
      never_faster(timer, d, [&](DecodeAttention& x) {
        x.context += x.context / x.sequences;
        x.sequences += 1;
      });
      PrefillAttention p{.sequences = 1,
                         .tokens = draw(1, 8192),
                         .context = draw(1, 8192),
                         .heads = 16,
                         .kv_heads = 4,
                         .head_dim = 128,
                         .value_dim = 128};
      const auto pairs = [](PrefillAttention& x) {
        const auto n = static_cast<double>(x.tokens), c = static_cast<double>(x.context);
        x.pairs = n * c + n * (n + 1) / 2;
      };
      pairs(p);
      never_faster(timer, p, [&](PrefillAttention& x) { x.tokens += draw(1, 4096), pairs(x); });
      never_faster(timer, p, [&](PrefillAttention& x) { x.context += draw(1, 4096), pairs(x); });
    }
  }
}

TEST(TiledEngines, NoKernelBeatsThePeaksAndBandwidthNeverHurts) {
  Drawn draw;
  for (const Chip& chip : chips()) {
    KernelTimer timer(chip, flat_streams()), faster(chip, flat_streams(1.5));
    std::vector<Kernel> all;
    for (int i = 0; i < 200; ++i) {
      all.push_back(gemm(draw(1, 8192), draw(16, 16384), draw(16, 16384), draw(1, 16)));
      const std::int64_t sequences = draw(1, 256);
      all.push_back({"", DecodeAttention{.sequences = sequences,
                                         .context = sequences * draw(1, 8192),
                                         .heads = 128,
                                         .kv_heads = 1,
                                         .head_dim = 576,
                                         .value_dim = 512,
                                         .latent = true}});
      all.push_back({"", Experts{.tokens = draw(1, 4096),
                                 .hidden = 4096,
                                 .width = 1536,
                                 .experts = 128,
                                 .top_k = 8,
                                 .ranks = 4,
                                 .skew = 0.8}});
      Movement m;
      m.read = core::bytes(static_cast<double>(draw(1, 1 << 30)));
      m.written = core::bytes(static_cast<double>(draw(1, 1 << 30)));
      all.push_back({"", m});
    }
    for (const auto& kernel : all) {
      const auto cost = timer(kernel);
      const Counts counts = counts_of(kernel);
      const bool skewed = std::holds_alternative<Experts>(kernel.work);  // its counts are of an even load
      EXPECT_LE(faster(kernel).time, cost.time);
      EXPECT_GE(cost.time.value(), cost.moved.value() / 1e12);
      if (!skewed) {
        EXPECT_GE(cost.tensor.value() * 1.000001 + 1e-12, (counts.matrix / chip.rate(Dtype::bf16).peak).value());
        EXPECT_GE(cost.moved.value() * 1.000001, (counts.weights + counts.paged).value());
      }
    }
  }
}

}  // namespace
}  // namespace wordline::chip
