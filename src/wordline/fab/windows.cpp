#include "wordline/fab/windows.h"

#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::fab {

std::int64_t WindowCounts::total() const { return std::accumulate(windows.begin(), windows.end(), std::int64_t{0}); }

double WindowCounts::fault_free() const {
  const auto all = total();
  return all > 0 ? static_cast<double>(windows[0]) / static_cast<double>(all) : 0;
}

double WindowCounts::mean() const {
  double sum = 0;
  for (std::size_t bad = 0; bad < windows.size(); ++bad)
    sum += static_cast<double>(bad) * static_cast<double>(windows[bad]);
  const auto all = total();
  return all > 0 ? sum / static_cast<double>(all) : 0;
}

double WindowCounts::variance() const {
  const double m = mean();
  double sum = 0;
  for (std::size_t bad = 0; bad < windows.size(); ++bad) {
    const double off = static_cast<double>(bad) - m;
    sum += off * off * static_cast<double>(windows[bad]);
  }
  const auto all = total();
  return all > 0 ? sum / static_cast<double>(all) : 0;
}

double WindowCounts::clustering_by_moments() const {
  const double m = mean(), more = variance() - m;
  return more > 0 ? m * m / more : std::numeric_limits<double>::infinity();
}

void add_windows(const WaferMap& map, WindowCounts& counts) {
  const int side = counts.side;
  for (int y0 = 0; y0 + side <= map.height; y0 += side)
    for (int x0 = 0; x0 + side <= map.width; x0 += side) {
      std::size_t dies = 0, bad = 0;
      for (int y = y0; y < y0 + side; ++y)
        for (int x = x0; x < x0 + side; ++x) {
          dies += map.at(x, y) != DieResult::none;
          bad += map.at(x, y) == DieResult::bad;
        }
      if (dies == static_cast<std::size_t>(side * side)) ++counts.windows[bad];
    }
}

WindowCounts count_windows(const std::vector<WaferMap>& maps, int side) {
  if (side < 1 || side > 16)
    throw core::InputError({}, fmt::format("windows of {0} x {0} dies", side), "1 to 16 a side");
  WindowCounts counts{side, std::vector<std::int64_t>(static_cast<std::size_t>(side * side) + 1)};
  for (const auto& map : maps) add_windows(map, counts);
  return counts;
}

}  // namespace wordline::fab
