#include "wordline/fab/metrology/expert.h"

#include "wordline/core/policy_table.h"

namespace wordline::fab {

namespace policy {
#define WORDLINE_POLICY(stem) std::unique_ptr<Expert> stem(const core::Reader& table);
#include "wordline/fab/policy/expert.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

using Make = std::unique_ptr<Expert> (*)(const core::Reader&);

const std::vector<core::Policy<Make>>& table() {
  static const std::vector<core::Policy<Make>> all = {
#define WORDLINE_POLICY(stem) {#stem, policy::stem},
#include "wordline/fab/policy/expert.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

}  // namespace

std::vector<std::string> expert_policies() { return core::names_of(table()); }

std::unique_ptr<Expert> make_expert(const core::Reader& settings) {
  const auto make = core::maker_of(table(), settings.choice("policy", expert_policies()), "the expert");
  return make(settings);
}

}  // namespace wordline::fab
