#include "wordline/fab/metrology/monitor.h"

#include <algorithm>

namespace wordline::fab {

bool DriftWatch::sees(double z) {
  up_ = std::max(0.0, up_ + z - allowance_);
  down_ = std::max(0.0, down_ - z - allowance_);
  if (up_ <= limit_ && down_ <= limit_) return false;
  up_ = down_ = 0;
  return true;
}

void DriftWatch::save(StateWriter& out) const {
  out.number(up_);
  out.number(down_);
}

void DriftWatch::restore(StateReader& in) {
  up_ = in.number();
  down_ = in.number();
}

void ShiftWatch::start(std::size_t features) {
  mean_.assign(features, 0);
  variance_.assign(features, 1);
  beyond_ = 0;
}

ShiftWatch::Seen ShiftWatch::see(const double* x) {
  const std::size_t n = mean_.size();
  if (n == 0) return {};
  constexpr double least = 1e-4;  // of the variance in the warm-up: a feature that stood still since is no alarm
  double sum = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const double deviation = x[j] - mean_[j];
    sum += deviation * deviation / variance_[j];
  }
  Seen seen{sum / static_cast<double>(n), false, false};
  seen.novel = seen.distance > limit_;
  beyond_ = seen.novel ? beyond_ + 1 : 0;
  seen.shift = beyond_ >= in_a_row_;
  if (seen.shift) beyond_ = 0;
  // A wafer beyond the limit moves the averages only where it turns out to be no exception.
  const double gain = seen.shift ? 1 : seen.novel ? 0 : gain_;
  for (std::size_t j = 0; j < n; ++j) {
    const double deviation = x[j] - mean_[j];
    mean_[j] += gain * deviation;
    if (!seen.novel) variance_[j] = std::max(least, variance_[j] + gain * (deviation * deviation - variance_[j]));
  }
  return seen;
}

void ShiftWatch::save(StateWriter& out) const {
  out.integer(beyond_);
  out.numbers(mean_);
  out.numbers(variance_);
}

void ShiftWatch::restore(StateReader& in, std::size_t features) {
  beyond_ = static_cast<int>(in.integer(0, 1 << 20));
  mean_ = in.numbers(features);
  variance_ = in.numbers(features);
}

}  // namespace wordline::fab
