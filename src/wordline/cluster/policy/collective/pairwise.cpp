// Pairwise: each chip sends straight to each that it has something for, all at once (NCCL's grouped send and receive;
// Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 2005):
// a + (n-1)/n bytes / B for an all-to-all, which needs a link from each to each, a + bytes / B to one for send_recv.
// Where the port's library is known: LL on one of 32 channels a peer, s + 2 a + part / (B/64), or Simple on all,
// 3 s + 2 a + sent / B, and the copy of a chip's own part.
#include "wordline/cluster/protocols.h"

namespace wordline::cluster::policy {

namespace {

std::optional<Duration> duration(const Group& group, const Transfer& transfer) {
  const double n = group.chips;
  const bool one = transfer.collective == Collective::send_recv;
  if (!one && transfer.collective != Collective::all_to_all) return std::nullopt;
  if (!one && group.port.topology != "all-to-all" && group.chips > 2) return std::nullopt;
  const core::BytesPerSecond rate = one ? to_one(group) : to_all(group);
  const core::Bytes part = one ? transfer.bytes : transfer.bytes / n;
  const core::Seconds links = (one ? part : part * (n - 1)) / rate;
  if (group.port.library.empty()) return Duration{group.launch, group.port.latency + links};
  const core::Seconds hops = group.port.latency * 2;
  const core::Seconds own = one ? core::Seconds() : protocol::copied(group, part);
  return protocol::faster({group.port.start, hops + part / (rate / 64)}, {group.port.start * 3, hops + links + own});
}

}  // namespace

extern const Algorithm pairwise;
const Algorithm pairwise{"pairwise", duration};

}  // namespace wordline::cluster::policy
