#include "wordline/fab/metrology/residual_expert.h"

namespace wordline::fab {

void ResidualExpert::start(const Labelled& warm_up) {
  Labelled left = warm_up;
  left.y = model_.start(warm_up);
  window_ = Window(warm_up.features, size_);
  window_.start(left);
  begin();
}

std::optional<double> ResidualExpert::predict(const double* x, std::int64_t wafer) const {
  return model_.predict(x) + residual(x, wafer);
}

void ResidualExpert::learn(const double* x, double label, std::int64_t wafer) {
  window_.add(x, label - model_.predict(x), wafer);
  model_.learn(x, label);
  update();
}

void ResidualExpert::save(StateWriter& out) const {
  model_.save(out);
  window_.save(out);
  save_more(out);
}

void ResidualExpert::restore(StateReader& in, std::size_t features) {
  model_.restore(in, features);
  window_ = Window(features, size_);
  window_.restore(in);
  restore_more(in);
}

}  // namespace wordline::fab
