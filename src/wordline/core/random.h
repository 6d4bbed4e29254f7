// Deterministic random numbers: the same seed gives the same numbers on every machine and with every library.
#pragma once

#include <cstdint>

namespace wordline::core {

// SplitMix64 (Steele, Lea, Flood 2014): one 64-bit word of state.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
  std::uint64_t operator()() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

// xoshiro256++ (Blackman, Vigna 2019), seeded from SplitMix64; `stream` separates independent sequences of one seed.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0);
  std::uint64_t bits();
  std::uint64_t below(std::uint64_t n);  // uniform on 0..n-1, unbiased (Lemire)
  double uniform();                      // [0, 1), 53 bits
  double exponential(double mean);
  double normal();  // mean 0, deviation 1 (Box-Muller, no state between calls)
  double lognormal(double mu, double sigma);
  double gamma(double shape, double scale);  // Marsaglia, Tsang 2000

 private:
  std::uint64_t s_[4];
};

}  // namespace wordline::core
