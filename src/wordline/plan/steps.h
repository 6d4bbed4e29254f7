// "What one step up in memory buys": the same chip, and nothing changed but its memory.
#pragma once

#include <string>
#include <vector>

#include "wordline/plan/outcome.h"

namespace wordline::plan {

// The candidate with one kind of memory: its own, the other's bandwidth, the other's capacity, or both.
struct StepVariant {
  std::string name;              // "as it is", "bandwidth only", "capacity only", "both"
  core::Bytes capacity;          // of one chip
  core::BytesPerSecond peak;     // of one chip
  Outcome outcome;               // priced as the chip that is sold, whatever its memory
  double tokens_per_second = 0;  // answered by a replica at its highest rate
};

// The four variants, and what the better memory is worth.
struct StepOutcome {
  MemoryStep step;
  std::string base_title, other_title;
  std::string base_memory, other_memory;  // modules' names
  std::vector<StepVariant> variants;      // in the order above
  // With both, a chip may cost this many times as much before its tokens cost more than those of the chip as it is.
  double worth() const;
  // Cost with both, at the price of the chip that is sold with that memory, where that has a price.
  Bill sold_as_other;
};

// The chips of the four variants.
std::vector<std::pair<std::string, chip::Chip>> variants_of(const MemoryStep& step, const core::Catalog& catalog);

}  // namespace wordline::plan
