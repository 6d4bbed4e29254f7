#include "wordline/fab/yield.h"

#include <cmath>

#include <fmt/format.h>

#include "wordline/core/policy_table.h"

namespace wordline::fab {

namespace policy {
#define WORDLINE_POLICY(stem) YieldModel stem();
#include "wordline/fab/policy/yield.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

using Make = YieldModel (*)();

const std::vector<core::Policy<Make>>& table() {
  static const std::vector<core::Policy<Make>> all = {
#define WORDLINE_POLICY(stem) {#stem, policy::stem},
#include "wordline/fab/policy/yield.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

void must(bool holds, const std::string& what, double found, const std::string& wanted) {
  if (!holds) throw core::InputError({}, fmt::format("{} {}", what, found), wanted);
}

}  // namespace

std::vector<std::string> yield_models() { return core::names_of(table()); }

YieldModel yield_model(const std::string& name) { return core::maker_of(table(), name, "the yield model")(); }

void check(const Defects& d) {
  yield_model(d.model);
  const double per_cm2 = d.density.in(core::per_square_centimetre(1));
  must(per_cm2 >= 0 && std::isfinite(per_cm2), "the density of faults per cm2", per_cm2, "one of at least 0");
  must(d.clustering > 0, "the clustering", d.clustering, "one above 0");
  must(d.critical_share > 0 && d.critical_share <= 1, "the critical share", d.critical_share, "one in (0, 1]");
  must(d.layers > 0 && std::isfinite(d.layers), "the groups of layers", d.layers, "more than 0");
}

double faults_on(const Defects& d, core::SquareMetres area) { return d.density * area * d.critical_share; }

double yield_of(const Defects& d, core::SquareMetres area) {
  check(d);
  must(area.value() >= 0 && std::isfinite(area.value()), "the area in mm2", area.in(core::square_millimetres(1)),
       "one of at least 0");
  return std::pow(yield_model(d.model).yield(faults_on(d, area), d.clustering), d.layers);
}

core::PerSquareMetre density_of(const Defects& defects, core::SquareMetres area, double yield) {
  must(yield > 0 && yield <= 1, "the yield", yield, "one in (0, 1]");
  must(area.value() > 0, "the area", area.value(), "one above 0");
  Defects d = defects;
  d.density = core::PerSquareMetre(0);
  check(d);
  double low = 0, high = 1;  // faults a die; every model falls from 1 to 0
  const auto model = yield_model(d.model);
  const auto at = [&](double faults) { return std::pow(model.yield(faults, d.clustering), d.layers); };
  while (at(high) > yield && high < 1e300) high *= 2;
  for (int i = 0; i < 200; ++i) {
    const double mid = 0.5 * (low + high);
    if (mid == low || mid == high) break;
    (at(mid) > yield ? low : high) = mid;
  }
  return high / area / d.critical_share;
}

}  // namespace wordline::fab
