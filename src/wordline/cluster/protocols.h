// NCCL's three protocols (NVIDIA, nccl: src/include/device.h, src/graph/tuning.cc) as time on a port whose library is
// known: launch, hops, bytes. B is what reaches the others in data (to_all), a the port's hop, s its library's start.
#pragma once

#include <algorithm>

#include "wordline/cluster/transfer.h"

namespace wordline::cluster::protocol {

// Chips pass `steps` hops one after another; in all, `through` bytes pass the cores of each chip and `sent` leave it.
struct Journey {
  double steps = 0;
  core::Bytes through, sent;
  core::Bytes first;  // a chunk that must have come whole before the next step can begin, all steps together
};

// LL: 4 bytes of flag beside 4 of data: half the bandwidth, nothing else to wait for. s + steps a + through / (B/2).
inline Duration ll(const Group& g, const Journey& j) {
  return {g.port.start, g.port.latency * j.steps + j.through / (to_all(g) / 2)};
}
// LL128: 8 bytes of flag in each 128: a hop of lead, a quarter more a hop for the line of 128 to be whole.
// s + a + 1.25 steps a + through / (120/128 B).
inline Duration ll128(const Group& g, const Journey& j) {
  return {g.port.start + g.port.latency, g.port.latency * (1.25 * j.steps) + j.through / (to_all(g) * (120.0 / 128))};
}
// Simple: data, fence, then flag; all channels with their buffers start: 3 s + steps a + (sent + first) / B.
inline Duration simple(const Group& g, const Journey& j) {
  return {g.port.start * 3, g.port.latency * j.steps + (j.sent + j.first) / to_all(g)};
}
// The bytes that a pipeline's first step moves at most: 32 channels of 64 KiB.
constexpr core::Bytes slice = core::bytes(32 * 65536.0);

// What a chip copies within its own memory: read and written.
inline core::Seconds copied(const Group& g, core::Bytes amount) {
  return g.memory.value() > 0 ? amount * 2 / g.memory : core::Seconds();
}
inline Duration faster(const Duration& a, const Duration& b) { return b.time() < a.time() ? b : a; }

// Through the memory of a host over PCI Express, by the model that NCCL tunes itself by (src/graph/tuning.cc): Simple
// is s + steps a + sent / B, with the port's s and a; LL has s less 1.8 us and 1 us a step, but a quarter of B
// (NCCL 2.19 and later). LL128 is off there.
inline Duration through_host(const Group& g, const Journey& j) {
  const Duration simple{g.port.start, g.port.latency * j.steps + j.sent / to_all(g)};
  const Duration ll{std::max(core::Seconds(), g.port.start - core::microseconds(1.8)),
                    core::microseconds(1) * j.steps + j.sent * 4 / to_all(g)};
  return faster(simple, ll);
}

// A barrier of the custom all-reduces and the loads after it: a flag to each peer, then request and data: three hops,
// and a tenth of one for each peer whose flag is polled.
inline core::Seconds flags_and_loads(const Group& g) { return g.port.latency * (3 + 0.1 * (g.chips - 1)); }

}  // namespace wordline::cluster::protocol
