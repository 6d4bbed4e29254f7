// The yield of a die: what share of them has no fault, by the density of faults and the area that they can kill.
#pragma once

#include <string>
#include <vector>

#include "wordline/core/units.h"

namespace wordline::fab {

// A point of the law by which the density of faults varies from place to place: the density over its mean, and the
// share of places that have it.
struct DensityPoint {
  double relative = 0, weight = 0;
};

// One file each in policy/yield/. `clustering` is the alpha of models that have one.
struct YieldModel {
  // The share of dies without a fault where there are `faults` a die in the mean: the mean of exp(-relative * faults)
  // over the law.
  double (*yield)(double faults, double clustering);
  std::vector<DensityPoint> (*law)(double clustering);  // weights sum to 1
  bool clusters = false;                                // whether `clustering` matters
};

// The names of the models: "murphy", "negative-binomial", "poisson", "seeds".
std::vector<std::string> yield_models();
// Throws core::InputError with the nearest name for an unknown one.
YieldModel yield_model(const std::string& name);

// The random faults of a process.
struct Defects {
  std::string model = "negative-binomial";
  core::PerSquareMetre density;  // faults per area (D0), over all that a layer group of `layers` goes through
  double clustering = 3;  // alpha of the negative binomial: the smaller, the more faults share a die; may be infinite
  double critical_share = 1;  // critical area over area: the share of the die where a fault kills
  double layers = 1;          // groups of layers that fail apart, each with `density`: the yield to this power
};

// Throws core::InputError where a number lies outside its range or the model is unknown.
void check(const Defects&);

// Mean faults of one group of layers on that area: density * area * critical_share.
double faults_on(const Defects&, core::SquareMetres area);

// The share of dies of that area without a fault. Throws core::InputError as check() does.
double yield_of(const Defects&, core::SquareMetres area);

// The density at which dies of that area have that yield (0 < yield <= 1), all else as in `defects`.
core::PerSquareMetre density_of(const Defects& defects, core::SquareMetres area, double yield);

}  // namespace wordline::fab
