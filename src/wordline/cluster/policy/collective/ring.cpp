// Ring: each chip sends to its neighbour, n-1 steps a phase; all-gather and reduce-scatter are one phase, an all-reduce
// two. Bandwidth-optimal on any topology that holds a ring (Patarasuk, Yuan, "Bandwidth optimal all-reduce algorithms
// for clusters of workstations", JPDC 2009): (n-1) a + (n-1)/n bytes / B a phase. Where the port's library is known,
// the fastest of its protocols LL, LL128 (whose cores pass all n parts) and Simple (which fills a pipeline first);
// where chips do not reach each other's memory, those of NCCL through the host's.
#include "wordline/cluster/protocols.h"

namespace wordline::cluster::policy {

namespace {

std::optional<Duration> duration(const Group& group, const Transfer& transfer) {
  if (transfer.collective == Collective::send_recv) return std::nullopt;
  const double n = group.chips, phases = transfer.collective == Collective::all_reduce ? 2 : 1;
  const bool exchange = transfer.collective == Collective::all_to_all;
  if (exchange && group.port.topology == "all-to-all") return std::nullopt;  // pairwise
  // Round a ring, what is meant for a chip k places on passes k links: n/2 times the bytes of a phase in all.
  const double passes = exchange ? n / 2 : 1;
  protocol::Journey journey{phases * (n - 1), transfer.bytes * (phases * passes),
                            transfer.bytes * (phases * passes * (n - 1) / n), core::Bytes()};
  if (group.port.library.empty())
    return Duration{group.launch, group.port.latency * journey.steps + journey.sent / to_all(group)};
  if (!group.port.peer_access) return protocol::through_host(group, journey);
  journey.first = std::min(transfer.bytes / n, protocol::slice) * phases;
  Duration plain = protocol::simple(group, journey);
  if (phases == 1) plain.link += protocol::copied(group, transfer.bytes / n);
  return protocol::faster(protocol::faster(protocol::ll(group, journey), protocol::ll128(group, journey)), plain);
}

}  // namespace

extern const Algorithm ring;
const Algorithm ring{"ring", duration};

}  // namespace wordline::cluster::policy
