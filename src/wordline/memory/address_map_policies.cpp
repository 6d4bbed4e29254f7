// The table of address maps, generated from the files in policy/address_map.
#include "wordline/memory/address_map.h"
#include "wordline/memory/policy/address_map/address_map_policy.h"

namespace wordline::memory {

const std::vector<std::string>& address_map_names() {
  static const std::vector<std::string> names{
#define WORDLINE_POLICY(name) #name,
#include "wordline/memory/policy/address_map.inc"
#undef WORDLINE_POLICY
  };
  return names;
}

namespace {

std::string text_of(const System& system) {
  const std::string& name = system.settings.address_map;
#define WORDLINE_POLICY(policy_name) \
  if (name == #policy_name) return policy::address_map::policy_name(system);
#include "wordline/memory/policy/address_map.inc"
#undef WORDLINE_POLICY
  return name;
}

}  // namespace

AddressMap::AddressMap(const System& system) : AddressMap(system, text_of(system)) {}

}  // namespace wordline::memory
