// A DRAM part of the catalogue: its standard compiled with its own organisation, rate, timings and power.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "wordline/core/catalog.h"
#include "wordline/core/clock.h"
#include "wordline/core/units.h"
#include "wordline/dram/power.h"
#include "wordline/dram/power_table.h"
#include "wordline/dram/standard.h"

namespace wordline::dram {

// Read-only after load; share one among threads.
struct Part {
  std::string name;                   // "hbm3-5230-8h-16gb"
  Standard standard;                  // compiled, all in ticks
  core::Clock clock;                  // of one tick: the half clock of HBM3, the host clock of an MCR DIMM
  double transfers_per_second;        // per data pin, on the DRAM's side
  core::Bytes channel_bytes;          // capacity of one channel (all its ranks)
  core::BytesPerSecond channel_peak;  // all data paths of one channel together
  int devices_per_rank = 1;           // dies that answer together on one data path (4 of x8, 8 of x4); 1 in a stack
  PowerTable power_table;             // the currents as stated; other modes and other data: power_of(power_table, ...)
  Power power;                        // by the model, with uniform-random data
};

// Sizes that belong to the module rather than to the part: {"rank", 2}. Levels not named keep the part's size.
using LevelSizes = std::map<std::string, int, std::less<>>;

// Modes of operation that the standard's table names: "hot" (refreshes twice as often), "fine-granularity" (DDR5).
using Modes = std::vector<std::string>;

// Reads catalog/dram/parts/<name>.toml and its standard. Throws InputError with place and nearest name.
Part load_part(const core::Catalog& catalog, const std::string& name, const LevelSizes& sizes = {},
               const Modes& modes = {});

}  // namespace wordline::dram
