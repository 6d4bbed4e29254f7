// What moves between the chips of a group, and how long it takes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wordline/cluster/group.h"
#include "wordline/core/units.h"

namespace wordline::cluster {

// What each chip of a group of n has before and after, by NCCL's names. all_reduce: `bytes`, and the sum of all chips'.
// all_gather: 1/n of `bytes`, and all of it. reduce_scatter: `bytes`, and 1/n of the sum. all_to_all: 1/n of `bytes`
// for each chip, and 1/n from each. send_recv: each sends `bytes` to the next chip, as between stages of a pipeline.
enum class Collective { all_reduce, all_gather, reduce_scatter, all_to_all, send_recv };
// "all_reduce", "all_gather", ...
std::string name_of(Collective);
// Every collective, in the order of their definition.
const std::vector<Collective>& all_collectives();

// One transfer between all chips of a group.
struct Transfer {
  std::string name;  // "attention_all_reduce", ...
  Collective collective = Collective::all_reduce;
  core::Bytes bytes;
};

// Time and energy of one transfer; whole ticks, as chip::KernelCost.
struct TransferCost {
  core::Seconds time;  // launch + link
  core::Seconds launch;
  core::Seconds link;     // hops and bytes
  core::Joules joules;    // of all chips of the group: idle power over `time` (the links' own energy is not known)
  std::string algorithm;  // the one chosen: "ring", "one_shot"; "" where the group is one chip
};

// One way to carry transfers out: a file of policy/collective.
struct Algorithm {
  std::string name;
  // Time on the links without the launch; nothing where it cannot do this transfer on this group.
  std::optional<core::Seconds> (*link_time)(const Group&, const Transfer&);
};

// Every algorithm, in alphabetical order.
const std::vector<Algorithm>& algorithms();
// Time of a transfer; "" picks the fastest algorithm. Unknown names throw core::UsageError. A group of one chip takes
// no time.
TransferCost cost_of(const Group&, const Transfer&, const std::string& algorithm = "");

}  // namespace wordline::cluster
