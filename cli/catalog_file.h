// A file of the catalogue as the command line asks for it, with --set laid over it.
#pragma once

#include <string>
#include <vector>

#include "wordline/core/catalog.h"

namespace wordline::cli {

// Lays `settings` ("a.b=c") over kind/name; numbers without a source of their own are then the command line's,
// assumed. `option` is what asked for the name. Throws core::InputError for an unknown name and for a setting that
// does not fit.
void lay_over(core::Catalog& catalog, const std::string& kind, const std::string& name, const std::string& option,
              const std::vector<std::string>& settings);

// The same for a name or a path: a file (with a '/' in its path, or an ending .toml or .json) is laid over the
// catalogue first. Returns the name, a file's without its ending.
std::string named_file(core::Catalog& catalog, const std::string& kind, const std::string& asked,
                       const std::string& option, const std::vector<std::string>& settings);

}  // namespace wordline::cli
