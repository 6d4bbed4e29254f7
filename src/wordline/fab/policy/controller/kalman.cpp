// Kalman's filter of an offset that is a random walk, seen with errors of known variances: the EWMA whose weight is the
// best at each wafer, whoever measured it (Muth 1960; for metrology of either kind, Kuo and Lee 2011). Its variance
// settles at the positive root of the Riccati equation p^2 - q p - q r = 0 where every wafer is seen.
#include "wordline/fab/control/controller.h"

namespace wordline::fab {
namespace {

class Kalman final : public Controller {
 public:
  Kalman(double walk, double noise) : walk_(walk) { state = {0, 100 * noise}; }
  void step(const Sight* seen) override {
    auto& [mean, variance, gain, unused] = state;
    if (seen) {
      gain = variance / (variance + seen->variance);
      mean += gain * (seen->offset - mean);
      variance *= 1 - gain;
    }
    variance += walk_;
  }
  double offset() const override { return state[0]; }

 private:
  double walk_;
};

class Policy final : public ControllerPolicy {
 public:
  std::vector<std::string> parameters() const override { return {"walk_variance"}; }
  std::vector<std::vector<double>> candidates(double noise) const override {
    std::vector<std::vector<double>> all;
    for (double share = 1; share > 1e-5; share /= 1.6) all.push_back({share * noise});
    return all;
  }
  std::unique_ptr<Controller> make(const std::vector<double>& values, double noise) const override {
    check_parameters(values, parameters(), 1e300);
    return std::make_unique<Kalman>(values[0], noise);
  }
};

}  // namespace

namespace policy {
std::unique_ptr<ControllerPolicy> kalman() { return std::make_unique<Policy>(); }
}  // namespace policy
}  // namespace wordline::fab
