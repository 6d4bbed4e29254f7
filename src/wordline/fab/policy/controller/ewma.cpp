// The exponentially weighted moving average of the offsets seen (Ingolfsson, Sachs 1993). Best where the offset is a
// random walk (Muth 1960); a ramp of slope s per sight leaves it behind by s / lambda.
#include "wordline/fab/control/controller.h"

namespace wordline::fab {
namespace {

class Ewma final : public Controller {
 public:
  Ewma(double lambda, double noise) : lambda_(lambda), noise_(noise) {}
  void step(const Sight* seen) override {
    if (seen) state[0] += weight(lambda_, seen->variance, noise_) * (seen->offset - state[0]);
  }
  double offset() const override { return state[0]; }

 private:
  double lambda_, noise_;
};

class Policy final : public ControllerPolicy {
 public:
  std::vector<std::string> parameters() const override { return {"lambda"}; }
  std::vector<std::vector<double>> candidates(double) const override {
    std::vector<std::vector<double>> all;
    for (double lambda = 1; lambda > 0.003; lambda /= 1.25) all.push_back({lambda});
    return all;
  }
  std::unique_ptr<Controller> make(const std::vector<double>& values, double noise) const override {
    check_parameters(values, parameters(), 1);
    return std::make_unique<Ewma>(values[0], noise);
  }
};

}  // namespace

namespace policy {
std::unique_ptr<ControllerPolicy> ewma() { return std::make_unique<Policy>(); }
}  // namespace policy
}  // namespace wordline::fab
