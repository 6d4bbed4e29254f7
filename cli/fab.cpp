// wordline fab: what a stack costs, and whether a wafer was good; each command in a file of its own.
#include "args.h"
#include "fab_commands.h"

namespace wordline::cli {

void add_fab(Args& program) {
  auto& fab = program.command("fab", "what a good stack costs, and whether this wafer was good");
  add_fab_yield(fab);
  add_fab_stack(fab);
  add_fab_cost(fab);
  add_fab_summarise(fab);
  add_fab_metrology(fab);
  add_fab_control(fab);
  add_fab_chain(fab);
}

}  // namespace wordline::cli
