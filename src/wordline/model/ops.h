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

// One entry of a step, `count` times: a kernel that each rank of a stage runs on its share, or a transfer between
// `chips` ranks.
struct Op {
  std::variant<chip::Kernel, cluster::Transfer> work;
  int count = 1;
  int chips = 1;  // that run the kernel at once, or take part in one transfer
  const std::string& name() const;
};

// All ops of a step in the order of execution. What equal layers repeat appears once, with its count; with stages,
// those of all stages, one after the other.
std::vector<Op> ops(const Deployment&, const StepShape&);

// Groups of a deployment's chips by size, for transfers.
class Groups {
 public:
  explicit Groups(const Deployment&);
  const cluster::Group& of(int chips) const;

 private:
  std::vector<cluster::Group> groups_;
};

// Cost of one op, all its repetitions and all its chips together.
StepCost cost_of(const Op&, const Deployment&, const Groups&, chip::KernelTimer&);

}  // namespace wordline::model
