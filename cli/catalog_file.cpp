#include "catalog_file.h"

#include <filesystem>
#include <memory>
#include <variant>

#include "wordline/core/document.h"

namespace wordline::cli {

void lay_over(core::Catalog& catalog, const std::string& kind, const std::string& name, const std::string& option,
              const std::vector<std::string>& settings) {
  if (settings.empty()) return;
  core::Value document = catalog.load(kind, name, {std::make_shared<std::string>(option)});
  if (auto* table = std::get_if<core::Table>(&document.data)) {
    table->insert_or_assign("source", core::Value{"the command line", {}});
    table->insert_or_assign("kind", core::Value{"assumed", {}});
  }
  for (const auto& setting : settings) core::set_value(document, setting);
  catalog.put(kind, name, std::move(document));
}

std::string named_file(core::Catalog& catalog, const std::string& kind, const std::string& asked,
                       const std::string& option, const std::vector<std::string>& settings) {
  const bool is_file = asked.find('/') != std::string::npos || asked.ends_with(".toml") || asked.ends_with(".json");
  const std::string name = is_file ? std::filesystem::path(asked).stem().string() : asked;
  if (is_file) catalog.put(kind, name, core::read_document(asked));
  lay_over(catalog, kind, name, option, settings);
  return name;
}

}  // namespace wordline::cli
