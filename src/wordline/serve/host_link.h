// KV blocks between a replica's chips and the host's memory.
#pragma once

#include <cstdint>

#include "wordline/core/units.h"
#include "wordline/serve/cost.h"
#include "wordline/serve/ticks.h"

namespace wordline::cluster {
struct Machine;
}
namespace wordline::model {
struct Deployment;
}

namespace wordline::serve {

// What a block takes on its way, one block after the other, each direction apart: its bytes over the slower of the
// chips' links and of their share of the host's memory.
struct HostLink {
  std::int64_t blocks = 0;                 // that the host's memory holds; 0: nothing is offloaded
  Ticks latency = 0;                       // from asking for blocks to the first of them moving
  Ticks fetch_block = 0, store_block = 0;  // each
  Energy fetch_energy = 0, store_energy = 0;
};

// The link of one replica (of a data-parallel deployment: one rank of it) of a machine whose other chips do the same at
// that time. `size` is the host's memory for all its ranks' blocks (vLLM's kv_offloading_size), `rank_block` what a
// block takes on each of them. Keys and values of a layer lie apart, so that is the piece in which the memory is read
// and written, at the bandwidth that the memory room simulates for it. Throws core::InputError where `size` holds no
// block, or where what all replicas of the machine ask for is more than it has.
HostLink host_link_of(const model::Deployment& deployment, core::Bytes rank_block, const cluster::Machine& machine,
                      core::Bytes size);

}  // namespace wordline::serve
