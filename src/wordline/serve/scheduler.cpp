#include "wordline/serve/scheduler.h"

#include "wordline/core/policy_table.h"

namespace wordline::serve {

namespace policy {
#define WORDLINE_POLICY(stem) std::unique_ptr<Scheduler> stem(const SchedulerInput&);
#include "wordline/serve/policy/engine.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

using Make = std::unique_ptr<Scheduler> (*)(const SchedulerInput&);

const std::vector<core::Policy<Make>>& table() {
  static const std::vector<core::Policy<Make>> all = {
#define WORDLINE_POLICY(stem) {#stem, policy::stem},
#include "wordline/serve/policy/engine.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

}  // namespace

void Step::clear() {
  shape.decode_sequences = shape.decode_context_tokens = shape.padding = 0;
  shape.decode_queries = shape.decode_rows = 1;
  ended_rows = cut_rows = accepted = 0;
  shape.prefill.clear();
  prefilled.clear();
  finished.clear();
  interrupted.clear();
  resumed.clear();
  fetches.clear();
  short_of_blocks = false;
}

std::vector<std::string> engine_policies() { return core::names_of(table()); }

std::unique_ptr<Scheduler> make_scheduler(const SchedulerInput& input) {
  return core::maker_of(table(), input.engine.policy, "the engine policy")(input);
}

}  // namespace wordline::serve
