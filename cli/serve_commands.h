// The commands of `wordline serve`.
#pragma once

#include "args.h"

namespace wordline::cli {

void add_serve_run(Args& serve);
void add_serve_capacity(Args& serve);
void add_serve_sweep(Args& serve);

}  // namespace wordline::cli
