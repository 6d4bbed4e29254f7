#include "wordline/fab/metrology/ud_filter.h"

#include <algorithm>

#include "wordline/fab/metrology/ridge.h"

namespace wordline::fab {
namespace {

// u + k * lambda, and k + u * v with u as it was.
void rotate(double* __restrict u, double* __restrict k, double lambda, double v, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const double before = u[i];
    u[i] = before + k[i] * lambda;
    k[i] += before * v;
  }
}

}  // namespace

UdFilter::UdFilter(std::size_t features, double variance, double forgetting)
    : variance_(variance), forgetting_(forgetting), weights_(features, 0.0), d_(features, variance) {
  lay_out();
}

void UdFilter::lay_out() {
  const std::size_t n = d_.size();
  offsets_.resize(n);
  std::size_t at = 0;
  for (std::size_t j = 0; j < n; ++j) offsets_[j] = at, at += j;
  u_.resize(at, 0.0);
  f_.resize(n);
  gain_.resize(n);
}

double UdFilter::predict(const double* x) const { return dot(weights_.data(), x, weights_.size()); }

void UdFilter::learn(const double* x, double y) {
  const std::size_t n = d_.size();
  for (std::size_t j = 0; j < n; ++j) f_[j] = x[j] + dot(column(j), x, j);
  double alpha = forgetting_;  // the noise's variance, in units in which the newest wafer has forgetting's weight
  for (std::size_t j = 0; j < n; ++j) {
    const double v = d_[j] * f_[j], before = alpha;
    alpha += v * f_[j];
    d_[j] = std::min(d_[j] * before / alpha / forgetting_, variance_);
    rotate(column(j), gain_.data(), -f_[j] / before, v, j);
    gain_[j] = v;
  }
  const double step = (y - predict(x)) / alpha;
  for (std::size_t j = 0; j < n; ++j) weights_[j] += gain_[j] * step;
}

void UdFilter::save(StateWriter& out) const {
  out.number(variance_);
  out.number(forgetting_);
  out.numbers(weights_);
  out.numbers(d_);
  out.numbers(u_);
}

void UdFilter::restore(StateReader& in, std::size_t features) {
  variance_ = in.number();
  forgetting_ = in.number();
  weights_ = in.numbers(features);
  d_ = in.numbers(features);
  u_ = in.numbers(features * (features > 0 ? features - 1 : 0) / 2);
  lay_out();
}

}  // namespace wordline::fab
