// NVLS: the switches add up what the chips hold and hand the sum to all (NVLink SHARP; NVSwitch of generation 3 on).
// Each chip pulls the sum of its n-th and pushes it to all: (n+1)/n bytes a direction. 12 hops for the two passes with
// their fences, and NCCL's own factor of 0.85 for what the switches reach (nccl, src/graph/tuning.cc, Hopper):
// 3 s + 12 a + ((n+1)/n bytes / 0.85 + 2 slices) / B. Not for 8-bit numbers, which the switches do not add.
#include "wordline/cluster/protocols.h"

namespace wordline::cluster::policy {

namespace {

bool added_by_switches(chip::Dtype dtype) {
  return dtype == chip::Dtype::bf16 || dtype == chip::Dtype::fp16 || dtype == chip::Dtype::fp32;
}

std::optional<Duration> duration(const Group& group, const Transfer& transfer) {
  if (!group.port.in_network_reduction || group.port.library.empty() || group.chips <= 2) return std::nullopt;
  if (transfer.collective != Collective::all_reduce || !added_by_switches(transfer.dtype)) return std::nullopt;
  const double n = group.chips;
  const core::Bytes first = std::min(transfer.bytes / n, protocol::slice) * 2;
  return protocol::simple(group, {12, core::Bytes(), transfer.bytes * ((n + 1) / n / 0.85), first});
}

}  // namespace

extern const Algorithm nvls;
const Algorithm nvls{"nvls", duration};

}  // namespace wordline::cluster::policy
