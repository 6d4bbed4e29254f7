// The HTML report of `wordline model step`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "roofline_report.h"
#include "wordline/model/step_timer.h"

namespace wordline::cli {

// A timed step: its whole cost, its lines, what one run of each line's kernel costs (transfers: only time), and the
// roofline of the chip.
struct TimedStep {
  std::string title;        // "llama-3.1-8b on 4 × NVIDIA H100 SXM"
  std::string work;         // "16 sequences with 2000 tokens each ..."
  std::int64_t tokens = 0;  // that the step adds: one for each sequence that decodes
  model::StepCost cost;
  std::vector<model::StepTimer::Line> lines;
  std::vector<chip::KernelCost> each;
  chip::Roofline roof;
};

// The kernels as points of the roofline, in the order of the step.
std::vector<RooflineDot> dots_of(const TimedStep&, const chip::Chip&);
// The report in the form that web/README.md describes.
Json step_report(const TimedStep&, const chip::Chip&, const core::Catalog&);
// The same as one HTML file that works offline.
void write_step_report(const std::filesystem::path&, const TimedStep&, const chip::Chip&, const core::Catalog&);

}  // namespace wordline::cli
