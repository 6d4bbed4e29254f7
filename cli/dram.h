// The subcommands of `wordline dram` that have a source of their own.
#pragma once

namespace wordline::cli {

class Args;

void add_dram_data(Args& dram);
void add_dram_energy(Args& dram);

}  // namespace wordline::cli
