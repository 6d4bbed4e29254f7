#include "wordline/fab/metrology/labelled.h"

namespace wordline::fab {

Labelled Labelled::part(std::size_t begin, std::size_t end) const {
  Labelled out{features, {}, {}};
  for (std::size_t i = begin; i < end; ++i) out.add(row(i), y[i]);
  return out;
}

Deviations deviations_of(const Labelled& wafers, double gain) {
  Deviations out;
  out.rows.features = wafers.features;
  if (wafers.rows() == 0) return out;
  out.mean_features.assign(wafers.row(0), wafers.row(0) + wafers.features);
  out.mean_label = wafers.y[0];
  std::vector<double> deviation(wafers.features);
  for (std::size_t i = 0; i < wafers.rows(); ++i) {
    const double* x = wafers.row(i);
    for (std::size_t j = 0; j < wafers.features; ++j) {
      deviation[j] = x[j] - out.mean_features[j];
      out.mean_features[j] += gain * deviation[j];
    }
    out.rows.add(deviation.data(), wafers.y[i] - out.mean_label);
    out.mean_label += gain * (wafers.y[i] - out.mean_label);
  }
  return out;
}

}  // namespace wordline::fab
