// Dies that are good although parts of them are not: spares, and grades by how many like parts work.
#pragma once

#include <string>
#include <vector>

#include "wordline/core/units.h"
#include "wordline/fab/yield.h"

namespace wordline::fab {

// The chance that at least `needed` of `count` units work that each work with chance `works`, independently: spare
// rows, columns, TSVs. 0 <= needed; 1 for needed = 0 and 0 for needed > count. Throws core::InputError for a chance
// outside 0..1 or a negative number.
double at_least(int needed, int count, double works);

// A die of like parts (cores, channels) and of what they share, which must have no fault.
struct PartedDie {
  core::SquareMetres shared;
  core::SquareMetres part;
  int parts = 0;  // of which some may be spare
};
// Throws core::InputError for negative areas and part numbers outside 1..10,000.
void check(const PartedDie&);

// The chance that what is shared works and exactly i of the parts do, i = 0..parts. All of a die sees the same density
// of faults: with clustering a die with one bad part has more of them than chance would give. Their sum is the yield of
// what is shared. Throws core::InputError as check() does, and for faults of several groups of layers.
std::vector<double> parts_that_work(const Defects&, const PartedDie&);

// A grade that a die is sold as where at least `needed` parts work.
struct Grade {
  std::string name;
  int needed = 0;
};
// The share of dies in each grade, each die in the first one that it reaches; what reaches none is lost. Throws
// core::InputError as parts_that_work() does, and for grades that no die can reach or whose needs do not fall.
std::vector<double> graded(const Defects&, const PartedDie&, const std::vector<Grade>&);

}  // namespace wordline::fab
