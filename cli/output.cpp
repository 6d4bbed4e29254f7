#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "output.h"
#include "wordline/core/files.h"
#include "wordline/core/result.h"

namespace wordline::cli {

void write_result(const Common& common, const nlohmann::ordered_json& document, const std::string& text) {
  if (common.json) core::write_text(*common.json, core::to_text(document));
  const auto to_stdout = [](const auto& file) { return file && *file == "-"; };
  if (!to_stdout(common.json) && !to_stdout(common.csv)) fmt::print("{}", text);
}

void tell(const std::vector<std::string>& warnings, const Common& common) {
  if (common.quiet) return;
  for (const auto& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
}

}  // namespace wordline::cli
