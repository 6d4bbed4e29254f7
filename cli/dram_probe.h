// wordline dram probe, added to `dram` by dram.cpp.
#pragma once

#include "args.h"

namespace wordline::cli {

void add_dram_probe(Args& dram);

}  // namespace wordline::cli
