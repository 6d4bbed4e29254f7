#include "wordline/core/statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace wordline::core {

void Samples::add(const Samples& other) {
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  sorted_ = false;
}

double Samples::sum() const {
  double sum = 0, lost = 0;  // Kahan
  for (const double x : values_) {
    const double y = x - lost, next = sum + y;
    lost = (next - sum) - y;
    sum = next;
  }
  return sum;
}

double Samples::mean() const { return values_.empty() ? 0 : sum() / static_cast<double>(values_.size()); }

double Samples::deviation() const {
  if (values_.empty()) return 0;
  const double m = mean();
  double squares = 0;
  for (const double x : values_) squares += (x - m) * (x - m);
  return std::sqrt(squares / static_cast<double>(values_.size()));
}

void Samples::sort() const {
  if (sorted_) return;
  ordered_ = values_;
  std::sort(ordered_.begin(), ordered_.end());
  sorted_ = true;
}

double Samples::percentile(double p) const {
  if (values_.empty()) return 0;
  sort();
  const double rank = std::clamp(p, 0.0, 100.0) / 100 * static_cast<double>(ordered_.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, ordered_.size() - 1);
  const double share = rank - static_cast<double>(below);
  return ordered_[below] + (ordered_[above] - ordered_[below]) * share;
}

std::size_t Histogram::bucket_of(std::uint64_t x) {
  if (x < exact) return static_cast<std::size_t>(x);
  const int octave = 63 - std::countl_zero(x) - 11;  // x >> octave lies in 2048..4095
  return static_cast<std::size_t>(static_cast<std::uint64_t>(octave) * 2048 + (x >> octave));
}

double Histogram::bucket_value(std::size_t bucket) {
  if (bucket < exact) return static_cast<double>(bucket);
  const auto octave = static_cast<int>(bucket / 2048 - 1);
  return std::ldexp(static_cast<double>(bucket - static_cast<std::size_t>(octave) * 2048), octave);
}

void Histogram::count(std::uint64_t x, std::uint64_t times) {
  const std::size_t bucket = bucket_of(x);
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  buckets_[bucket] += times;
}

void Histogram::add(std::uint64_t x, std::uint64_t times) {
  count(x, times);
  count_ += times;
  sum_ += static_cast<Uint128>(x) * times;
  max_ = std::max(max_, x);
}

void Histogram::merge(const Histogram& other) {
  if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

double Histogram::mean() const { return count_ ? static_cast<double>(sum_) / static_cast<double>(count_) : 0; }

double Histogram::percentile(double p) const {
  if (count_ == 0) return 0;
  const double wanted = std::clamp(p, 0.0, 100.0) / 100 * static_cast<double>(count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (buckets_[i] && static_cast<double>(seen) >= wanted) return bucket_value(i);
  }
  return static_cast<double>(max_);
}

namespace {
const double log_gamma = std::log(1.005 / 0.995);  // relative error 0.5 %
}  // namespace

void Sketch::add(double x, std::uint64_t times) {
  count_ += times;
  if (!(x > 1e-300))
    zeros_ += times;
  else
    buckets_[static_cast<int>(std::ceil(std::log(x) / log_gamma))] += times;
}

void Sketch::merge(const Sketch& other) {
  for (const auto& [bucket, times] : other.buckets_) buckets_[bucket] += times;
  zeros_ += other.zeros_;
  count_ += other.count_;
}

double Sketch::percentile(double p) const {
  if (count_ == 0) return 0;
  const double rank = std::clamp(p, 0.0, 100.0) / 100 * static_cast<double>(count_ - 1);
  std::uint64_t seen = zeros_;
  if (static_cast<double>(seen) > rank) return 0;
  for (const auto& [bucket, times] : buckets_) {
    seen += times;
    if (static_cast<double>(seen) > rank) return 2 * std::exp(bucket * log_gamma) / (1 + std::exp(log_gamma));
  }
  return 0;
}

}  // namespace wordline::core
