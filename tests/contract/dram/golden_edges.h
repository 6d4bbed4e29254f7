// Golden edges: spacings typed from their sources by hand, in clocks between first edges, against typing and compiling
// errors in the tables. Each is checked through the auditor: legal at its clock, named one tick before.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../../unit/dram/test_parts.h"
#include "wordline/dram/auditor.h"

namespace wordline::dram::testing {

struct Edge {
  const char* earlier;
  std::vector<int> from;
  const char* later;
  std::vector<int> to;
  double clocks;    // of the DRAM, from first edge to first edge
  const char* why;  // the source's numbers
};

// Whether the pair alone breaks a timing or bus rule when the later command comes `ticks` after the earlier one.
inline bool breaks(const Standard& s, const Edge& edge, Tick ticks) {
  const Tick start = 1000 * s.ticks_per_clock;
  for (const auto& v :
       audit(s, {command(s, start, edge.earlier, edge.from), command(s, start + ticks, edge.later, edge.to)}, 0, false))
    if (v.earliest >= 0) return true;  // not of a state
  return false;
}

inline void check(const std::string& name, const LevelSizes& sizes, const std::vector<Edge>& edges) {
  const Part p = part(name, sizes);
  const int per_clock = p.standard.ticks_per_clock;
  for (const auto& edge : edges) {
    const auto ticks = static_cast<Tick>(edge.clocks * per_clock);
    ASSERT_EQ(static_cast<double>(ticks), edge.clocks * per_clock);
    EXPECT_FALSE(breaks(p.standard, edge, ticks))
        << name << ": " << edge.earlier << " -> " << edge.later << ", " << edge.why;
    EXPECT_TRUE(breaks(p.standard, edge, ticks - 1))
        << name << ": " << edge.earlier << " -> " << edge.later << ", " << edge.why;
  }
}

}  // namespace wordline::dram::testing
