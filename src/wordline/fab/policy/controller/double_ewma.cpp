// The double EWMA, or predictor-corrector (Butler, Stefani 1994): averages of the offset and of its drift. Its two
// recursions with weights l1 and l2 forecast as Holt's do with weights l1 + l2 - l1 l2 for the level and l1 l2 for the
// trend; that form takes sights that are wafers apart, the trend being per wafer. It follows a ramp without lasting
// error.
#include "wordline/fab/control/controller.h"

namespace wordline::fab {
namespace {

class DoubleEwma final : public Controller {
 public:
  DoubleEwma(double level, double drift, double noise)
      : level_(level + drift - level * drift), trend_(level * drift), noise_(noise) {}
  void step(const Sight* seen) override {
    auto& [level, trend, since, unused] = state;  // since: wafers from the last sight to the next wafer
    if (seen) {
      const double error = seen->offset - offset();
      const double part = weight(level_, seen->variance, noise_);
      level = offset() + part * error;
      trend += trend_ * part / level_ * error / (since > 0 ? since : 1);
      since = 0;
    }
    ++since;
  }
  double offset() const override { return state[0] + state[1] * state[2]; }

 private:
  double level_, trend_, noise_;
};

class Policy final : public ControllerPolicy {
 public:
  std::vector<std::string> parameters() const override { return {"lambda1", "lambda2"}; }
  std::vector<std::vector<double>> candidates(double) const override {
    std::vector<std::vector<double>> all;
    for (double level = 0.9; level > 0.005; level /= 1.5)
      for (double drift = 0.3; drift > 0.0003; drift /= 3) all.push_back({level, drift});
    return all;
  }
  std::unique_ptr<Controller> make(const std::vector<double>& values, double noise) const override {
    check_parameters(values, parameters(), 1);
    return std::make_unique<DoubleEwma>(values[0], values[1], noise);
  }
};

}  // namespace

namespace policy {
std::unique_ptr<ControllerPolicy> double_ewma() { return std::make_unique<Policy>(); }
}  // namespace policy
}  // namespace wordline::fab
