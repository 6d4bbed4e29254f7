// wordline serve: a service in simulated time; each command in a file of its own.
#include "args.h"
#include "serve_commands.h"
#include "serve_workload.h"

namespace wordline::cli {

void add_serve(Args& program) {
  auto& serve = program.command("serve", "a service: when each user gets each token");
  add_serve_run(serve);
  add_serve_capacity(serve);
  add_serve_sweep(serve);
  add_serve_workload(serve);
}

}  // namespace wordline::cli
