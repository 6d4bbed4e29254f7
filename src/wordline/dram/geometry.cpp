#include "wordline/dram/geometry.h"

#include <algorithm>

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::dram {

void Geometry::finish() {
  const auto count = levels.size();
  nodes.assign(count, 1);
  banks_below.assign(count, 1);
  for (std::size_t l = 1; l < count; ++l) nodes[l] = nodes[l - 1] * sizes[l];
  for (std::size_t l = count - 1; l > 0; --l) banks_below[l - 1] = banks_below[l] * sizes[l];
}

int Geometry::shared_level(int bank_a, int bank_b) const {
  int level = bank_level();
  while (level > 0 && node(level, bank_a) != node(level, bank_b)) --level;
  return level;
}

int Geometry::bank_of(const std::vector<int>& fields) const {
  if (fields.size() != levels.size())
    throw core::InputError(fmt::format("wanted {} level fields, found {}", levels.size(), fields.size()));
  int index = 0;
  for (std::size_t l = 0; l < levels.size(); ++l) {
    if (fields[l] < 0 || fields[l] >= sizes[l])
      throw core::InputError(fmt::format("{} {} is out of range: there are {}", levels[l], fields[l], sizes[l]));
    index = index * sizes[l] + fields[l];
  }
  return index;
}

int Geometry::level_of(const std::string& name) const {
  const auto found = std::find(levels.begin(), levels.end(), name);
  return found == levels.end() ? -1 : static_cast<int>(found - levels.begin());
}

}  // namespace wordline::dram
