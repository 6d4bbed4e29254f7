// Virtual metrology tried on wafers whose results are all known: labels are held back, late and rare as in a fab.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wordline/fab/metrology/stream.h"

namespace wordline::fab {

// Wafers in the order in which they were made, their features row by row. A wafer without a result has NaN for its
// label: it is predicted, and never scored or learned.
struct WaferTable {
  std::vector<std::string> feature_names;
  std::vector<std::string> wafers, chambers;  // of each row
  std::vector<double> times;                  // seconds
  std::vector<double> features, labels;

  std::size_t rows() const { return labels.size(); }
  const double* row(std::size_t i) const { return features.data() + i * feature_names.size(); }
};

struct ReplaySettings {
  std::size_t warm_up = 0;    // wafers of each chamber whose labels are all known at once; 0: the bank's
  double warm_up_share = 0;   // instead: this share of each chamber's wafers, rounded down; 10 at least
  std::int64_t sampling = 1;  // every so many wafers of a chamber one is measured, the first too
  std::int64_t delay = 1;     // its label comes before the wafer that is so many later in its chamber
  bool choose = false;        // instead of every so many: those that the sampler asks for, as many in the long run
};

// One wafer of a replay, warmed up.
struct Replayed {
  std::size_t row = 0;
  Prediction prediction;
  bool measured = false;
  bool drift = false;                   // a label that came before this wafer said so
  const std::vector<double>& opinions;  // of each expert
  const std::vector<double>& weights;
};

// Sums over a chamber's wafers after its warm-up that have a label.
struct ChamberScore {
  std::int64_t wafers = 0, covered = 0;
  double squared_error = 0, sum = 0, squares = 0;

  double mse() const { return squared_error / static_cast<double>(wafers); }
  // Sum of the squared differences of the labels from their mean.
  double scatter() const { return squares - sum * sum / static_cast<double>(wafers); }
};

// The same over all chambers.
struct ReplayScore {
  std::int64_t wafers = 0, measured = 0, covered = 0;
  double squared_error = 0, width = 0;
  std::map<std::string, ChamberScore> chambers;
  std::vector<double> expert_squared_error;  // of each expert, where awake
  std::vector<std::int64_t> expert_wafers;

  double mse() const { return squared_error / static_cast<double>(wafers); }
  double expert_mse(std::size_t i) const { return expert_squared_error[i] / static_cast<double>(expert_wafers[i]); }
  double coverage() const { return static_cast<double>(covered) / static_cast<double>(wafers); }
  double mean_width() const { return width / static_cast<double>(wafers); }
  // Share of the labels' variance within chambers that is explained: what chambers differ by is no merit.
  double r2() const;
};

// Each chamber is a stream of its own. `each` is called for every wafer after its chamber's warm-up, in order.
ReplayScore replay(const WaferTable& table, std::shared_ptr<const Bank> bank, const ReplaySettings& settings,
                   const std::function<void(const Replayed&)>& each = {});

}  // namespace wordline::fab
