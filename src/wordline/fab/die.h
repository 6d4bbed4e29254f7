// Dies on a wafer: how many fit, by the closed formula and by counting, and where each lies.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "wordline/core/units.h"

namespace wordline::fab {

struct DieSize {
  core::Metres width, height;
  core::SquareMetres area() const { return width * height; }
};
// A square die of that area.
DieSize square_die(core::SquareMetres area);

// A wafer and what of it carries no die: nothing whole lies within `edge` of its outline, and saw lanes part the dies.
struct WaferFormat {
  core::Metres diameter = core::millimetres(300);
  core::Metres edge = core::millimetres(3);
  core::Metres scribe_x, scribe_y;  // width of the lanes between columns and between rows
  core::Metres notch;               // depth of a V of 90 degrees at the bottom (y < 0); 0: none
  core::Metres flat;                // how deep a straight cut at the bottom goes into the circle; 0: none
};
// Throws core::InputError for sizes below 0, and where nothing is left of the wafer.
void check(const WaferFormat&);
// The same for a die, which must fit on the wafer.
void check(const DieSize&, const WaferFormat&);

// Dies per wafer: pi (D/2 - e)^2 / A' - pi (D - 2e) / sqrt(2 A') with A' = (w + sx)(h + sy), which for a square die and
// equal lanes is the published A + 2 s sqrt(A) + s^2. A mean over where the grid lies; notch and flat do not count; not
// below 0.
double dies_by_formula(const DieSize&, const WaferFormat&);

// Where the centre of the die of column 0 and row 0 lies from the wafer's centre.
struct GridOffset {
  core::Metres x, y;
};

// One die of the grid; `x` and `y` are its centre from the wafer's, `whole` whether all of it may carry a product.
struct DiePlace {
  int column = 0, row = 0;
  core::Metres x, y;
  bool whole = false;
};

// All dies that touch the wafer, by rows from the bottom.
struct WaferLayout {
  GridOffset offset;
  std::vector<DiePlace> dies;
  std::int64_t whole = 0, partial = 0;
};
// The grid at that offset; without one, at the best of 48 x 48 offsets over one pitch (of equals the first, from a
// die in the centre). Throws core::InputError as check() does.
WaferLayout lay_out(const DieSize&, const WaferFormat&, const std::optional<GridOffset>& offset = std::nullopt);

// How many dies are whole with the grid at that offset.
std::int64_t whole_dies(const DieSize&, const WaferFormat&, const GridOffset& offset);
// The same at the best offset of lay_out(): gross dies per wafer.
std::int64_t whole_dies(const DieSize&, const WaferFormat&);

}  // namespace wordline::fab
