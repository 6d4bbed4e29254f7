// From the tables of a standard and a part to the dense arrays of dram::Standard.
#pragma once

#include "wordline/core/clock.h"
#include "wordline/core/reader.h"
#include "wordline/dram/part.h"
#include "wordline/dram/standard.h"
#include "wordline/dram/timings.h"

namespace wordline::dram {

// The data rate of a part and the clocks that follow from it.
struct Clocks {
  core::Clock nck;              // one clock of the DRAM
  core::Clock tick;             // nck / ticks_per_clock
  double transfers_per_second;  // per data pin
};
Clocks clocks_of(const core::Reader& standard, const core::Reader& part);

// Compiles. `sizes` overrides the part's level sizes (ranks). Throws InputError at the line that cannot be used.
Standard compile(const std::string& name, const core::Reader& standard, const core::Reader& part, const Clocks& clocks,
                 const LevelSizes& sizes, const Modes& modes = {});

// The two halves of compile(): the tree with its commands, and the rules with the implied bus rules.
void read_commands(const core::Reader& table, TimingTable& timings, Standard& out);
void read_rules(const core::Reader& table, TimingTable& timings, Standard& out);

}  // namespace wordline::dram
