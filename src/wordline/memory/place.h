// Where a block lies in the memory of a system.
#pragma once

#include <cstdint>

namespace wordline::memory {

// The place of a 64-byte block. `column` counts blocks in the row.
struct Place {
  std::int32_t channel = 0;  // of the whole system: module * channels of a module + channel
  std::int32_t bank = 0;     // flat in its channel, as dram::Geometry counts
  std::int32_t row = 0;
  std::int32_t column = 0;
  bool operator==(const Place&) const = default;
};

}  // namespace wordline::memory
