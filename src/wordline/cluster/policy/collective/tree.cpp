// Double binary tree: two trees, each of which reduces and broadcasts half the bytes; every chip is a leaf of one
// (Sanders, Speck, Traff, "Two-tree algorithms for full bandwidth broadcast, reduction and scan", Parallel Computing
// 2009): 2 ceil(log2 n) a + 2 bytes / B. NCCL joins the chips of one machine by a chain instead, 2 (n-1) a, and grows
// trees between machines only. All-reduce, on links from each to each.
#include <bit>

#include "wordline/cluster/protocols.h"

namespace wordline::cluster::policy {

namespace {

std::optional<Duration> duration(const Group& group, const Transfer& transfer) {
  if (transfer.collective != Collective::all_reduce || group.port.topology != "all-to-all") return std::nullopt;
  if (!group.port.peer_access) return std::nullopt;  // one machine's root ports: NCCL takes the ring
  const auto n = static_cast<unsigned>(group.chips);
  if (group.port.library.empty()) {
    const double steps = 2.0 * std::bit_width(n - 1);
    return Duration{group.launch, group.port.latency * steps + transfer.bytes * 2 / to_all(group)};
  }
  const core::Bytes twice = transfer.bytes * 2;
  const protocol::Journey journey{2.0 * (n - 1), twice, twice, std::min(transfer.bytes, protocol::slice)};
  return protocol::faster(protocol::faster(protocol::ll(group, journey), protocol::ll128(group, journey)),
                          protocol::simple(group, journey));
}

}  // namespace

extern const Algorithm tree;
const Algorithm tree{"tree", duration};

}  // namespace wordline::cluster::policy
