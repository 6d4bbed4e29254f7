// The requests that a replica is tried with: drawn from the scenario's lengths, or a recorded trace at another speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "wordline/serve/lengths.h"
#include "wordline/serve/request.h"

namespace wordline::plan {

// Either drawn requests (Poisson, or Gamma gaps with `arrival_cv`), or a trace whose gaps are stretched to the rate
// asked for: its lengths, its order and the pattern of its arrivals stay.
struct Traffic {
  serve::LengthModel lengths;
  double arrival_cv = 1;
  std::uint64_t seed = 1;
  std::shared_ptr<const serve::Workload> trace;

  double mean_prompt_tokens() const;
  double mean_output_tokens() const;
  // `count` requests at `rate` per second; a trace gives all that it has, or its first `count` where all of
  // them would come over more than a day.
  serve::Workload at(double rate, std::size_t count) const;
};

}  // namespace wordline::plan
