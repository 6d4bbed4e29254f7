// Ring: each chip sends to its neighbour, n-1 steps a phase. Bandwidth-optimal on any topology that holds a ring
// (Patarasuk, Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", JPDC 2009):
// all-gather (n-1) latency + (n-1)/n bytes / bandwidth; all-reduce is a reduce-scatter and an all-gather: twice that.
#include "wordline/cluster/transfer.h"

namespace wordline::cluster::policy {

namespace {

std::optional<core::Seconds> link_time(const Group& group, const Transfer& transfer) {
  const double n = group.chips;
  if (transfer.collective == Collective::send_recv) return group.port.latency + transfer.bytes / group.port.bandwidth;
  // Round a ring, what is meant for a chip k places on passes k links: n/2 times the bytes of a phase on average.
  const double passes = transfer.collective == Collective::all_to_all ? n / 2 : 1;
  const core::Seconds phase =
      group.port.latency * (n - 1) + transfer.bytes * (passes * (n - 1) / n) / group.port.bandwidth;
  return transfer.collective == Collective::all_reduce ? phase * 2 : phase;
}

}  // namespace

extern const Algorithm ring;
const Algorithm ring{"ring", link_time};

}  // namespace wordline::cluster::policy
