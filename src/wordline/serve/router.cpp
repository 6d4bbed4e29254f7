#include "wordline/serve/router.h"

#include "wordline/serve/policy_table.h"

namespace wordline::serve {

namespace policy {
#define WORDLINE_POLICY(stem) std::unique_ptr<Router> stem(std::uint64_t seed);
#include "wordline/serve/policy/router.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

using Make = std::unique_ptr<Router> (*)(std::uint64_t);

const std::vector<Policy<Make>>& table() {
  static const std::vector<Policy<Make>> all = {
#define WORDLINE_POLICY(stem) {#stem, policy::stem},
#include "wordline/serve/policy/router.inc"
#undef WORDLINE_POLICY
  };
  return all;
}

}  // namespace

std::vector<std::string> router_policies() { return names_of(table()); }

std::unique_ptr<Router> make_router(const std::string& policy, std::uint64_t seed) {
  return maker_of(table(), policy, "the router")(seed);
}

}  // namespace wordline::serve
