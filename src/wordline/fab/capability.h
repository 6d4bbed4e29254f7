// The capability of a process: how its spread lies between its limits, and what share of the product falls outside.
#pragma once

#include <optional>

namespace wordline::fab {

// What a measured quantity (a film's thickness, say) must lie between, in its own unit; one of them may be left out.
struct Limits {
  std::optional<double> lower, upper;
};

// The indices of a normally distributed quantity (ISO 22514-2). `cp` is 0 where one limit is left out.
struct Capability {
  double cp = 0, cpk = 0;
  double outside = 0;  // share beyond a limit: Phi(-3 Cpu) + Phi(-3 Cpl)
};

// Throws core::InputError for a spread that is not above 0, limits in the wrong order, or none.
Capability capability(double mean, double sigma, const Limits& limits);

// The share beyond both limits of a centred process of that Cpk; the same process where its sigma is `ratio` times as
// wide has Cpk / ratio.
double outside_of(double cpk);

// What passes `layers` independent layers of which each loses the share `outside`: (1 - outside)^layers.
double parametric_yield(double outside, double layers);

// The lower tail of the standard normal distribution, Phi(z), to full relative precision for small ones.
double normal_tail(double z);
// z such that Phi(z) = p, 0 < p < 1.
double normal_quantile(double p);

}  // namespace wordline::fab
