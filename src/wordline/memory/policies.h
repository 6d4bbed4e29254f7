// The names of the controllers' policies: the files in policy/<kind>, with hyphens for underscores.
#pragma once

#include <string>
#include <vector>

namespace wordline::memory {

const std::vector<std::string>& scheduler_names();
const std::vector<std::string>& page_policy_names();
const std::vector<std::string>& refresh_policy_names();

}  // namespace wordline::memory
