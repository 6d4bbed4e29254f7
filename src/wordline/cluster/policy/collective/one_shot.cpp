// One shot: every chip reads every other's part directly, one latency in all. Needs a link from each to each. An
// all-reduce takes all (n-1) full vectors in through one port (vLLM's and TensorRT-LLM's custom all-reduce for small
// messages); an all-gather takes the (n-1)/n that it lacks.
#include "wordline/cluster/transfer.h"

namespace wordline::cluster::policy {

namespace {

std::optional<core::Seconds> link_time(const Group& group, const Transfer& transfer) {
  const double n = group.chips;
  if (group.port.topology != "all-to-all" && group.chips > 2) return std::nullopt;
  const double taken = transfer.collective == Collective::all_reduce  ? n - 1
                       : transfer.collective == Collective::send_recv ? 1
                                                                      : (n - 1) / n;
  return group.port.latency + transfer.bytes * taken / group.port.bandwidth;
}

}  // namespace

extern const Algorithm one_shot;
const Algorithm one_shot{"one_shot", link_time};

}  // namespace wordline::cluster::policy
