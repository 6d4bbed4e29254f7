// A chip as its catalogue file states it: engines, memory, link port, power, price.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "wordline/chip/dtype.h"
#include "wordline/chip/memory.h"
#include "wordline/core/catalog.h"
#include "wordline/core/units.h"

namespace wordline::chip {

// How fast the matrix engines multiply one number format, dense.
struct MatrixRate {
  core::FlopsPerSecond peak;
  double best_achieved = 1;  // share of peak that the best known matrix product reaches; 1 where nobody published one
  // What a large kernel can count on.
  core::FlopsPerSecond sustained() const { return peak * best_achieved; }
};

// The port by which a chip joins others of its kind.
struct Port {
  core::BytesPerSecond bandwidth;  // all links of one chip together, one direction
  core::Seconds latency;           // of one hop, software of the collective included
  int largest_group = 1;           // chips that the port can join
  std::string topology = "none";   // all-to-all, ring, torus or none
};

// What a chip costs to have; absent where it cannot be rented or bought.
struct Price {
  std::optional<core::Range<core::UsdPerHour>> rent;
  std::optional<core::Range<core::Usd>> buy;
};

// Immutable spec of a chip, everything from its one file.
struct Chip {
  std::string name;   // catalogue name, "h100-sxm"
  std::string title;  // "NVIDIA H100 SXM"
  std::map<Dtype, MatrixRate> engines;
  Memory memory;
  core::Seconds launch;  // from one kernel's end to the next one's work, when kernels are queued ahead
  Port port;
  core::Watts tdp, idle;  // idle: its memory included, refreshed but not accessed
  Price price;

  // Whether the engines multiply this format; where not, fp8 weights are widened to bf16 on the way (weight-only fp8).
  bool computes(Dtype) const;
  // The rate at which operands of this format are multiplied: its own, or bf16's where the engines lack it.
  const MatrixRate& rate(Dtype) const;
  // Energy of one matrix operation. Derived: above idle, a sustained product in this format draws the rest of the TDP.
  core::JoulesPerFlop energy(Dtype) const;
};

// Reads catalog/chips/<name>.toml; unknown names and wrong values throw core::InputError with file, line and column.
Chip load(const core::Catalog&, const std::string& name, const core::Location& asked_at = {});

// The same chip with the bandwidth, latency and energy of other memory; the capacity stays.
Chip with_memory_speed(Chip, const core::Catalog&, const std::string& module, int count);
// The same chip with another capacity; the bandwidth stays.
Chip with_memory_capacity(Chip, core::Bytes capacity);
// The same chip with other memory altogether; `capacity` as software sees it, the modules' own where left out.
Chip with_memory(Chip, const core::Catalog&, const std::string& module, int count,
                 std::optional<core::Bytes> capacity = {});

}  // namespace wordline::chip
