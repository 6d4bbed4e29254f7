// A server that holds chips: the host's memory, and the links of each chip to it and to other servers.
#pragma once

#include <memory>
#include <string>

#include "wordline/core/catalog.h"
#include "wordline/core/files.h"
#include "wordline/core/units.h"
#include "wordline/memory/system.h"

namespace wordline::cluster {

// One way out of a chip. `bandwidth` is what it carries of data in each direction, `latency` the time from asking to
// the first byte.
struct Link {
  core::BytesPerSecond bandwidth;
  core::Seconds latency;
};

struct Machine {
  std::string name, title;
  int chips = 1;
  Link host_link;          // of each chip, to the host's memory
  Link network;            // of each chip, to other machines
  int copies_at_once = 1;  // pieces of a copy that are under way on each channel of the host's memory
  std::string memory_name;
  int sockets = 1;
  std::shared_ptr<const memory::System> memory;  // of one socket

  core::Bytes capacity() const { return memory->capacity() * sockets; }
};

// From catalog/machines/NAME.toml; throws core::InputError with the nearest name for an unknown one.
Machine load_machine(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at = {});
// The same machine with another memory behind each socket: a name in catalog/memory/systems.
Machine with_memory(Machine machine, const core::Catalog& catalog, const std::string& system,
                    const core::Location& asked_at = {});

// What all sockets' memory together gives to scattered pieces of that size of which so many, 0 or 1 as share, are read:
// as the memory room simulates it. The energy is above that of idling.
struct HostMemory {
  core::BytesPerSecond bandwidth;
  core::JoulesPerByte energy;
};
HostMemory host_memory(const Machine& machine, double reads, core::Bytes piece, const core::Cache& cache = {});

}  // namespace wordline::cluster
