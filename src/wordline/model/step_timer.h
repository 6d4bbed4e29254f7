// Times steps of one deployment, fast: what comes again is remembered.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "wordline/chip/kernel_timer.h"
#include "wordline/cluster/transfer.h"
#include "wordline/model/deployment.h"
#include "wordline/model/parts.h"
#include "wordline/model/step.h"
#include "wordline/model/step_memory.h"

namespace wordline::model {

// Gives exactly the sum of cost_of() over ops(), in constant time per call once a token count has been seen (linear in
// the number of prefill chunks), faster for steps that decode alone or with one chunk and were seen. Not thread-safe:
// copy one per thread, copies keep what is remembered.
class StepTimer {
 public:
  // Checks the deployment. The memory is simulated at the first call, or found in the cache.
  explicit StepTimer(Deployment deployment, core::Cache cache = {});
  // With the memory's bandwidths from elsewhere than the simulation, and caches as `residency` says.
  StepTimer(Deployment deployment, chip::Streams streams, chip::Residency residency = chip::Residency::cold);

  StepCost operator()(const StepShape&);
  const Deployment& deployment() const { return deployment_; }
  // What times the kernels: one run of each of a step's is remembered there.
  chip::KernelTimer& kernels() { return kernels_; }

  // One line of a step's account: an op with its cost over all repetitions.
  struct Line {
    Op op;
    StepCost cost;
  };
  // The step op by op; the costs sum up to operator()'s.
  std::vector<Line> breakdown(const StepShape&);

 private:
  StepCost sum_of(const std::vector<Op>&);
  StepCost decoding(const Decoding&);
  StepCost prefilling(const std::vector<PrefillChunk>&);
  // All but attention, of so many tokens and rows of logits.
  StepCost around(std::int64_t tokens, std::int64_t rows);

  Deployment deployment_;
  Groups groups_;
  DecodeOps decode_;
  bool joint_;  // chunks and decoding sequences share their attention kernels
  chip::KernelTimer kernels_;
  std::vector<std::optional<StepCost>> by_tokens_, by_rows_;
  // Of steps that only decode a few sequences, by these with their queries, and their context.
  StepMemory by_context_{1 << 14};
  StepMemory by_chunk_{1 << 14};  // of one prompt chunk's attention, by the context before it and its tokens
};

}  // namespace wordline::model
