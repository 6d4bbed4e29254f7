#include "catalog_kind.h"

#include <fmt/format.h>

#include <algorithm>

#include "wordline/core/error.h"

namespace wordline::cli {

std::vector<std::string> short_names(const std::string& kind) {
  const auto slash = kind.rfind('/');
  const std::string last = slash == std::string::npos ? kind : kind.substr(slash + 1);
  std::vector<std::string> names = {last};
  if (last.size() > 1 && last.back() == 's') names.push_back(last.substr(0, last.size() - 1));
  return names;
}

std::string catalog_kind(const core::Catalog& catalog, const std::string& asked, const std::string& command) {
  const auto kinds = catalog.kinds();
  if (std::find(kinds.begin(), kinds.end(), asked) != kinds.end()) return asked;
  std::vector<std::string> meant, known = kinds;
  for (const auto& kind : kinds) {
    const auto names = short_names(kind);
    if (std::find(names.begin(), names.end(), asked) != names.end()) meant.push_back(kind);
    known.insert(known.end(), names.begin(), names.end());
  }
  if (meant.size() == 1) return meant.front();
  const std::string found = fmt::format("{}: found the kind \"{}\"; wanted one of ", command, asked);
  if (!meant.empty()) throw core::UsageError(found + fmt::format("{}", fmt::join(meant, ", ")));
  const std::string nearest = core::nearest_name(asked, known);
  throw core::UsageError(found + fmt::format("{}{}", fmt::join(kinds, ", "),
                                             nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest)));
}

}  // namespace wordline::cli
