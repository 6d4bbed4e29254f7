// Wafers whose result is known: rows of features, standardised, and the measured value of each.
#pragma once

#include <cstddef>
#include <vector>

namespace wordline::fab {

// Row-major: wafer i's features are x[i * features] and on. In the order of time.
struct Labelled {
  std::size_t features = 0;
  std::vector<double> x, y;

  std::size_t rows() const { return y.size(); }
  const double* row(std::size_t i) const { return x.data() + i * features; }
  void add(const double* row_of_features, double label) {
    x.insert(x.end(), row_of_features, row_of_features + features);
    y.push_back(label);
  }
  // The rows from `begin` up to `end`.
  Labelled part(std::size_t begin, std::size_t end) const;
};

// What moving averages leave of wafers: each row's features and label less their averages over the rows before it,
// which move by `gain` at each row; the first row is the averages' start. Regressing one on the other is blind to
// slow drift of either.
struct Deviations {
  Labelled rows;
  std::vector<double> mean_features;  // after the last row
  double mean_label = 0;
};
Deviations deviations_of(const Labelled& wafers, double gain);

}  // namespace wordline::fab
