// A Gaussian process over the last labelled wafers (Rasmussen, Williams 2006, ch. 2, 5). Its kernel is a sum: a level
// that nobody knows, a random walk of it from wafer to wafer, a linear and a squared-exponential part in the features;
// and noise. The five free numbers are those with the most marginal likelihood on the warm-up, found by halving steps
// along each of them in turn.
#include <algorithm>
#include <array>
#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "wordline/fab/metrology/expert.h"
#include "wordline/fab/metrology/window.h"

namespace wordline::fab::policy {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

// All as natural logarithms; variances in units of the labels' own.
struct Kernel {
  enum { walk, linear, bump, length, noise, count };
  std::array<double, count> log = {-5, -1, -1, 0, -2};

  double of(double distance, double product, double steps) const {
    return std::exp(log[walk]) * steps + std::exp(log[linear]) * product +
           std::exp(log[bump] - 0.5 * distance * std::exp(-2 * log[length]));
  }
};

constexpr double level_variance = 1e4;  // of the level at the window's first wafer: as good as unknown

class GaussianProcess : public Expert {
 public:
  explicit GaussianProcess(std::size_t size) : size_(size) {}

  void start(const Labelled& warm_up) override {
    window_ = Window(warm_up.features, size_);
    window_.start(warm_up);
    double mean = 0;
    for (const double y : warm_up.y) mean += y / static_cast<double>(warm_up.rows());
    for (const double y : warm_up.y) variance_ += (y - mean) * (y - mean) / static_cast<double>(warm_up.rows());
    if (!(variance_ > 0)) variance_ = 1;
    climb();
    condition();
  }

  std::optional<double> predict(const double* x, std::int64_t wafer) const override {
    const auto& rows = window_.rows();
    double sum = mean_;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      const auto [distance, product] = compare(rows.row(i), x);
      const auto steps = static_cast<double>(std::min(wafer, window_.wafer(i)) - first_);
      sum += weights_[static_cast<Eigen::Index>(i)] * (level_variance + kernel_.of(distance, product, steps));
    }
    return sum;
  }

  void learn(const double* x, double label, std::int64_t wafer) override {
    window_.add(x, label, wafer);
    condition();
  }

  void save(StateWriter& out) const override {
    window_.save(out);
    out.number(variance_);
    for (const double x : kernel_.log) out.number(x);
  }

  void restore(StateReader& in) override {
    window_ = Window(0, size_);
    window_.restore(in);
    variance_ = in.number();
    for (double& x : kernel_.log) x = in.number();
    condition();
  }

 private:
  // Mean squared difference and mean product of two wafers' features.
  std::pair<double, double> compare(const double* a, const double* b) const {
    const std::size_t n = window_.rows().features;
    double distance = 0, product = 0;
    for (std::size_t j = 0; j < n; ++j) {
      distance += (a[j] - b[j]) * (a[j] - b[j]);
      product += a[j] * b[j];
    }
    const double scale = n == 0 ? 0 : 1 / static_cast<double>(n);
    return {distance * scale, product * scale};
  }

  // Distances and products of all pairs; they do not depend on the kernel's numbers.
  struct Pairs {
    Matrix distance, product, steps;
  };
  Pairs pairs() const {
    const auto& rows = window_.rows();
    const auto n = static_cast<Eigen::Index>(rows.rows());
    Pairs p{Matrix(n, n), Matrix(n, n), Matrix(n, n)};
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j <= i; ++j) {
        const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
        std::tie(p.distance(i, j), p.product(i, j)) = compare(rows.row(a), rows.row(b));
        p.steps(i, j) = static_cast<double>(std::min(window_.wafer(a), window_.wafer(b)) - first_);
      }
    return p;
  }

  Eigen::LLT<Matrix> factor(const Pairs& p, const Kernel& kernel) const {
    Matrix k = p.distance;
    for (Eigen::Index i = 0; i < k.rows(); ++i)
      for (Eigen::Index j = 0; j <= i; ++j)
        k(i, j) = level_variance + kernel.of(p.distance(i, j), p.product(i, j), p.steps(i, j));
    k.diagonal().array() += std::exp(kernel.log[Kernel::noise]);
    return Eigen::LLT<Matrix>(k);
  }

  // The labels less their mean, in units of their deviation in the warm-up; sets where the random walk begins.
  Vector targets() {
    const auto& rows = window_.rows();
    mean_ = 0;
    first_ = window_.wafer(0);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      mean_ += rows.y[i] / static_cast<double>(rows.rows());
      first_ = std::min(first_, window_.wafer(i));
    }
    Vector y(static_cast<Eigen::Index>(rows.rows()));
    for (Eigen::Index i = 0; i < y.size(); ++i)
      y[i] = (rows.y[static_cast<std::size_t>(i)] - mean_) / std::sqrt(variance_);
    return y;
  }

  void climb() {
    const Vector y = targets();
    const Pairs p = pairs();
    const auto likelihood = [&](const Kernel& kernel) {
      const auto llt = factor(p, kernel);
      if (llt.info() != Eigen::Success) return -1e300;
      return -0.5 * y.dot(llt.solve(y)) - llt.matrixLLT().diagonal().array().log().sum();
    };
    double best = likelihood(kernel_);
    for (double step = 2; step > 0.2; step /= 2)
      for (std::size_t i = 0; i < Kernel::count; ++i)
        for (const double move : {step, -step}) {
          Kernel tried = kernel_;
          tried.log[i] = std::clamp(tried.log[i] + move, -12.0, 6.0);
          const double value = likelihood(tried);
          if (value > best) best = value, kernel_ = tried;
        }
  }

  void condition() {
    if (window_.rows().rows() == 0) return;
    const Vector y = targets();
    const auto llt = factor(pairs(), kernel_);
    if (llt.info() != Eigen::Success) {
      weights_ = Vector::Zero(y.size());
      return;
    }
    weights_ = llt.solve(y) * std::sqrt(variance_);
  }

  std::size_t size_;
  double variance_ = 0, mean_ = 0;
  std::int64_t first_ = 0;
  Kernel kernel_;
  Window window_;
  Vector weights_;
};

}  // namespace

std::unique_ptr<Expert> gaussian_process(const core::Reader& table) {
  return std::make_unique<GaussianProcess>(static_cast<std::size_t>(table.integer("window", 2, 2000)));
}

}  // namespace wordline::fab::policy
