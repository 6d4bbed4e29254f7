// The roofline as a chart, a table and JSON.
#pragma once

#include <string>
#include <vector>

#include "report_parts.h"
#include "wordline/chip/kernel.h"
#include "wordline/chip/roofline.h"

namespace wordline::cli {

// One kernel of a step among the ceilings.
struct RooflineDot {
  std::string name;
  chip::RooflinePoint at;
  core::Seconds each;  // one run
  double share = 0;    // of the step, all runs together
  chip::Bound bound = chip::Bound::dram;
  double flops_per_second() const { return at.flops.value() / each.value(); }
};

// Log-log: ceilings as lines, kernels as points in a colour for each bound; kernels without operations are left out.
Json roofline_chart(const chip::Roofline&, const std::vector<RooflineDot>&);
// "ceilings": name, TFLOP/s or GB/s, and the operations a byte from which a flat one binds rather than the DRAM.
Json ceilings_json(const chip::Roofline&);
// The same as lines for a person.
std::string ceilings_text(const chip::Roofline&);
// A "points" entry: operations a byte, achieved and allowed TFLOP/s, time, share, bound.
Json dot_json(const chip::Roofline&, const RooflineDot&);

}  // namespace wordline::cli
