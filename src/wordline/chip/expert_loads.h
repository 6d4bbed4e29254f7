// How many rows the experts of one rank get.
#pragma once

#include <vector>

#include "wordline/chip/expert_placement.h"
#include "wordline/chip/kernel.h"

namespace wordline::chip {

// `experts` of a rank that get `rows` rows each, both means.
struct ExpertLoad {
  double rows = 0, experts = 0;
};
// The experts of the rank that get at least one row, those with the same number of rows taken together; none where
// there is no token. Evenly drawn: an expert of chance top_k / experts is missed by all tokens with probability
// (1 - chance)^tokens. Dealt: every expert has its first row before any has a second, and the rank that is looked at
// is served first. Skewed: the experts' popularities are evenly spaced quantiles of a power law, cut off at 0.8 of the
// tokens above and at one row below (where there are fewer rows than experts, a 200th of the cut-off), scaled to all
// rows and rounded; no expert gets a token twice, and what a full one cannot take falls on the emptiest. The experts
// are shuffled over the ranks, and the rank is the one with the most rows, taken together over several shuffles. This
// is how ai-dynamo/aiconfigurator draws the routing that it measures with.
//
// By Zipf's law: an expert that a token chooses with chance c is missed by all tokens with probability (1 - c)^tokens.
std::vector<ExpertLoad> expert_loads(const Experts&);

// Whether expert_placement.h tells how loads fall: popularity by Zipf's law, or redundant experts; and what it is told.
bool routed(const Experts&);
ExpertRouting routing_of(const Experts&);

}  // namespace wordline::chip
