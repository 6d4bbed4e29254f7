#include "covering_set.h"

#include <set>
#include <stdexcept>
#include <tuple>

namespace wordline::memory::testing {

namespace {

using Pair = std::tuple<std::size_t, int, std::size_t, int>;  // f, its value, g > f, its value

constexpr int open = -1;  // a factor without a value yet

std::set<Pair> all_pairs(const std::vector<int>& sizes, const GoesWith& goes_with) {
  std::set<Pair> pairs;
  for (std::size_t f = 0; f < sizes.size(); ++f)
    for (std::size_t g = f + 1; g < sizes.size(); ++g)
      for (int a = 0; a < sizes[f]; ++a)
        for (int b = 0; b < sizes[g]; ++b)
          if (goes_with(f, a, g, b)) pairs.insert({f, a, g, b});
  return pairs;
}

Pair pair_of(std::size_t f, int a, std::size_t g, int b) { return f < g ? Pair{f, a, g, b} : Pair{g, b, f, a}; }

// How many uncovered pairs a value of f would cover in the choice as it is; -1 where it does not go with it.
int gain(const std::set<Pair>& uncovered, const GoesWith& goes_with, const Choice& choice, std::size_t f, int value) {
  int count = 0;
  for (std::size_t g = 0; g < choice.size(); ++g) {
    if (g == f || choice[g] == open) continue;
    const auto [low, a, high, b] = pair_of(f, value, g, choice[g]);
    if (!goes_with(low, a, high, b)) return -1;
    count += static_cast<int>(uncovered.count({low, a, high, b}));
  }
  return count;
}

}  // namespace

std::vector<Choice> covering_set(const std::vector<int>& sizes, const GoesWith& goes_with) {
  std::set<Pair> uncovered = all_pairs(sizes, goes_with);
  std::vector<Choice> choices;
  while (!uncovered.empty()) {
    Choice choice(sizes.size(), open);
    const auto [f, a, g, b] = *uncovered.begin();
    choice[f] = a;
    choice[g] = b;
    for (std::size_t next = 0; next < sizes.size(); ++next) {
      if (choice[next] != open) continue;
      int best = -1;
      for (int turn = 0; turn < sizes[next]; ++turn) {  // ties go round, so that free places do not all hold value 0
        const int value = (turn + static_cast<int>(choices.size())) % sizes[next];
        const int gained = gain(uncovered, goes_with, choice, next, value);
        if (gained > best) best = gained, choice[next] = value;
      }
      if (choice[next] == open) throw std::logic_error("a factor with no value that goes with the others");
    }
    for (std::size_t low = 0; low < sizes.size(); ++low)
      for (std::size_t high = low + 1; high < sizes.size(); ++high)
        uncovered.erase({low, choice[low], high, choice[high]});
    choices.push_back(std::move(choice));
  }
  return choices;
}

std::size_t uncovered_pairs(const std::vector<int>& sizes, const GoesWith& goes_with,
                            const std::vector<Choice>& choices) {
  std::set<Pair> uncovered = all_pairs(sizes, goes_with);
  for (const Choice& choice : choices)
    for (std::size_t low = 0; low < sizes.size(); ++low)
      for (std::size_t high = low + 1; high < sizes.size(); ++high)
        uncovered.erase({low, choice[low], high, choice[high]});
  return uncovered.size();
}

}  // namespace wordline::memory::testing
