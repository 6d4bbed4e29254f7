// Ring: each chip sends to its neighbour, n-1 steps a phase. Bandwidth-optimal on any topology that holds a ring
// (Patarasuk, Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", JPDC 2009):
// all-gather (n-1) latency + (n-1)/n bytes / bandwidth; all-reduce is a reduce-scatter and an all-gather: twice that.
#include "wordline/cluster/transfer.h"

namespace wordline::cluster::policy {

namespace {

std::optional<core::Seconds> link_time(const Group& group, const Transfer& transfer) {
  const double n = group.chips;
  const core::Seconds phase = group.port.latency * (n - 1) + transfer.bytes * ((n - 1) / n) / group.port.bandwidth;
  return transfer.collective == Collective::all_reduce ? phase * 2 : phase;
}

}  // namespace

extern const Algorithm ring;
const Algorithm ring{"ring", link_time};

}  // namespace wordline::cluster::policy
