// How many rows the experts of one rank get.
#pragma once

#include <vector>

#include "wordline/chip/kernel.h"

namespace wordline::chip {

// `experts` of a rank that get `rows` rows each, both means.
struct ExpertLoad {
  double rows = 0, experts = 0;
};
// The experts of the rank that get at least one row, those with rows within a factor of two taken together. Expert e
// of all is drawn with a chance in proportion to (e + 1)^-skew, no token twice; the experts are dealt to the ranks in
// turn, and the rank is the first. An expert of chance p is missed by all tokens with probability (1 - p)^tokens.
std::vector<ExpertLoad> expert_loads(const Experts&);

}  // namespace wordline::chip
