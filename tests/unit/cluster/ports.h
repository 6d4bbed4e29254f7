// Groups for the tests.
#pragma once

#include "wordline/cluster/transfer.h"

namespace wordline::cluster {

// 450 GB/s, 0.8 us a hop; a port whose library is not known. Switched where it is all-to-all.
inline Group group(int chips, const std::string& topology = "all-to-all") {
  chip::Port port;
  port.bandwidth = core::gigabytes_per_second(450);
  port.latency = core::microseconds(0.8);
  port.largest_group = 64;
  port.topology = topology;
  port.switched = topology == "all-to-all";
  return {chips, port, core::microseconds(3), core::watts(70)};
}

// The same with a library, and switches that add up.
inline Group nvlink(int chips, bool adds_up) {
  Group out = group(chips);
  out.port.library = "nccl";
  out.port.bandwidth_share = 0.75;
  out.port.start = core::microseconds(5);
  out.port.in_network_reduction = adds_up;
  out.memory = core::gigabytes_per_second(3000);
  return out;
}

inline Transfer transfer(Collective collective, double amount) { return {"t", collective, core::bytes(amount)}; }

}  // namespace wordline::cluster
