// Results as one JSON document: schema, program version and commit, catalogue hash, then the room's own fields.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "wordline/core/catalog.h"

namespace wordline::core {

// Version and git commit of this build.
std::string program_version();
std::string program_commit();

// {"schema": "wordline.<kind>/1", "program": {...}, "catalog_hash": ...}; the caller appends its fields.
nlohmann::ordered_json result_document(const std::string& kind, const Catalog& catalog);

// The catalogue facts behind a result: [{subject, path, value, kind, source}]; `only_kind` filters (e.g. "assumed").
nlohmann::ordered_json facts_json(const Facts& facts, const std::string& only_kind = "");

// {"low":..., "mid":..., "high":...}
nlohmann::ordered_json range_json(const Range<double>& range);

// Two-space indentation, final newline; numbers in the shortest form that reads back to the same bits.
std::string to_text(const nlohmann::ordered_json& document);

}  // namespace wordline::core
