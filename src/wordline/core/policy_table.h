// Policies by name: what the build lists for a folder of policy/.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "wordline/core/error.h"

namespace wordline::core {

// One file of the folder and the function that makes its policy. "vllm_v1" is the file, "vllm-v1" the name.
template <class Make>
struct Policy {
  Policy(std::string file, Make made_by) : name(std::move(file)), make(made_by) {
    std::replace(name.begin(), name.end(), '_', '-');
  }
  std::string name;
  Make make;
};

template <class Make>
std::vector<std::string> names_of(const std::vector<Policy<Make>>& table) {
  std::vector<std::string> names;
  for (const auto& policy : table) names.push_back(policy.name);
  return names;
}

// What makes the policy of that name; throws InputError with the nearest for an unknown one. `what` is named in
// it.
template <class Make>
Make maker_of(const std::vector<Policy<Make>>& table, const std::string& name, const std::string& what) {
  for (const auto& policy : table)
    if (policy.name == name) return policy.make;
  throw InputError({}, what + " \"" + name + "\"", "a known one", nearest_name(name, names_of(table)));
}

}  // namespace wordline::core
