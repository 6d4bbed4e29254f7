// Where a command's answer goes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "args.h"

namespace wordline::cli {

// Writes the document where --json says, and `text`, the answer for a person, to standard output unless the JSON or the
// CSV goes there.
void write_result(const Common& common, const nlohmann::ordered_json& document, const std::string& text);
// "warning: ..." on standard error for each, unless --quiet.
void tell(const std::vector<std::string>& warnings, const Common& common);

}  // namespace wordline::cli
