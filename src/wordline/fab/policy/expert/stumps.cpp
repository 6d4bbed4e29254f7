// Gradient-boosted stumps (Friedman 2001) on what a DeviationModel leaves of the last labels, fitted anew whenever a
// quarter of them is new. Each stump splits one feature once; splits are tried at 15 quantiles.
#include <algorithm>
#include <cmath>

#include "wordline/fab/metrology/residual_expert.h"

namespace wordline::fab::policy {
namespace {

struct Stump {
  std::size_t feature = 0;
  double split = 0, below = 0, above = 0;  // what it adds on either side of the split
  double operator()(const double* x) const { return x[feature] < split ? below : above; }
};

class Booster {
 public:
  static constexpr std::size_t bins = 16;

  explicit Booster(const Labelled& rows) : rows_(rows), residual_(rows.y) {
    std::vector<double> column(rows.rows());
    bin_.resize(rows.rows() * rows.features);
    edges_.resize(rows.features * (bins - 1));
    for (std::size_t j = 0; j < rows.features; ++j) {
      for (std::size_t i = 0; i < column.size(); ++i) column[i] = rows.row(i)[j];
      std::sort(column.begin(), column.end());
      double* edges = edges_.data() + j * (bins - 1);
      for (std::size_t b = 1; b < bins; ++b) edges[b - 1] = column[column.size() * b / bins];
      for (std::size_t i = 0; i < column.size(); ++i)
        bin_[i * rows.features + j] =
            static_cast<unsigned char>(std::upper_bound(edges, edges + bins - 1, rows.row(i)[j]) - edges);
    }
  }

  // The split that leaves the least squared residual, shrunk, and the residuals without it.
  Stump next(double shrinkage) {
    Stump best;
    double most = 0, total = 0;
    const std::size_t n = rows_.rows();
    for (const double r : residual_) total += r;
    for (std::size_t j = 0; j < rows_.features; ++j) {
      double sums[bins] = {}, counts[bins] = {};
      for (std::size_t i = 0; i < n; ++i) {
        const auto b = bin_[i * rows_.features + j];
        sums[b] += residual_[i];
        counts[b] += 1;
      }
      double sum = 0, count = 0;
      for (std::size_t b = 0; b + 1 < bins; ++b) {
        sum += sums[b];
        count += counts[b];
        const double rest = static_cast<double>(n) - count;
        if (count == 0 || rest == 0) continue;
        const double gain = sum * sum / count + (total - sum) * (total - sum) / rest;
        if (gain <= most) continue;
        most = gain;
        best = {j, edges_[j * (bins - 1) + b], shrinkage * sum / count, shrinkage * (total - sum) / rest};
      }
    }
    for (std::size_t i = 0; i < n; ++i) residual_[i] -= best(rows_.row(i));
    return best;
  }

 private:
  const Labelled& rows_;
  std::vector<double> residual_, edges_;
  std::vector<unsigned char> bin_;
};

class Stumps : public ResidualExpert {
 public:
  explicit Stumps(const core::Reader& table)
      : ResidualExpert(table, 100000),
        rounds_(static_cast<std::size_t>(table.integer("rounds", 1, 10000))),
        shrinkage_(table.number("shrinkage", 1e-6, 1)) {}

 protected:
  double residual(const double* x, std::int64_t) const override {
    double sum = 0;
    for (const auto& stump : stumps_) sum += stump(x);
    return sum;
  }
  void begin() override { fit(); }
  void update() override {
    if (++since_fit_ * 4 >= window().rows().rows()) fit();
  }

  void save_more(StateWriter& out) const override {
    out.integer(static_cast<std::int64_t>(since_fit_));
    out.integer(static_cast<std::int64_t>(stumps_.size()));
    for (const auto& stump : stumps_) {
      out.integer(static_cast<std::int64_t>(stump.feature));
      for (const double x : {stump.split, stump.below, stump.above}) out.number(x);
    }
  }
  void restore_more(StateReader& in) override {
    const auto& rows = window().rows();
    since_fit_ = static_cast<std::size_t>(in.integer(0, static_cast<std::int64_t>(rows.rows())));
    stumps_.resize(static_cast<std::size_t>(in.integer(0, static_cast<std::int64_t>(rounds_))));
    for (auto& stump : stumps_) {
      stump.feature = static_cast<std::size_t>(in.integer(0, static_cast<std::int64_t>(rows.features) - 1));
      for (auto* x : {&stump.split, &stump.below, &stump.above}) *x = in.number();
    }
  }

 private:
  void fit() {
    since_fit_ = 0;
    stumps_.clear();
    if (window().rows().rows() < 2 || window().rows().features == 0) return;
    Booster booster(window().rows());
    for (std::size_t round = 0; round < rounds_; ++round) stumps_.push_back(booster.next(shrinkage_));
  }

  std::size_t rounds_, since_fit_ = 0;
  double shrinkage_;
  std::vector<Stump> stumps_;
};

}  // namespace

std::unique_ptr<Expert> stumps(const core::Reader& table) { return std::make_unique<Stumps>(table); }

}  // namespace wordline::fab::policy
