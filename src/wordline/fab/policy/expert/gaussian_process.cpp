// A Gaussian process (Rasmussen, Williams 2006, ch. 2, 5) over what a DeviationModel left of the last labels. Its
// kernel is a squared exponential in the features, an exponential in the wafers between, and noise. The five free
// numbers are those with the most marginal likelihood on the warm-up, found by halving steps along each of them in
// turn.
#include <algorithm>
#include <array>
#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "wordline/fab/metrology/residual_expert.h"

namespace wordline::fab::policy {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

// Natural logarithms: variances in units of the residuals' own, lengths in root mean squared differences of features
// and in wafers.
struct Kernel {
  enum { bump, length, memory, wafers, noise, count };
  std::array<double, count> log = {-1.5, 0, -1.5, 1.5, -0.5};

  double of(double distance, double between) const {
    return std::exp(log[bump] - 0.5 * distance * std::exp(-2 * log[length])) +
           std::exp(log[memory] - between * std::exp(-log[wafers]));
  }
};

class GaussianProcess : public ResidualExpert {
 public:
  explicit GaussianProcess(const core::Reader& table) : ResidualExpert(table, 2000) {}

 protected:
  double residual(const double* x, std::int64_t wafer) const override {
    const auto& rows = window().rows();
    double sum = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i)
      sum += weights_[static_cast<Eigen::Index>(i)] *
             kernel_.of(distance(rows.row(i), x), static_cast<double>(wafer - window().wafer(i)));
    return sum;
  }

  void begin() override {
    const auto& y = window().rows().y;
    variance_ = 0;
    for (const double r : y) variance_ += r * r / static_cast<double>(y.size());
    if (!(variance_ > 0)) variance_ = 1;
    climb();
    update();
  }

  void update() override {
    const Vector y = targets();
    const auto llt = factor(pairs(), kernel_);
    weights_ = llt.info() == Eigen::Success ? Vector(llt.solve(y) * std::sqrt(variance_)) : Vector::Zero(y.size());
  }

  void save_more(StateWriter& out) const override {
    out.number(variance_);
    for (const double x : kernel_.log) out.number(x);
  }
  void restore_more(StateReader& in) override {
    variance_ = in.number();
    for (double& x : kernel_.log) x = in.number();
    update();
  }

 private:
  double distance(const double* a, const double* b) const {
    const std::size_t n = window().rows().features;
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return n == 0 ? 0 : sum / static_cast<double>(n);
  }

  // Of all pairs; they do not depend on the kernel's numbers.
  struct Pairs {
    Matrix distance, between;
  };
  Pairs pairs() const {
    const auto& rows = window().rows();
    const auto n = static_cast<Eigen::Index>(rows.rows());
    Pairs p{Matrix::Zero(n, n), Matrix::Zero(n, n)};
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j <= i; ++j) {
        const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
        p.distance(i, j) = distance(rows.row(a), rows.row(b));
        p.between(i, j) = std::abs(static_cast<double>(window().wafer(a) - window().wafer(b)));
      }
    return p;
  }

  Eigen::LLT<Matrix> factor(const Pairs& p, const Kernel& kernel) const {
    Matrix k = p.distance;
    for (Eigen::Index i = 0; i < k.rows(); ++i)
      for (Eigen::Index j = 0; j <= i; ++j) k(i, j) = kernel.of(p.distance(i, j), p.between(i, j));
    k.diagonal().array() += std::exp(kernel.log[Kernel::noise]);
    return Eigen::LLT<Matrix>(k);
  }

  Vector targets() const {
    const auto& y = window().rows().y;
    return Eigen::Map<const Vector>(y.data(), static_cast<Eigen::Index>(y.size())) / std::sqrt(variance_);
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

  double variance_ = 1;
  Kernel kernel_;
  Vector weights_;
};

}  // namespace

std::unique_ptr<Expert> gaussian_process(const core::Reader& table) { return std::make_unique<GaussianProcess>(table); }

}  // namespace wordline::fab::policy
