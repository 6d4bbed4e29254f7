// wordline cluster kernels: a table of collectives, each with its predicted time.
#pragma once

#include "args.h"

namespace wordline::cli {

void add_cluster_kernels(Args& room);

}  // namespace wordline::cli
