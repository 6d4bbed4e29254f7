// One shot: every chip reads every other's part directly, one step in all. Needs a link from each to each. An
// all-reduce takes all (n-1) full vectors in through one port (vLLM's and TensorRT-LLM's custom all-reduce for small
// messages); an all-gather takes the (n-1)/n that it lacks. Where the port's library is known, an all-reduce is a
// barrier, loads and sums: (3 + (n-1)/10) a + (n-1) bytes / B + 2 bytes / memory.
#include "wordline/cluster/protocols.h"

namespace wordline::cluster::policy {

namespace {

std::optional<Duration> duration(const Group& group, const Transfer& transfer) {
  const double n = group.chips;
  const bool reduce = transfer.collective == Collective::all_reduce;
  if (!group.port.peer_access) return std::nullopt;
  if (group.software == Software::nccl || (!reduce && transfer.collective != Collective::all_gather))
    return std::nullopt;
  if (group.port.topology != "all-to-all" && group.chips > 2) return std::nullopt;
  const core::Seconds links = transfer.bytes * (reduce ? n - 1 : (n - 1) / n) / to_all(group);
  if (group.port.library.empty()) return Duration{group.launch, group.port.latency + links};
  if (!reduce) return std::nullopt;  // nobody's
  return Duration{core::Seconds(), protocol::flags_and_loads(group) + links + protocol::copied(group, transfer.bytes)};
}

}  // namespace

extern const Algorithm one_shot;
const Algorithm one_shot{"one_shot", duration};

}  // namespace wordline::cluster::policy
