// Ridge regression fitted to the warm-up and left alone, but for a bias: the moving average of its errors since.
#include "wordline/fab/metrology/ridge.h"

#include "wordline/fab/metrology/expert.h"

namespace wordline::fab::policy {
namespace {

class StaticRidge : public Expert {
 public:
  explicit StaticRidge(double bias_gain) : gain_(bias_gain) {}
  void start(const Labelled& warm_up) override { ridge_ = fit_ridge(warm_up); }
  std::optional<double> predict(const double* x, std::int64_t) const override { return ridge_.predict(x) + bias_; }
  void learn(const double* x, double label, std::int64_t) override {
    bias_ += gain_ * (label - ridge_.predict(x) - bias_);
  }
  void save(StateWriter& out) const override {
    out.numbers(ridge_.weights);
    out.number(ridge_.intercept);
    out.number(bias_);
  }
  void restore(StateReader& in, std::size_t features) override {
    ridge_.weights = in.numbers(features);
    ridge_.intercept = in.number();
    bias_ = in.number();
  }

 private:
  double gain_, bias_ = 0;
  Ridge ridge_;
};

}  // namespace

std::unique_ptr<Expert> ridge(const core::Reader& table) {
  return std::make_unique<StaticRidge>(table.number("bias_gain", 0, 1));
}

}  // namespace wordline::fab::policy
