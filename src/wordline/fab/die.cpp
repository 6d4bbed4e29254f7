#include "wordline/fab/die.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::fab {

namespace {

constexpr int steps = 48;  // offsets tried along each pitch; even, so that the half is among them

void must(bool holds, const char* what, core::Metres found, const char* wanted) {
  if (!holds) throw core::InputError({}, fmt::format("{} {} mm", what, found.in(core::millimetres(1))), wanted);
}

struct Grid {  // all in metres
  Grid(const DieSize& die, const WaferFormat& wafer)
      : width(die.width.value()),
        height(die.height.value()),
        pitch_x(width + wafer.scribe_x.value()),
        pitch_y(height + wafer.scribe_y.value()),
        radius(0.5 * wafer.diameter.value()),
        edge(wafer.edge.value()),
        notch(wafer.notch.value()),
        flat(wafer.flat.value()) {}

  // Between which heights a die of that column must lie whole; nothing fits where low > high.
  struct Span {
    double low, high;
  };
  Span usable(double centre_x) const {
    const double usable_radius = radius - edge;
    const double far = std::abs(centre_x) + 0.5 * width;
    if (far > usable_radius) return {1, -1};
    const double half = std::sqrt(usable_radius * usable_radius - far * far);
    Span span{-half, half};
    if (flat > 0) span.low = std::max(span.low, -(radius - flat) + edge);
    if (notch > 0) {  // `edge` away from a V with its point at (0, notch - radius)
      const double near = std::max(0.0, std::abs(centre_x) - 0.5 * width);
      const double up =
          near <= edge / std::numbers::sqrt2 ? std::sqrt(edge * edge - near * near) : edge * std::numbers::sqrt2 - near;
      span.low = std::max(span.low, notch - radius + up);
    }
    return span;
  }
  // Rows whose dies lie whole in the span, with the lower edge of row 0 at `bottom`.
  std::pair<int, int> rows(const Span& span, double bottom) const {
    const double slack = 1e-9 * pitch_y;  // a die that fits to the last bit fits
    return {static_cast<int>(std::ceil((span.low - bottom - slack) / pitch_y)),
            static_cast<int>(std::floor((span.high - height - bottom + slack) / pitch_y))};
  }
  std::int64_t count(double x, double y) const {
    x = std::remainder(x, pitch_x);
    y = std::remainder(y, pitch_y);
    std::int64_t all = 0;
    const int most = static_cast<int>(std::ceil(radius / pitch_x)) + 1;
    for (int column = -most; column <= most; ++column) {
      const Span span = usable(x + column * pitch_x);
      if (span.low > span.high) continue;
      const auto [first, last] = rows(span, y - 0.5 * height);
      all += std::max(0, last - first + 1);
    }
    return all;
  }

  double width, height, pitch_x, pitch_y, radius, edge, notch, flat;
};

GridOffset best_offset(const Grid& grid) {
  std::int64_t most = -1;
  GridOffset best;
  for (int i = 0; i < steps; ++i)
    for (int j = 0; j < steps; ++j) {  // i, j = 0: a die in the centre; steps / 2: a lane
      const double x = grid.pitch_x * i / steps, y = grid.pitch_y * j / steps;
      const auto dies = grid.count(x, y);
      if (dies > most) {
        most = dies;
        best = {core::Metres(x), core::Metres(y)};
      }
    }
  return best;
}

}  // namespace

DieSize square_die(core::SquareMetres area) {
  const core::Metres side(std::sqrt(area.value()));
  return {side, side};
}

void check(const WaferFormat& w) {
  must(w.diameter.value() > 0 && std::isfinite(w.diameter.value()), "the wafer's diameter", w.diameter, "one above 0");
  for (const auto& [what, length] : {std::pair{"the edge", w.edge},
                                     {"the scribe lane", w.scribe_x},
                                     {"the scribe lane", w.scribe_y},
                                     {"the notch", w.notch},
                                     {"the flat", w.flat}})
    must(length.value() >= 0 && std::isfinite(length.value()), what, length, "one of at least 0");
  must(w.edge < 0.5 * w.diameter, "the edge", w.edge, "less than half of the diameter");
  must(w.notch < 0.5 * w.diameter, "the notch", w.notch, "less than half of the diameter");
  must(w.flat < 0.5 * w.diameter, "the flat", w.flat, "less than half of the diameter");
}

void check(const DieSize& die, const WaferFormat& wafer) {
  check(wafer);
  for (const auto& side : {die.width, die.height}) {
    must(side.value() > 0, "the die's side", side, "one above 0");
    must(side < wafer.diameter, "the die's side", side, "less than the wafer's diameter");
    must(side > wafer.diameter / 1000, "the die's side", side, "at least 1/1000 of the wafer's diameter");
  }
}

double dies_by_formula(const DieSize& die, const WaferFormat& wafer) {
  check(die, wafer);
  const double area = (die.width + wafer.scribe_x) * (die.height + wafer.scribe_y) / core::SquareMetres(1);
  const double radius = 0.5 * wafer.diameter.value() - wafer.edge.value();
  return std::max(0.0, std::numbers::pi * radius * radius / area - std::numbers::pi * 2 * radius / std::sqrt(2 * area));
}

std::int64_t whole_dies(const DieSize& die, const WaferFormat& wafer, const GridOffset& offset) {
  check(die, wafer);
  return Grid(die, wafer).count(offset.x.value(), offset.y.value());
}

std::int64_t whole_dies(const DieSize& die, const WaferFormat& wafer) {
  check(die, wafer);
  return whole_dies(die, wafer, best_offset(Grid(die, wafer)));
}

WaferLayout lay_out(const DieSize& die, const WaferFormat& wafer, const std::optional<GridOffset>& offset) {
  check(die, wafer);
  const Grid grid(die, wafer);
  WaferLayout layout;
  layout.offset = offset ? *offset : best_offset(grid);
  const double x0 = layout.offset.x.value(), y0 = layout.offset.y.value();
  const int columns = static_cast<int>(std::ceil((grid.radius + std::abs(x0)) / grid.pitch_x)) + 1;
  const int rows = static_cast<int>(std::ceil((grid.radius + std::abs(y0)) / grid.pitch_y)) + 1;
  for (int row = -rows; row <= rows; ++row)
    for (int column = -columns; column <= columns; ++column) {
      const double x = x0 + column * grid.pitch_x, y = y0 + row * grid.pitch_y;
      const double near_x = std::max(0.0, std::abs(x) - 0.5 * grid.width);
      const double near_y = std::max(0.0, std::abs(y) - 0.5 * grid.height);
      if (std::hypot(near_x, near_y) >= grid.radius) continue;
      const auto span = grid.usable(x);
      const auto [first, last] = grid.rows(span, y0 - 0.5 * grid.height);
      const bool whole = span.low <= span.high && row >= first && row <= last;
      layout.dies.push_back({column, row, core::Metres(x), core::Metres(y), whole});
      ++(whole ? layout.whole : layout.partial);
    }
  return layout;
}

}  // namespace wordline::fab
