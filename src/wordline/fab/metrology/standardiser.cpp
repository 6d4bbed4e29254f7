#include "wordline/fab/metrology/standardiser.h"

#include <algorithm>
#include <cmath>

namespace wordline::fab {

Standardiser::Standardiser(const Labelled& raw, double clip) : clip_(clip) {
  for (std::size_t j = 0; j < raw.features; ++j) {
    double n = 0, mean = 0, squares = 0;  // Welford
    for (std::size_t i = 0; i < raw.rows(); ++i) {
      const double x = raw.row(i)[j];
      if (!std::isfinite(x)) continue;
      n += 1;
      const double before = x - mean;
      mean += before / n;
      squares += before * (x - mean);
    }
    const double deviation = n > 0 ? std::sqrt(squares / n) : 0;
    const bool still = !(deviation > 1e-9 * std::max(1.0, std::abs(mean))) || !std::isfinite(deviation);
    if (still || 2 * n < static_cast<double>(raw.rows())) continue;
    kept_.push_back(j);
    mean_.push_back(mean);
    scale_.push_back(1 / deviation);
  }
}

void Standardiser::apply(const double* raw, double* out) const {
  for (std::size_t k = 0; k < kept_.size(); ++k) {
    const double z = (raw[kept_[k]] - mean_[k]) * scale_[k];
    out[k] = std::isfinite(z) ? std::clamp(z, -clip_, clip_) : 0;
  }
}

void Standardiser::save(StateWriter& out) const {
  out.number(clip_);
  out.integer(static_cast<std::int64_t>(kept_.size()));
  for (const auto j : kept_) out.integer(static_cast<std::int64_t>(j));
  out.numbers(mean_);
  out.numbers(scale_);
}

void Standardiser::restore(StateReader& in, std::size_t raw_features) {
  clip_ = in.number();
  kept_.resize(static_cast<std::size_t>(in.integer(0, static_cast<std::int64_t>(raw_features))));
  for (auto& j : kept_) j = static_cast<std::size_t>(in.integer(0, static_cast<std::int64_t>(raw_features) - 1));
  mean_ = in.numbers(kept_.size());
  scale_ = in.numbers(kept_.size());
}

}  // namespace wordline::fab
