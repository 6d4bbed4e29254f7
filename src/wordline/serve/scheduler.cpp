#include "wordline/serve/scheduler.h"

#include "wordline/serve/policy_table.h"

namespace wordline::serve {

namespace policy {
#define WORDLINE_POLICY(stem) std::unique_ptr<Scheduler> stem(const SchedulerInput&);
#include "wordline/serve/policy/engine.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

using Make = std::unique_ptr<Scheduler> (*)(const SchedulerInput&);

const std::vector<Policy<Make>>& table() {
  static const std::vector<Policy<Make>> all = {
#define WORDLINE_POLICY(stem) {#stem, policy::stem},
#include "wordline/serve/policy/engine.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

}  // namespace

void Step::clear() {
  shape.decode_sequences = shape.decode_context_tokens = shape.padding = 0;
  ended_rows = 0;
  shape.prefill.clear();
  prefilled.clear();
  finished.clear();
  interrupted.clear();
  resumed.clear();
  fetches.clear();
  short_of_blocks = false;
}

std::vector<std::string> engine_policies() { return names_of(table()); }

std::unique_ptr<Scheduler> make_scheduler(const SchedulerInput& input) {
  return maker_of(table(), input.engine.policy, "the engine policy")(input);
}

}  // namespace wordline::serve
