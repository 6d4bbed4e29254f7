// The commands of `wordline fab`.
#pragma once

#include "args.h"

namespace wordline::cli {

void add_fab_yield(Args& fab);
void add_fab_stack(Args& fab);
void add_fab_cost(Args& fab);
void add_fab_summarise(Args& fab);
void add_fab_metrology(Args& fab);
void add_fab_control(Args& fab);
void add_fab_chain(Args& fab);

}  // namespace wordline::cli
