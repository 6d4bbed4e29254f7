// One self-contained HTML file from a report's JSON: works offline, loads nothing.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace wordline::web {

// The page of a report as README.md beside this file describes it (title, answer, sections). Any text in it is shown as
// text: it is escaped for its place in a <script type="application/json">.
std::string page(const nlohmann::ordered_json& report);

}  // namespace wordline::web
