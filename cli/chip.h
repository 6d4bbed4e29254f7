// The subcommands of `wordline chip` that have a source of their own.
#pragma once

namespace wordline::cli {

class Args;

void add_chip_kernels(Args& chip);
void add_chip_roofline(Args& chip);
void add_chip_calibrate(Args& chip);

}  // namespace wordline::cli
