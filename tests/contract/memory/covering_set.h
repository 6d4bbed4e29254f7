// A small set of choices in which every pair of values of any two factors occurs, found greedily and always the same.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace wordline::memory::testing {

// One value of each factor, by number.
using Choice = std::vector<int>;

// Whether value `a` of factor `f` goes with value `b` of factor `g` (f < g).
using GoesWith = std::function<bool(std::size_t f, int a, std::size_t g, int b)>;

// Choices over factors with `sizes[f]` values each, such that each pair of values that go together occurs in one, and
// none that do not. Every value must go with some value of each other factor.
std::vector<Choice> covering_set(const std::vector<int>& sizes, const GoesWith& goes_with);

// The pairs of values that go together and stand in none of the choices.
std::size_t uncovered_pairs(const std::vector<int>& sizes, const GoesWith& goes_with,
                            const std::vector<Choice>& choices);

}  // namespace wordline::memory::testing
