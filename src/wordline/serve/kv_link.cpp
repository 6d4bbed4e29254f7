#include "wordline/serve/kv_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "wordline/cluster/group.h"
#include "wordline/core/error.h"

namespace wordline::serve {
namespace {

// One replica where it stands.
struct Stand {
  int first_machine = 0, last_machine = 0;
  double chips = 1;
  core::BytesPerSecond port;  // of one chip to a peer in its machine; 0: it has none
  core::Seconds port_latency;
  cluster::Link network;
  core::Bytes token;  // keys and values of one, on all its ranks
};

void check_alike(const model::Deployment& a, const model::Deployment& b) {
  if (a.architecture.name != b.architecture.name || a.kv != b.kv)
    throw core::InputError(
        fmt::format("replicas that prefill and replicas that decode must have one model and one format of the KV "
                    "cache: found {} in {} and {} in {}",
                    a.architecture.name, chip::name_of(a.kv), b.architecture.name, chip::name_of(b.kv)));
}

Stand stand_of(const Placed& group) {
  const model::Deployment& d = *group.deployment;
  Stand stand;
  stand.chips = static_cast<double>(model::chips_of(d)) / d.dp;
  if (d.chip.port.largest_group > 1 && d.chip.port.peer_access) {
    stand.port = cluster::to_one(cluster::group_of(d.chip, 2));
    stand.port_latency = d.chip.port.latency;
  }
  stand.network = group.machine->network;
  stand.token = group.rank_token * stand.chips;
  return stand;
}

std::vector<Stand> stands_of(const std::vector<Placed>& groups) {
  std::vector<Stand> out;
  int machine = 0, used = 0;
  const Placed* before = nullptr;
  for (const Placed& group : groups) {
    check_alike(*groups.front().deployment, *group.deployment);
    const bool shared = before && before->deployment->chip.name == group.deployment->chip.name &&
                        before->machine->name == group.machine->name;
    if (before && !shared && used > 0) ++machine, used = 0;
    before = &group;
    Stand stand = stand_of(group);
    const int chips = static_cast<int>(stand.chips), all = group.machine->chips;
    for (int i = 0; i < group.replicas; ++i) {
      if (used > 0 && used + std::min(chips, all) > all) ++machine, used = 0;
      stand.first_machine = machine;
      used += chips;
      machine += (used - 1) / all;
      used = (used - 1) % all + 1;
      stand.last_machine = machine;
      if (used == all) ++machine, used = 0;
      out.push_back(stand);
    }
  }
  return out;
}

bool together(const Stand& a, const Stand& b) {
  return a.first_machine == a.last_machine && b.first_machine == a.first_machine && b.last_machine == a.first_machine &&
         a.port.value() > 0 && b.port.value() > 0;
}

}  // namespace

KvLink kv_link_of(const std::vector<Placed>& groups) {
  const auto stands = std::make_shared<const std::vector<Stand>>(stands_of(groups));
  return [stands](std::size_t from, std::size_t to, std::int64_t tokens) {
    const Stand &a = (*stands)[from], &b = (*stands)[to];
    const bool near = together(a, b);
    const auto each = near ? std::min(a.port, b.port) : std::min(a.network.bandwidth, b.network.bandwidth);
    const auto latency =
        near ? std::max(a.port_latency, b.port_latency) : std::max(a.network.latency, b.network.latency);
    const auto rate = each * std::min(a.chips, b.chips);
    return KvMove{to_ticks(latency), std::max<Ticks>(1, to_ticks(b.token * static_cast<double>(tokens) / rate))};
  };
}

}  // namespace wordline::serve
