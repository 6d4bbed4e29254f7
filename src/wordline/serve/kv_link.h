// Keys and values between replicas: over the chips' ports inside a machine, over the network between machines.
#pragma once

#include <vector>

#include "wordline/cluster/machine.h"
#include "wordline/model/deployment.h"
#include "wordline/serve/handover.h"

namespace wordline::serve {

// Equal replicas and the machine whose chips they are on.
struct Placed {
  const model::Deployment* deployment;
  const cluster::Machine* machine;
  core::Bytes rank_token;  // keys and values of a token on each rank, a draft model's among them
  int replicas = 1;        // each of chips_of() / dp chips
};

// Replicas take their chips in order; groups on the same chip and machine share machines, others begin a new one. A
// move takes the receiver's bytes per token (its ranks' copies included) over as many links as the smaller of the two
// replicas has chips: the port's rate to one peer where both are in one machine whose port joins them, else what the
// slower of their networks carries. Throws core::InputError where the two would not understand each other's blocks:
// other models or cache formats.
KvLink kv_link_of(const std::vector<Placed>& groups);

}  // namespace wordline::serve
