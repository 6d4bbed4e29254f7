// Faults and their clustering from wafer maps: which density of faults, and which alpha, a yield model needs to give
// the windows that were seen.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "wordline/fab/windows.h"
#include "wordline/fab/yield.h"

namespace wordline::fab {

// What the fit looks at.
enum class FitTo {
  counts,  // maximum likelihood of how many dies of each window are bad, a die being bad where it has a fault or more
  shares,  // maximum likelihood of whether each window is without a bad die
};

struct ClusterFit {
  std::string model;
  double faults = 0;                                            // a die, in the mean
  double clustering = std::numeric_limits<double>::infinity();  // of models that have one; infinite: none was seen
  double log_likelihood = 0;  // windows of all sizes taken as independent, which they are not: for comparing models
  // The share of windows of k x k dies without a bad one: the yield of k * k times the area.
  double fault_free(int side) const;
};

// The chance of each number of bad dies, 0 to `dies`, among dies that share one density of faults out of `law`, with
// `faults` a die in the mean.
std::vector<double> bad_dies(const std::vector<DensityPoint>& law, double faults, int dies);

// The best density and clustering of that model for the windows of all these sizes together. Throws core::InputError
// for an unknown model, and where there is nothing to fit: no windows, or none with a bad die, or none with a good one
// (FitTo::shares: none without a bad one).
ClusterFit fit_clustering(const std::string& model, const std::vector<WindowCounts>& windows, FitTo to);

// By how much a fit misses the observed share of windows without a bad die where it misses most.
double worst_miss(const ClusterFit&, const std::vector<WindowCounts>& windows);

}  // namespace wordline::fab
