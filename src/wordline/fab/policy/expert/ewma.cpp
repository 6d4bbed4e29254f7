// The exponentially weighted moving average of the labels: no feature counts.
#include "wordline/fab/metrology/expert.h"

namespace wordline::fab::policy {
namespace {

class Ewma : public Expert {
 public:
  explicit Ewma(double gain) : gain_(gain) {}
  void start(const Labelled& warm_up) override {
    level_ = warm_up.y.front();
    for (const double y : warm_up.y) level_ += gain_ * (y - level_);
  }
  std::optional<double> predict(const double*, std::int64_t) const override { return level_; }
  void learn(const double*, double label, std::int64_t) override { level_ += gain_ * (label - level_); }
  void save(StateWriter& out) const override { out.number(level_); }
  void restore(StateReader& in, std::size_t) override { level_ = in.number(); }

 private:
  double gain_, level_ = 0;
};

}  // namespace

std::unique_ptr<Expert> ewma(const core::Reader& table) {
  return std::make_unique<Ewma>(table.number("gain", 1e-6, 1));
}

}  // namespace wordline::fab::policy
