// Two shots: every chip sums its n-th of all vectors, then reads the others' sums: 2 (n-1)/n bytes in two steps (vLLM's
// custom all-reduce, which takes at most 8 MiB, and the middle sizes of TensorRT-LLM's, whose choice falls on NCCL
// instead where it is left to choose). Needs a link from each to each. Where the port's library is known:
// 2 (3 + (n-1)/10) a + 2 (n-1)/n bytes / B + 2 bytes / memory; else 2 a + 2 (n-1)/n bytes / B.
#include "wordline/cluster/protocols.h"

namespace wordline::cluster::policy {

namespace {

constexpr core::Bytes largest = core::bytes(8.0 * 1024 * 1024);

std::optional<Duration> duration(const Group& group, const Transfer& transfer) {
  const double n = group.chips;
  if (!group.port.peer_access) return std::nullopt;
  if (group.software != Software::vllm || transfer.collective != Collective::all_reduce) return std::nullopt;
  if (transfer.bytes > largest || (group.port.topology != "all-to-all" && group.chips > 2)) return std::nullopt;
  const core::Seconds links = transfer.bytes * (2 * (n - 1) / n) / to_all(group);
  if (group.port.library.empty()) return Duration{group.launch, group.port.latency * 2 + links};
  return Duration{core::Seconds(),
                  protocol::flags_and_loads(group) * 2 + links + protocol::copied(group, transfer.bytes)};
}

}  // namespace

extern const Algorithm two_shot;
const Algorithm two_shot{"two_shot", duration};

}  // namespace wordline::cluster::policy
