// What moves between the chips of a group, and how long it takes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wordline/chip/dtype.h"
#include "wordline/cluster/group.h"
#include "wordline/core/units.h"

namespace wordline::cluster {

// What each chip of a group of n has before and after, by NCCL's names. all_reduce: `bytes`, and the sum of all chips'.
// all_gather: 1/n of `bytes`, and all of it. reduce_scatter: `bytes`, and 1/n of the sum. all_to_all: 1/n of `bytes`
// for each chip, and 1/n from each. send_recv: each sends `bytes` to the next chip, as between stages of a pipeline.
enum class Collective { all_reduce, all_gather, reduce_scatter, all_to_all, send_recv };
// "all_reduce", "all_gather", ...
std::string name_of(Collective);
// The collective of that name, also by NCCL's own spelling "alltoall"; core::UsageError with the nearest for others.
Collective collective_of(std::string_view name);
// Every collective, in the order of their definition.
const std::vector<Collective>& all_collectives();

// One transfer between all chips of a group.
struct Transfer {
  std::string name;  // "attention_all_reduce", ...
  Collective collective = Collective::all_reduce;
  core::Bytes bytes;
  chip::Dtype dtype = chip::Dtype::bf16;  // of what is added up
};

// Time and energy of one transfer; whole ticks, as chip::KernelCost.
struct TransferCost {
  core::Seconds time;       // launch + link
  core::Seconds launch;     // until the first hop
  core::Seconds link;       // hops and bytes
  core::Seconds low, high;  // 80 % of the measured transfers of this size lie between; `time` where none are known
  core::Joules joules;  // of all chips: running, and what is sent: out of one's shared cache, over, out of the next's
  std::string_view algorithm;  // the one chosen: "ring", "one_shot"; "" where the group is one chip
};

// What an algorithm takes in one of its protocols.
struct Duration {
  core::Seconds launch, link;
  core::Seconds time() const { return launch + link; }
};

// One way to carry transfers out: a file of policy/collective.
struct Algorithm {
  std::string_view name;
  // Nothing where it cannot do this transfer on this group.
  std::optional<Duration> (*duration)(const Group&, const Transfer&);
};

// Every algorithm, in alphabetical order.
const std::vector<Algorithm>& algorithms();
// Time of a transfer; "" picks the fastest algorithm that the group's software has. Unknown names throw
// core::UsageError, negative bytes core::InputError. A group of one chip takes no time. Allocates nothing.
TransferCost cost_of(const Group&, const Transfer&, std::string_view algorithm = "");

}  // namespace wordline::cluster
