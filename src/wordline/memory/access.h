// The noun of this room: one access of a whole block as a channel sees it.
#pragma once

#include <cstdint>

#include "wordline/dram/command.h"

namespace wordline::memory {

// `bank` is flat in its channel, `column` the number of the access's first burst in the row.
struct Access {
  std::int32_t bank = 0, row = 0, column = 0;
  bool write = false;
  std::uint8_t priority = 0;  // higher goes first; 0 to 15
  std::uint64_t token = 0;    // the owner's, handed back with the completion
};

// An access that is done: a read whose last data has arrived, or a write whose data the DRAM has taken.
struct Completion {
  std::uint64_t token = 0;  // the access' own
  dram::Tick accepted = 0, finished = 0;
  bool write = false;
};

}  // namespace wordline::memory
