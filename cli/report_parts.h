// What the reports of several rooms share: numbers as words, and the parts that each report has.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "wordline/core/catalog.h"

namespace wordline::cli {

using Json = nlohmann::ordered_json;

// Three significant digits, thousands set apart: "0.0123", "45.6", "12,345".
std::string three_digits(double x);
// Shares in percent with one digit: "8.3 %".
std::string percent(double share);

// A section of web/README.md with its first paragraph.
Json section(const char* kind, const char* id, const char* title, const std::string& text);
// One of an answer's figures.
Json figure(const std::string& label, const std::string& value, const std::string& unit, const std::string& note);
// The catalogue's assumed numbers that were read.
Json sources_section(const core::Catalog& catalog);
// The last lines: program, catalogue, licences.
Json foot(const core::Catalog& catalog);

}  // namespace wordline::cli
