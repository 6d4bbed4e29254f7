// Everything that a simulated figure of a memory depends on, as one text to be hashed.
#pragma once

#include <string>

#include "wordline/memory/system.h"

namespace wordline::memory {

// The program's commit, the compiled table (geometry, commands, rules), clock, power, module, count, settings and
// address map, numbers exactly. Two systems with one fingerprint give the same results.
std::string fingerprint(const System& system);

}  // namespace wordline::memory
