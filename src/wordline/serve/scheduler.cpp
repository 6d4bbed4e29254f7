#include "wordline/serve/scheduler.h"

#include <algorithm>
#include <string>

#include "wordline/core/error.h"

namespace wordline::serve {

namespace policy {
#define WORDLINE_POLICY(stem) std::unique_ptr<Scheduler> stem(const SchedulerInput&);
#include "wordline/serve/policy/engine.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

struct Entry {
  std::string name;
  std::unique_ptr<Scheduler> (*make)(const SchedulerInput&);
};

// "vllm_v1" is the file, "vllm-v1" the name.
std::string name_of(std::string stem) {
  std::replace(stem.begin(), stem.end(), '_', '-');
  return stem;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> table = {
#define WORDLINE_POLICY(stem) {name_of(#stem), policy::stem},
#include "wordline/serve/policy/engine.inc"
#undef WORDLINE_POLICY
  };
  return table;
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
  short_of_blocks = false;
}

std::vector<std::string> engine_policies() {
  std::vector<std::string> names;
  for (const auto& entry : entries()) names.push_back(entry.name);
  return names;
}

std::unique_ptr<Scheduler> make_scheduler(const SchedulerInput& input) {
  for (const auto& entry : entries())
    if (entry.name == input.engine.policy) return entry.make(input);
  throw core::InputError({}, "the engine policy \"" + input.engine.policy + "\"", "a known one",
                         core::nearest_name(input.engine.policy, engine_policies()));
}

}  // namespace wordline::serve
