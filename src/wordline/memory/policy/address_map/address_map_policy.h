// What an address map policy is: a text for AddressMap, made for one system.
#pragma once

#include <string>

#include "wordline/memory/system.h"

namespace wordline::memory::policy::address_map {

#define WORDLINE_POLICY(name) std::string name(const System& system);
#include "wordline/memory/policy/address_map.inc"
#undef WORDLINE_POLICY

}  // namespace wordline::memory::policy::address_map
