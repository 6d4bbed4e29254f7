// Parts of the shipped catalogue and short ways to write commands, for the tests of this room.
#pragma once

#include <string>
#include <vector>

#include "wordline/core/catalog.h"
#include "wordline/dram/part.h"

namespace wordline::dram::testing {

inline core::Catalog& catalog() {
  static core::Catalog shipped = core::Catalog::open();
  return shipped;
}

inline Part part(const std::string& name, const LevelSizes& sizes = {}) { return load_part(catalog(), name, sizes); }

// A command by name at fields below the channel: {pseudochannel, sid, bankgroup, bank} or {rank, bankgroup, bank}.
inline Command command(const Standard& standard, Tick tick, const std::string& name, std::vector<int> fields,
                       std::int32_t row = 0, std::int32_t column = 0) {
  fields.insert(fields.begin(), 0);
  return {tick, standard.geometry.bank_of(fields), row, column, standard.id(name)};
}

}  // namespace wordline::dram::testing
