#include "report_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "wordline/core/result.h"

namespace wordline::cli {

std::string percent(double share) { return fmt::format("{:.1f}\u00a0%", 100 * share); }

std::string three_digits(double x) {
  if (!std::isfinite(x)) return "–";
  const double size = std::abs(x);
  int decimals = 0;
  if (size > 0 && size < 100) decimals = std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), 0, 6);
  if (x == std::round(x)) decimals = 0;
  std::string text = fmt::format("{:.{}f}", x, decimals);
  if (size >= 1000)
    for (int at = static_cast<int>(text.size()) - 3; at > (text[0] == '-' ? 1 : 0); at -= 3)
      text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

Json section(const char* kind, const char* id, const char* title, const std::string& text) {
  return {{"kind", kind}, {"id", id}, {"title", title}, {"text", {text}}};
}

Json figure(const std::string& label, const std::string& value, const std::string& unit, const std::string& note) {
  return {{"label", label}, {"value", value}, {"unit", unit}, {"note", note}};
}

Json sources_section(const core::Catalog& catalog) {
  const core::Facts facts = catalog.facts();
  Json assumed = Json::array();
  for (const auto& fact : facts)
    if (fact.kind == "assumed")
      assumed.push_back({{"what", fact.subject + " " + fact.path}, {"value", fact.value}, {"source", fact.source}});
  Json out = section("assumptions", "assumed", "What rests on assumptions",
                     fmt::format("{} of the {} catalogue numbers behind this report are assumed: nobody states them.",
                                 assumed.size(), facts.size()));
  out["facts"] = assumed;
  return out;
}

Json foot(const core::Catalog& catalog) {
  return Json::array({fmt::format("Wordline {} ({}), catalogue {}. The same input gives the same report.",
                                  core::program_version(), core::program_commit(), catalog.hash()),
                      "Charts by Chart.js, Expat (MIT) licence."});
}

}  // namespace wordline::cli
