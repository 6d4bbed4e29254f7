#include "wordline/serve/router.h"

#include "wordline/core/policy_table.h"

namespace wordline::serve {

namespace policy {
#define WORDLINE_POLICY(stem) std::unique_ptr<Router> stem(std::uint64_t seed);
#include "wordline/serve/policy/router.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

using Make = std::unique_ptr<Router> (*)(std::uint64_t);

const std::vector<core::Policy<Make>>& table() {
  static const std::vector<core::Policy<Make>> all = {
#define WORDLINE_POLICY(stem) {#stem, policy::stem},
#include "wordline/serve/policy/router.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

}  // namespace

std::vector<std::string> router_policies() { return core::names_of(table()); }

std::unique_ptr<Router> make_router(const std::string& policy, std::uint64_t seed) {
  return core::maker_of(table(), policy, "the router")(seed);
}

}  // namespace wordline::serve
