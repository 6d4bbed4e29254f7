// The kinds of the catalogue as people say them: "part", "parts" and "dram/parts" are one.
#pragma once

#include <string>
#include <vector>

#include "wordline/core/catalog.h"

namespace wordline::cli {

// The kind's folder for its own name or a short one: the last word of it, singular or plural. Throws UsageError that
// begins with `command`, with the nearest, where there is none or more than one.
std::string catalog_kind(const core::Catalog& catalog, const std::string& asked, const std::string& command);

// What a kind may be called besides its folder: "parts", "part".
std::vector<std::string> short_names(const std::string& kind);

}  // namespace wordline::cli
