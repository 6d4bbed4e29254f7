// A step drawn for ui.perfetto.dev: kernels and transfers one after the other, layer by layer.
#pragma once

#include <filesystem>
#include <vector>

#include "wordline/model/step_timer.h"

namespace wordline::model {

// One run of an op of a step.
struct Run {
  std::size_t line = 0;  // of the breakdown
  int layer = -1;        // from 0; -1: outside the layers
  core::Seconds start, duration;
};

// Every run of a breakdown in the order of execution, from time 0 without gaps: neighbours that repeat equally often
// take turns, layer by layer; between such neighbours an op that repeats less often is spread evenly over the layers.
std::vector<Run> runs(const std::vector<StepTimer::Line>& breakdown);

// Draws them: a track of layers, one of kernels with what they wait for inside, one of transfers, and the power. Throws
// core::InputError where the file cannot be written; nothing half-written stays.
void write_timeline(const std::filesystem::path& file, const std::vector<StepTimer::Line>& breakdown,
                    const std::string& title);

}  // namespace wordline::model
