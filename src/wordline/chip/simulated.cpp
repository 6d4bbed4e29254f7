// The bandwidth of a chip's memory as the memory room simulates it.
#include <algorithm>

#include "wordline/chip/memory_path.h"
#include "wordline/core/error.h"
#include "wordline/memory/profile.h"

namespace wordline::chip {

Streams simulated(core::Cache cache) {
  return [cache = std::move(cache)](const Memory& of, double reads, core::Bytes piece, double load) {
    if (!of.system) throw core::InputError("a chip without memory: no module was loaded");
    const auto bytes = static_cast<std::uint64_t>(piece.value());
    const memory::AccessPattern pattern{reads, bytes, bytes > 0 ? of.pieces_at_once : 1};
    auto profile = memory::streamed(*of.system, pattern, cache);
    const core::JoulesPerByte above_idle =
        std::max(profile.energy - profile.idle / profile.bandwidth, core::JoulesPerByte(0));
    if (of.cores)
      profile.bandwidth = std::min(profile.bandwidth, memory::saturated(*of.system, *of.cores, reads, cache));
    if (load >= 1) return Streamed{profile.bandwidth, above_idle, profile.loaded_latency};
    const auto point = memory::loaded(*of.system, pattern, load, cache);
    return Streamed{std::min(point.bandwidth, profile.bandwidth), above_idle, point.latency};
  };
}

}  // namespace wordline::chip
