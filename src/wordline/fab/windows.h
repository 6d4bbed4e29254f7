// Square windows of dies on wafer maps: how many bad dies each holds. A window of k x k dies without a bad one is what
// a die of k * k the area would be without a fault, so that windows show how yield falls with area.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/fab/wafer_map.h"

namespace wordline::fab {

// Windows of `side` x `side` dies side by side from the map's corner (x = y = 0); those that are not full of dies (good
// or bad) are left out.
struct WindowCounts {
  int side = 1;
  std::vector<std::int64_t> windows;  // how many have 0, 1, ... side * side bad dies

  std::int64_t total() const;
  double fault_free() const;  // share of windows without a bad die; 0 where there are none
  double mean() const;        // bad dies a window
  double variance() const;
  // What the mean and the variance make of clustering where each bad die counts as one fault, though it may hold more:
  // mean^2 / (variance - mean); infinite where the variance is no larger than the mean.
  double clustering_by_moments() const;
};

// Adds one map's windows to the counts, which have their side.
void add_windows(const WaferMap&, WindowCounts&);
// Counts over maps. Throws core::InputError for a side outside 1..16.
WindowCounts count_windows(const std::vector<WaferMap>&, int side);

}  // namespace wordline::fab
