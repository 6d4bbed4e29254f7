// Engine kinds: how a chip of each kind carries kernels out. A kind is a file of policy/engine and its fitted constants
// a file of catalog/engines.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "wordline/chip/chip.h"
#include "wordline/chip/kernel.h"
#include "wordline/chip/memory_path.h"

namespace wordline::chip {

// What is in the caches when a kernel starts: the share of the shared cache that its operands may still hold from its
// last run. warm: all of it (replayed alone). cold: none, but what the kernel before it wrote (a model's step).
// Between: replayed over several sets of operands in turn.
struct Residency {
  double share = 0;
  static const Residency warm, cold;
  bool operator==(const Residency&) const = default;
};
inline constexpr Residency Residency::warm{1}, Residency::cold{0};
// "warm", "cold".
std::string name_of(Residency);

// How a kernel spends its time, in seconds. `time` is at least launch + the longest of the others, and more where they
// do not overlap.
struct Timing {
  double time = 0, launch = 0;
  double tensor = 0, vector = 0, dram = 0, l2 = 0;  // how long each is busy
  bool starved = false;                             // dram is limited by what is in flight
  double read = 0, written = 0, paged = 0;          // bytes to and from DRAM
  double page = 0;                                  // bytes of a piece of `paged`
};

// One chip as its kind times it. Immutable, shared by all threads; the memory path is the thread's own.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Timing time(const Kernel&, MemoryPath&, Residency) const = 0;
};

// A physical constant of an engine kind or a factor of a kernel library: a dimensionless number or microseconds, as its
// file in catalog/engines or catalog/libraries states it, with what it was fitted on.
struct Constant {
  std::string name;
  double low = 0, high = 0;  // what is accepted
};

// A file of policy/engine.
struct EngineKind {
  std::string name;
  std::vector<Constant> constants;  // its file in catalog/engines must state each
  std::vector<Constant> factors;    // a file in catalog/libraries must state each, for chips of this kind
  std::unique_ptr<const Engine> (*make)(const Chip&);
};
// Every kind, in alphabetical order.
const std::vector<EngineKind>& engine_kinds();
// Throws core::UsageError for an unknown name, with the nearest.
const EngineKind& engine_kind(const std::string& name);

}  // namespace wordline::chip
