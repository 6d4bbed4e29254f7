// Ridge regression of the last labelled wafers, fitted anew whenever a twentieth of the window is new.
#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "wordline/fab/metrology/expert.h"
#include "wordline/fab/metrology/ridge.h"
#include "wordline/fab/metrology/window.h"

namespace wordline::fab::policy {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Row = Eigen::Map<const Vector>;

class WindowRidge : public Expert {
 public:
  explicit WindowRidge(std::size_t size) : size_(size) {}

  void start(const Labelled& warm_up) override {
    penalty_ = fit_ridge(warm_up).penalty;
    window_ = Window(warm_up.features, size_);
    window_.start(warm_up);
    count_again();
    fit();
  }

  std::optional<double> predict(const double* x, std::int64_t) const override { return fit_.predict(x); }

  void learn(const double* x, double label, std::int64_t wafer) override {
    const auto& rows = window_.rows();
    if (window_.full()) count(rows.row(window_.next()), rows.y[window_.next()], -1);
    window_.add(x, label, wafer);
    count(x, label, 1);
    if (++since_count_ >= size_) count_again();  // what rounding left behind goes
    if (++since_fit_ * 20 >= size_) fit();
  }

  void save(StateWriter& out) const override {
    window_.save(out);
    out.integer(static_cast<std::int64_t>(since_fit_));
    out.integer(static_cast<std::int64_t>(since_count_));
    out.number(penalty_);
    out.numbers(fit_.weights);
    out.number(fit_.intercept);
    out.numbers({gram_.data(), gram_.data() + gram_.size()});
    out.numbers({products_.data(), products_.data() + products_.size()});
  }

  void restore(StateReader& in, std::size_t features) override {
    window_ = Window(features, size_);
    window_.restore(in);
    since_fit_ = static_cast<std::size_t>(in.integer(0, static_cast<std::int64_t>(size_)));
    since_count_ = static_cast<std::size_t>(in.integer(0, static_cast<std::int64_t>(size_)));
    penalty_ = in.number();
    const std::size_t n = features + 1;
    fit_.weights = in.numbers(n - 1);
    fit_.intercept = in.number();
    const auto order = static_cast<Eigen::Index>(n);
    gram_ = Eigen::Map<const Matrix>(in.numbers(n * n).data(), order, order);
    products_ = Eigen::Map<const Vector>(in.numbers(n).data(), order);
    row_.resize(order);
  }

 private:
  // Adds a row, weighted, to the lower half of the Gram matrix of (features, 1) and to its products with the labels.
  void count(const double* x, double label, double weight) {
    row_.head(row_.size() - 1) = Row(x, row_.size() - 1);
    row_[row_.size() - 1] = 1;
    gram_.selfadjointView<Eigen::Lower>().rankUpdate(row_, weight);
    products_ += weight * label * row_;
  }

  void count_again() {
    const auto n = static_cast<Eigen::Index>(window_.rows().features + 1);
    gram_ = Matrix::Zero(n, n);
    products_ = Vector::Zero(n);
    row_.resize(n);
    const auto& rows = window_.rows();
    for (std::size_t i = 0; i < rows.rows(); ++i) count(rows.row(i), rows.y[i], 1);
    since_count_ = 0;
  }

  // Centred on the window's means: the intercept bears no penalty.
  void fit() {
    since_fit_ = 0;
    const auto d = static_cast<Eigen::Index>(window_.rows().features);
    const double n = gram_(d, d);
    const Vector mean = gram_.row(d).head(d).transpose() / n;
    const double mean_label = products_[d] / n;
    if (d == 0) {
      fit_.intercept = mean_label;
      return;
    }
    Matrix centred = gram_.topLeftCorner(d, d);
    centred.selfadjointView<Eigen::Lower>().rankUpdate(mean, -n);
    centred.diagonal().array() += penalty_;
    const Eigen::LLT<Matrix, Eigen::Lower> factor(centred);
    if (factor.info() != Eigen::Success) return;  // the last fit stands
    const Vector weights = factor.solve(products_.head(d) - n * mean_label * mean);
    fit_.weights.assign(weights.data(), weights.data() + d);
    fit_.intercept = mean_label - mean.dot(weights);
  }

  std::size_t size_, since_fit_ = 0, since_count_ = 0;
  double penalty_ = 1;
  Window window_;
  Matrix gram_;
  Vector products_, row_;
  Ridge fit_;
};

}  // namespace

std::unique_ptr<Expert> window_ridge(const core::Reader& table) {
  return std::make_unique<WindowRidge>(static_cast<std::size_t>(table.integer("window", 2, 100000)));
}

}  // namespace wordline::fab::policy
