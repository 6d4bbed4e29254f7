#include "wordline/serve/router.h"

#include <algorithm>

#include "wordline/core/error.h"

namespace wordline::serve {

namespace policy {
#define WORDLINE_POLICY(stem) std::unique_ptr<Router> stem(std::uint64_t seed);
#include "wordline/serve/policy/router.inc"
#undef WORDLINE_POLICY
}  // namespace policy

namespace {

struct Entry {
  std::string name;
  std::unique_ptr<Router> (*make)(std::uint64_t seed);
};

// "round_robin" is the file, "round-robin" the name.
std::string name_of(std::string stem) {
  std::replace(stem.begin(), stem.end(), '_', '-');
  return stem;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> table = {
#define WORDLINE_POLICY(stem) {name_of(#stem), policy::stem},
#include "wordline/serve/policy/router.inc"
#undef WORDLINE_POLICY
  };
  return table;
}

}  // namespace

std::vector<std::string> router_policies() {
  std::vector<std::string> names;
  for (const auto& entry : entries()) names.push_back(entry.name);
  return names;
}

std::unique_ptr<Router> make_router(const std::string& policy, std::uint64_t seed) {
  for (const auto& entry : entries())
    if (entry.name == policy) return entry.make(seed);
  throw core::InputError({}, "the router \"" + policy + "\"", "a known one",
                         core::nearest_name(policy, router_policies()));
}

}  // namespace wordline::serve
