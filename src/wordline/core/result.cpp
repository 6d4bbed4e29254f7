#include "wordline/core/result.h"

#include <nlohmann/json.hpp>

#include "wordline/core/build_info.h"

namespace wordline::core {

std::string program_version() { return build_version; }
std::string program_commit() { return build_commit; }

nlohmann::ordered_json result_document(const std::string& kind, const Catalog& catalog) {
  nlohmann::ordered_json document;
  document["schema"] = "wordline." + kind + "/1";
  document["program"] = {{"version", program_version()}, {"commit", program_commit()}};
  document["catalog_hash"] = catalog.hash();
  return document;
}

nlohmann::ordered_json facts_json(const Facts& facts, const std::string& only_kind) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& fact : facts) {
    if (!only_kind.empty() && fact.kind != only_kind) continue;
    nlohmann::ordered_json entry;
    entry["subject"] = fact.subject;
    entry["path"] = fact.path;
    entry["value"] = fact.value;
    entry["kind"] = fact.kind;
    entry["source"] = fact.source;
    list.push_back(std::move(entry));
  }
  return list;
}

nlohmann::ordered_json range_json(const Range<double>& range) {
  nlohmann::ordered_json out;
  out["low"] = range.low;
  out["mid"] = range.mid;
  out["high"] = range.high;
  return out;
}

std::string to_text(const nlohmann::ordered_json& document) {
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace wordline::core
