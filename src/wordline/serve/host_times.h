// Time that a request and a step take outside the chips' kernels: the server's processes on the host.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "wordline/core/catalog.h"
#include "wordline/serve/ticks.h"

namespace wordline::serve {

// All of it linear in counts. Zero by default: an ideal host.
struct HostTimes {
  // The front end (HTTP, tokeniser) takes in one request after the other, each for so long; ...
  Ticks front = 0;
  Ticks front_token = 0;  // and so much longer for each token of its prompt.
  Ticks request = 0;      // From there to the engine's queue: process boundary, however many requests are on their way.
  // The chips wait so long between two steps: the part of the host's work that is not done while a step runs.
  Ticks step = 0;
  Ticks step_sequence = 0;  // the same, for each sequence of the step
  // With asynchronous scheduling a step takes at least as long as the host needs to plan, launch and read one.
  Ticks least_step = 0;
  Ticks least_step_sequence = 0;
  Ticks answer = 0;  // from the end of a step to its tokens being with the users: detokeniser, process boundary
  Ticks answer_sequence = 0;  // the same, for each sequence of the step
  // What the first and the second step of a fresh engine take longer: kernels are compiled or loaded at their first
  // use.
  std::array<Ticks, 2> cold = {};                         // of the replica at hand:
  std::array<Ticks, 2> cold_one = {}, cold_several = {};  // one process, and several
  bool cold_blocks = false;  // who compiles is who plans: the step after is planned only when the cold one has ended

  bool operator==(const HostTimes&) const = default;
};

// The host of a replica on so many chips: `cold` is chosen where the engine is a fresh one, else nothing.
HostTimes host_of(HostTimes host, int chips, bool fresh);

// From catalog/hosts/NAME.toml; throws core::InputError with the nearest name for an unknown one.
HostTimes load_host(const core::Catalog& catalog, const std::string& name, const core::Location& asked_at = {});

}  // namespace wordline::serve
