// The bandwidth of a chip's memory as the memory room simulates it.
#include <algorithm>

#include "wordline/chip/kernel_timer.h"
#include "wordline/core/error.h"
#include "wordline/memory/profile.h"

namespace wordline::chip {

namespace {

constexpr int pieces_at_once = 16;  // scattered pieces that a kernel's cores fetch side by side

}  // namespace

Streams simulated(core::Cache cache) {
  return [cache = std::move(cache)](const Memory& of, double reads, core::Bytes piece) {
    if (!of.system) throw core::InputError("a chip without memory: no module was loaded");
    const auto bytes = static_cast<std::uint64_t>(piece.value());
    const auto profile = memory::streamed(*of.system, {reads, bytes, bytes > 0 ? pieces_at_once : 1}, cache);
    const core::JoulesPerByte above_idle = profile.energy - profile.idle / profile.bandwidth;
    return Streamed{profile.bandwidth, std::max(above_idle, core::JoulesPerByte(0))};
  };
}

}  // namespace wordline::chip
