// No control: the recipe stays as it is.
#include "wordline/fab/control/controller.h"

namespace wordline::fab {
namespace {

class Fixed final : public Controller {
 public:
  void step(const Sight*) override {}
  double offset() const override { return 0; }
};

class Policy final : public ControllerPolicy {
 public:
  std::vector<std::string> parameters() const override { return {}; }
  std::vector<std::vector<double>> candidates(double) const override { return {{}}; }
  std::unique_ptr<Controller> make(const std::vector<double>& values, double) const override {
    check_parameters(values, {}, 0);
    return std::make_unique<Fixed>();
  }
  bool looks() const override { return false; }
};

}  // namespace

namespace policy {
std::unique_ptr<ControllerPolicy> none() { return std::make_unique<Policy>(); }
}  // namespace policy
}  // namespace wordline::fab
