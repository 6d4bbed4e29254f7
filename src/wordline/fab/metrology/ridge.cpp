#include "wordline/fab/metrology/ridge.h"

#include <cmath>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include "wordline/core/error.h"

namespace wordline::fab {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

constexpr int half_decades_from = -2, half_decades_to = 10;

// The regression in the axes of the features' Gram matrix, where each penalty costs one pass over the rows.
struct Rotated {
  Vector eigenvalues, gradient;  // of the Gram matrix, and the axes' products with the labels
  Matrix axes, rows;             // axes in columns; the rows' places on them
  Vector labels;
  double share_of_mean = 0;  // what the intercept takes of each row's freedom: 1/n, or nothing
};

double press(const Rotated& r, double penalty) {
  const Vector shrunk = (r.eigenvalues.array().max(0) + penalty).inverse();
  const Vector fitted = r.rows * r.gradient.cwiseProduct(shrunk);
  const Vector leverage = (r.rows.array().square().matrix() * shrunk).array() + r.share_of_mean;
  double sum = 0;
  for (Eigen::Index i = 0; i < r.labels.size(); ++i) {
    const double left_out = (r.labels[i] - fitted[i]) / std::max(1 - leverage[i], 1e-9);
    sum += left_out * left_out;
  }
  return sum / static_cast<double>(r.labels.size());
}

}  // namespace

double Ridge::predict(const double* x) const { return intercept + dot(weights.data(), x, weights.size()); }

Ridge fit_ridge(const Labelled& wafers, std::optional<double> penalty, bool with_intercept) {
  if (wafers.rows() == 0) throw core::InputError({}, "no labelled wafer", "at least one to fit a regression to");
  const auto n = static_cast<Eigen::Index>(wafers.rows()), d = static_cast<Eigen::Index>(wafers.features);
  Matrix x = Eigen::Map<const Matrix>(wafers.x.data(), n, d);
  Vector y = Eigen::Map<const Vector>(wafers.y.data(), n);
  Vector mean = Vector::Zero(d);
  double mean_label = 0;
  if (with_intercept) {
    mean = x.colwise().mean();
    mean_label = y.mean();
    x.rowwise() -= mean.transpose();
    y.array() -= mean_label;
  }
  Rotated r{Vector(d), {}, Matrix(d, d), {}, y, with_intercept ? 1 / static_cast<double>(n) : 0.0};
  if (d > 0) {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(x.transpose() * x);
    r.eigenvalues = solver.eigenvalues();
    r.axes = solver.eigenvectors();
  }
  r.rows = x * r.axes;
  r.gradient = r.rows.transpose() * y;

  Ridge best;
  best.leave_one_out = -1;
  for (int step = half_decades_from; step <= half_decades_to; ++step) {
    const double tried = penalty.value_or(std::pow(10.0, 0.5 * step));
    const double error = press(r, tried);
    if (best.leave_one_out < 0 || error < best.leave_one_out) best.penalty = tried, best.leave_one_out = error;
    if (penalty) break;
  }
  const Vector shrunk = (r.eigenvalues.array().max(0) + best.penalty).inverse();
  const Vector weights = r.axes * r.gradient.cwiseProduct(shrunk);
  best.weights.assign(weights.data(), weights.data() + d);
  best.intercept = mean_label - mean.dot(weights);
  return best;
}

double dot(const double* a, const double* b, std::size_t n) {
  double strands[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (std::size_t s = 0; s < 8; ++s) strands[s] += a[i + s] * b[i + s];
  double rest = 0;
  for (; i < n; ++i) rest += a[i] * b[i];
  return ((strands[0] + strands[4]) + (strands[1] + strands[5])) +
         ((strands[2] + strands[6]) + (strands[3] + strands[7])) + rest;
}

}  // namespace wordline::fab
