// Means and quantiles of streams of numbers: exact samples, an exact integer histogram, a mergeable sketch.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "wordline/core/wide.h"

namespace wordline::core {

// All samples kept; percentiles interpolate linearly between order statistics, as numpy.percentile and so vLLM do.
class Samples {
 public:
  void add(double x) {
    values_.push_back(x);
    sorted_ = false;
  }
  void add(const Samples& other);
  std::size_t count() const { return values_.size(); }
  double sum() const;
  double mean() const;                // 0 where empty
  double deviation() const;           // population standard deviation; 0 where empty
  double percentile(double p) const;  // p in 0..100; 0 where empty
  const std::vector<double>& values() const { return values_; }

 private:
  void sort() const;
  mutable std::vector<double> ordered_;
  std::vector<double> values_;
  mutable bool sorted_ = false;
};

// Counts of whole numbers (latencies in clocks, say): exact up to 4095, then 1/2048 relative width. Constant memory.
class Histogram {
 public:
  void add(std::uint64_t x) {
    if (x < near_.size())
      ++near_[static_cast<std::size_t>(x)];
    else
      add(x, 1);
  }
  void add(std::uint64_t x, std::uint64_t times);
  void merge(const Histogram& other);
  std::uint64_t count() const;
  double mean() const;                // exact
  double percentile(double p) const;  // smallest bucket value with at least p % of the counts at or below it
  std::uint64_t max() const;
  // The first number above `x` that is counted apart from it.
  static std::uint64_t next_bucket(std::uint64_t x);

 private:
  static constexpr std::uint64_t exact = 4096;  // below this, one bucket a value; above, 2048 buckets an octave
  static std::size_t bucket_of(std::uint64_t x);
  static double bucket_value(std::size_t bucket);

  std::vector<std::uint64_t> near_, far_;  // buckets below `exact` and from there on
  std::uint64_t far_count_ = 0, far_max_ = 0;
  Uint128 far_sum_ = 0;
};

// Quantiles of a stream of non-negative numbers within 0.5 % relative error, mergeable in any order
// (DDSketch: Masson, Rim, Lee, VLDB 2019).
class Sketch {
 public:
  void add(double x, std::uint64_t times = 1);
  void merge(const Sketch& other);
  std::uint64_t count() const { return count_; }
  double percentile(double p) const;

 private:
  std::map<int, std::uint64_t> buckets_;
  std::uint64_t zeros_ = 0, count_ = 0;
};

}  // namespace wordline::core
