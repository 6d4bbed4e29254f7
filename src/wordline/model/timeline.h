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

// Every run of a breakdown in the order of execution, from time 0 without gaps. From the first op that repeats to the
// last they take turns, layer by layer, as many layers as the most frequent has runs. A breakdown does not say which
// layers a rarer one is for: up to a quarter is taken to be the first ones (DeepSeek's dense layers), from three
// quarters on the last ones; others, and transfers, are spread evenly, and of two with one name and all layers between
// them the second takes those that the first leaves.
std::vector<Run> runs(const std::vector<StepTimer::Line>& breakdown);

// Draws them: a track of layers, one of kernels with what they wait for inside, one of transfers, and the power. Throws
// core::InputError where the file cannot be written; nothing half-written stays.
void write_timeline(const std::filesystem::path& file, const std::vector<StepTimer::Line>& breakdown,
                    const std::string& title);

}  // namespace wordline::model
