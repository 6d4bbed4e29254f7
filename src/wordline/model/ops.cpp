#include "wordline/model/ops.h"

#include <algorithm>

#include "wordline/model/parts.h"

namespace wordline::model {

namespace {

StepCost kernel_cost(const chip::KernelCost& cost, int count, int ranks) {
  StepCost out;
  const double times = count;
  out.time = cost.time * times;
  out.joules = cost.joules * (times * ranks);
  out.by_bound[static_cast<std::size_t>(chip::Bound::launch)] = cost.launch * times;
  out.by_bound[static_cast<std::size_t>(cost.body)] = (cost.time - cost.launch) * times;
  return out;
}

StepCost transfer_cost(const cluster::TransferCost& cost, int count) {
  StepCost out;
  out.time = cost.time * count;
  out.joules = cost.joules * count;
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
  std::vector<Op> out = token_ops(d, shape.tokens());
  const int layers = d.architecture.layers;
  auto after_rope = std::find_if(out.begin(), out.end(), [](const Op& op) { return op.name() == "rope"; }) + 1;
  if (shape.decode_sequences > 0)
    after_rope =
        out.insert(after_rope, {decode_attention(d, shape.decode_sequences, shape.decode_context_tokens), layers});
  if (!shape.prefill.empty()) out.insert(after_rope, {prefill_attention(d, shape.prefill), layers});
  const auto last = logits_ops(d, shape.logits_rows());
  out.insert(out.end(), last.begin(), last.end());
  return out;
}

StepCost cost_of(const Op& op, const Deployment& d, const cluster::Group& group, chip::KernelTimer& kernels) {
  if (const auto* transfer = std::get_if<cluster::Transfer>(&op.work))
    return transfer_cost(cluster::cost_of(group, *transfer), op.count);
  return kernel_cost(kernels(std::get<chip::Kernel>(op.work)), op.count, d.tp);
}

}  // namespace wordline::model
