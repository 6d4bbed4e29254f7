#include "wordline/serve/host_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wordline/cluster/machine.h"
#include "wordline/core/error.h"
#include "wordline/model/deployment.h"

namespace wordline::serve {

HostLink host_link_of(const model::Deployment& deployment, core::Bytes rank_block, const cluster::Machine& machine,
                      core::Bytes size) {
  const double chips = static_cast<double>(model::chips_of(deployment)) / deployment.dp;
  const core::Bytes block = rank_block * chips;
  // Replicas of more chips than a machine has use all of several machines.
  const double machines = std::max(1.0, chips / machine.chips);
  const double share = std::min(1.0, chips / machine.chips);
  HostLink link;
  link.blocks = static_cast<std::int64_t>(size / block);
  if (link.blocks < 1)
    throw core::InputError(fmt::format("kv-offloading-size is {:.3f} GiB: a KV block takes {:.3f} GiB of it",
                                       size.value() / 0x1p30, block.value() / 0x1p30));
  const core::Bytes room = machine.capacity() * (machines * share);
  if (size > room)
    throw core::InputError(
        fmt::format("kv-offloading-size is {:.0f} GiB a replica: {} has {:.0f} GiB for its {} chips, {:.0f} for this",
                    size.value() / 0x1p30, machine.name, machine.capacity().value() / 0x1p30, machine.chips,
                    room.value() / 0x1p30));
  const auto [first, last] = model::layers_of_stage(deployment, 0);
  const core::Bytes piece = rank_block / (2.0 * std::max(1, last - first));
  const auto way = [&](double reads, Ticks& time, Energy& energy) {
    const auto memory = cluster::host_memory(machine, reads, piece);
    const auto rate = std::min(machine.host_link.bandwidth * chips, memory.bandwidth * (machines * share));
    time = std::max<Ticks>(1, to_ticks(block / rate));
    energy = std::llround((memory.energy * block).value() * energies_per_joule);
  };
  way(1, link.fetch_block, link.fetch_energy);
  way(0, link.store_block, link.store_energy);
  link.latency = to_ticks(machine.host_link.latency);
  return link;
}

}  // namespace wordline::serve
