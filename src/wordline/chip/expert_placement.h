// Which experts tokens choose where some are more popular, and how many of these choices fall on the fullest rank.
//
// Popularity is Zipf's law: expert i of E has weight i^-skew. A token's top_k experts are one set, chosen with a chance
// in proportion to the product of its experts' weights; with top_k = 1 that is Zipf's law itself, with skew = 0 every
// set is as likely as another. All chances are exact: elementary symmetric polynomials of the weights (conditional
// Bernoulli sampling: Chen, Dempster and Liu, Biometrika 81, 1994).
#pragma once

#include <memory>
#include <vector>

namespace wordline::chip {

// How a layer's tokens choose experts, and where these are. Linear placement (vLLM's): rank after rank holds the next
// experts / ranks of them, and popularity has nothing to do with their order. Balanced (EPLB, of DeepSeek-V3 and vLLM):
// the `redundant` replicas go one after the other to the expert whose replicas each have most tokens, and all replicas,
// fullest first, to the emptiest rank that has room; popularity is taken to be known.
struct ExpertRouting {
  int experts = 1, top_k = 1, ranks = 1;
  double skew = 0;
  bool balanced = false;
  int redundant = 0;  // of balanced ones
  bool operator==(const ExpertRouting&) const = default;
  auto operator<=>(const ExpertRouting&) const = default;
};

// `experts` replicas that a token chooses with that chance each, in the mean.
struct ExpertChance {
  double chance = 0, experts = 0;
};

// The rank with most choices. Linear placement: means over a fixed set of shuffles of the experts, of each of which the
// fullest rank is taken, so that `fullest` may hold a part of an expert.
struct ExpertPlacement {
  std::vector<double> chances;  // that a token chooses an expert, the most popular first; they add up to top_k
  std::vector<double> loads;    // choices of a token that fall on each rank, the fullest first; they do, too
  // Replicas of the fullest rank and of the mean one, those of nearly the same chance together.
  std::vector<ExpertChance> fullest, mean;
  double reached = 0;    // chance that a token has a choice there at all
  double imbalance = 1;  // choices there over those of the mean rank; vLLM logs its inverse, balancedness
};

// Remembered for each routing, on any thread.
std::shared_ptr<const ExpertPlacement> placed(const ExpertRouting&);

}  // namespace wordline::chip
