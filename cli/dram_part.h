// Which part `wordline dram` works on, as its options say.
#pragma once

#include <string>

#include "args.h"
#include "wordline/core/catalog.h"
#include "wordline/dram/part.h"

namespace wordline::cli {

// A part of dram/parts, or a module of memory/modules, whose ranks are then taken.
struct PartOptions {
  std::string name;
  int ranks = 0;  // 0: the module's, 1 of a part
  bool hot = false, fine_granularity = false;
  void add_to(Args& run);
  dram::Part load(const core::Catalog& catalog) const;
};

}  // namespace wordline::cli
