#include "wordline/chip/kernel_timer.h"
#include "wordline/core/error.h"

namespace wordline::chip {

Streams simulated(core::Cache) {
  return [](const Memory& memory, double, core::Bytes) -> Streamed {
    throw core::InputError("no simulated bandwidth of " + memory.module);
  };
}

}  // namespace wordline::chip
