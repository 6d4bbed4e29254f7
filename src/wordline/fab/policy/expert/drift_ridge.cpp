// A DeviationModel alone.
#include "wordline/fab/metrology/deviation_model.h"
#include "wordline/fab/metrology/expert.h"

namespace wordline::fab::policy {
namespace {

class DriftRidge : public Expert {
 public:
  DriftRidge(double gain, double forgetting) : model_(gain, forgetting) {}
  void start(const Labelled& warm_up) override { model_.start(warm_up); }
  std::optional<double> predict(const double* x, std::int64_t) const override { return model_.predict(x); }
  void learn(const double* x, double label, std::int64_t) override { model_.learn(x, label); }
  void save(StateWriter& out) const override { model_.save(out); }
  void restore(StateReader& in, std::size_t features) override { model_.restore(in, features); }

 private:
  DeviationModel model_;
};

}  // namespace

std::unique_ptr<Expert> drift_ridge(const core::Reader& table) {
  return std::make_unique<DriftRidge>(table.number("gain", 1e-6, 1), table.number_or("forgetting", 1, 0.5, 1));
}

}  // namespace wordline::fab::policy
