// What a channel tells somebody who watches it: accesses as they are accepted and finished, commands as they issue.
#pragma once

#include <cstdint>

#include "wordline/dram/command.h"
#include "wordline/memory/access.h"

namespace wordline::memory {

// Watches one channel. Calls come in the order in which things happen there. A channel without an observer pays for a
// null check; several watchers share a channel through one observer that passes everything on.
class Observer {
 public:
  // `id` of a command that serves no access: refreshes, closings by a page policy.
  static constexpr std::uint64_t no_access = ~std::uint64_t{0};

  virtual ~Observer() = default;
  // The queue took an access at `now`. Ids rise from 0 with acceptance within the channel.
  virtual void accepted(const Access& access, std::uint64_t id, dram::Tick now) = 0;
  // A command issued, for the access `id`.
  virtual void issued(const dram::Command& command, std::uint64_t id) = 0;
  // The last column command of an access issued; its last data beat ends at `beat`. Of a read that a queued write
  // answered: accepted and finished without a command.
  virtual void finished(std::uint64_t id, dram::Tick beat) = 0;
};

}  // namespace wordline::memory
