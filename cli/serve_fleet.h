// Groups of replicas that differ: the fleet file of `wordline serve`.
#pragma once

#include <vector>

#include "serve_options.h"
#include "wordline/serve/fleet.h"

namespace wordline::cli {

// One group of a fleet: options as if they had been said for it alone, and what its replicas do.
struct GroupOptions {
  ServeOptions options;
  serve::Role role = serve::Role::both;
};

// "both", "prefill" or "decode".
const char* name_of(serve::Role role);

// The groups that the options ask for: those of --fleet, each [[group]] of which says what is different from the
// options (chip, tp, replicas, role, ...); or, with --prefill-replicas, two alike; or one. Replicas that decode offload
// nothing unless the file says so. Throws core::InputError with the key's place.
std::vector<GroupOptions> groups_of(const ServeOptions& options);

}  // namespace wordline::cli
