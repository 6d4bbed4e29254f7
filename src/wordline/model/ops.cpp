#include "wordline/model/ops.h"

#include <algorithm>

#include "wordline/chip/expert_loads.h"
#include "wordline/model/parts.h"

namespace wordline::model {

namespace {

// What the mean rank draws until the fullest is done: its own kernel, then the power of a running chip.
core::Joules mean_joules(const chip::KernelCost& fullest, const chip::Kernel& kernel, const chip::Chip& chip,
                         chip::KernelTimer& kernels) {
  const auto* experts = std::get_if<chip::Experts>(&kernel.work);
  if (!experts || experts->ranks == 1 || !chip::routed(*experts)) return fullest.joules;
  chip::Kernel mean = kernel;
  std::get<chip::Experts>(mean.work).mean_rank = true;
  const chip::KernelCost cost = kernels(mean);
  const core::Seconds waits = std::max(core::Seconds(0), fullest.time - cost.time);
  return chip::whole_ticks(cost.joules + chip.awake() * waits);
}

StepCost kernel_cost(const chip::KernelCost& cost, int count, int ranks) {
  StepCost out;
  const double times = count;
  out.time = cost.time * times;
  out.joules = cost.joules * (times * ranks);
  out.by_bound[static_cast<std::size_t>(chip::Bound::launch)] = cost.launch * times;
  out.by_bound[static_cast<std::size_t>(cost.body)] = (cost.time - cost.launch) * times;
  return out;
}

StepCost transfer_cost(const cluster::TransferCost& cost, int count, int groups) {
  StepCost out;
  out.time = cost.time * count;
  out.joules = cost.joules * (static_cast<double>(count) * groups);
  out.by_bound[static_cast<std::size_t>(chip::Bound::launch)] = cost.launch * count;
  out.by_bound[static_cast<std::size_t>(chip::Bound::link)] = cost.link * count;
  return out;
}

}  // namespace

const std::string& Op::name() const {
  return std::visit([](const auto& w) -> const std::string& { return w.name; }, work);
}

std::vector<Op> ops(const Deployment& d, const StepShape& shape) {
  if (shape.tokens() == 0) return {};
  std::vector<Op> out = token_ops(d, shape.tokens() + shape.padding);
  const auto after = std::find_if(
      out.begin(), out.end(), [](const Op& op) { return op.name() == "quantise_attention" || op.name() == "o_proj"; });
  const Decoding decoding = decoding_of(shape);
  const bool joint = !shape.prefill.empty() && joint_attention(d);
  std::vector<Op> attention = prefill_ops(d, shape.prefill, joint ? decoding : Decoding{});
  if (!joint)
    for (auto& op : decode_ops(d, decoding)) attention.push_back(std::move(op));
  out.insert(after, attention.begin(), attention.end());
  const auto last = logits_ops(d, shape.logits_rows());
  out.insert(out.end(), last.begin(), last.end());
  return out;
}

Groups::Groups(const Deployment& d) {
  for (const int chips : {d.tp, d.tp * d.dp, std::min(d.pp, 2)})
    if (chips > 1) groups_.push_back(cluster::group_of(d.chip, chips));
}

const cluster::Group& Groups::of(int chips) const {
  return *std::find_if(groups_.begin(), groups_.end(), [&](const auto& group) { return group.chips == chips; });
}

StepCost cost_of(const Op& op, const Deployment& d, const Groups& groups, chip::KernelTimer& kernels) {
  if (const auto* kernel = std::get_if<chip::Kernel>(&op.work)) {
    chip::KernelCost cost = kernels(*kernel);
    cost.joules = mean_joules(cost, *kernel, d.chip, kernels);
    return kernel_cost(cost, op.count, op.chips);
  }
  const auto& transfer = std::get<cluster::Transfer>(op.work);
  // Every rank sends to its own of the next stage; other groups are as many as it takes to make up a stage.
  const int stage = d.tp * d.dp,
            at_once = transfer.collective == cluster::Collective::send_recv ? stage : stage / op.chips;
  return transfer_cost(cluster::cost_of(groups.of(op.chips), transfer), op.count, at_once);
}

}  // namespace wordline::model
