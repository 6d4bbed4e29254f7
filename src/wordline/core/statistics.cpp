#include "wordline/core/statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

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

std::uint64_t Histogram::next_bucket(std::uint64_t x) {
  if (x < exact) return x + 1;
  const int width = static_cast<int>(std::bit_width(x) - std::bit_width(exact)) + 1;  // 2^width numbers share a bucket
  return ((x >> width) + 1) << width;
}

void Histogram::add(std::uint64_t x, std::uint64_t times) {
  const std::size_t bucket = bucket_of(x);
  if (x < exact) {
    if (bucket >= near_.size()) near_.resize(std::min<std::size_t>(exact, std::max(bucket + 1, near_.size() * 2)));
    near_[bucket] += times;
    return;
  }
  if (bucket - exact >= far_.size()) far_.resize(bucket - exact + 1);
  far_[bucket - exact] += times;
  far_count_ += times;
  far_sum_ += static_cast<Uint128>(x) * times;
  far_max_ = std::max(far_max_, x);
}

void Histogram::merge(const Histogram& other) {
  const auto add_all = [](std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
    if (from.size() > to.size()) to.resize(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
  };
  add_all(near_, other.near_);
  add_all(far_, other.far_);
  far_count_ += other.far_count_;
  far_sum_ += other.far_sum_;
  far_max_ = std::max(far_max_, other.far_max_);
}

std::uint64_t Histogram::count() const { return std::accumulate(near_.begin(), near_.end(), far_count_); }

double Histogram::mean() const {
  Uint128 sum = far_sum_;
  for (std::size_t x = 0; x < near_.size(); ++x) sum += static_cast<Uint128>(x) * near_[x];
  const std::uint64_t all = count();
  return all ? static_cast<double>(sum) / static_cast<double>(all) : 0;
}

std::uint64_t Histogram::max() const {
  if (far_count_ > 0) return far_max_;
  for (std::size_t x = near_.size(); x-- > 0;)
    if (near_[x]) return x;
  return 0;
}

double Histogram::percentile(double p) const {
  const std::uint64_t all = count();
  if (all == 0) return 0;
  const double wanted = std::clamp(p, 0.0, 100.0) / 100 * static_cast<double>(all);
  std::uint64_t seen = 0;
  const auto reaches = [&](std::uint64_t counts) {
    seen += counts;
    return counts && static_cast<double>(seen) >= wanted;
  };
  for (std::size_t i = 0; i < near_.size(); ++i)
    if (reaches(near_[i])) return bucket_value(i);
  for (std::size_t i = 0; i < far_.size(); ++i)
    if (reaches(far_[i])) return bucket_value(exact + i);
  return static_cast<double>(max());
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
