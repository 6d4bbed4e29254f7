// The kernels and transfers of one step, op by op.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "wordline/chip/kernel_timer.h"
#include "wordline/cluster/transfer.h"
#include "wordline/model/deployment.h"
#include "wordline/model/step.h"

namespace wordline::model {

// One entry of a step: a kernel that each rank runs on its share, or a transfer between the ranks, `count` times a
// step.
struct Op {
  std::variant<chip::Kernel, cluster::Transfer> work;
  int count = 1;
  const std::string& name() const;
};

// All ops of a step in the order of execution; per-layer ops appear once, with count = layers.
std::vector<Op> ops(const Deployment&, const StepShape&);

// Cost of one op, all its repetitions and all ranks together.
StepCost cost_of(const Op&, const Deployment&, const cluster::Group&, chip::KernelTimer&);

}  // namespace wordline::model
