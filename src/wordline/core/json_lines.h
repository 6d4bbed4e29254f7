// JSON Lines: a JSON document on each line of a file.
#pragma once

#include <string>
#include <string_view>

#include "wordline/core/document.h"

namespace wordline::core {

// The document on line `line` of the file that messages call `name`; throws InputError at its place in that file.
Value parse_json_line(std::string_view text, const std::string& name, int line);

}  // namespace wordline::core
