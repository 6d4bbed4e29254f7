// wordline list [KIND]: what the catalogue holds.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "args.h"
#include "output.h"
#include "wordline/core/catalog.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

void require_kind(const core::Catalog& catalog, const std::string& kind) {
  const auto kinds = catalog.kinds();
  if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return;
  const std::string nearest = core::nearest_name(kind, kinds);
  throw core::UsageError(fmt::format("wordline list: found the kind \"{}\"; wanted one of {}{}", kind,
                                     fmt::join(kinds, ", "),
                                     nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest)));
}

// Each name with the title that its file gives it.
std::string with_titles(const core::Catalog& catalog, const std::string& kind) {
  const auto names = catalog.names(kind);
  std::size_t width = 0;
  for (const auto& name : names) width = std::max(width, name.size());
  std::string text;
  for (const auto& name : names) {
    const core::Value* title = catalog.load(kind, name).find("title");
    text += title && title->text() ? fmt::format("{:<{}}  {}\n", name, width, *title->text()) : name + "\n";
  }
  return text;
}

int list(const std::string& kind, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  if (!kind.empty()) require_kind(catalog, kind);
  auto document = core::result_document("list", catalog);
  std::string text;
  for (const auto& each : kind.empty() ? catalog.kinds() : std::vector{kind}) {
    const auto names = catalog.names(each);
    document["kinds"][each] = names;
    text += kind.empty() ? fmt::format("{}: {}\n", each, fmt::join(names, ", ")) : with_titles(catalog, each);
  }
  write_result(common, document, text);
  return core::exit_done;
}

}  // namespace

void add_list(Args& program) {
  auto& args = program.command("list", "what the catalogue holds: kinds, or the names of one kind");
  auto kind = std::make_shared<std::string>();
  args.positional("kind", *kind, "a kind, e.g. chips; all without it").called("KIND");
  args.action([kind, &common = args.common()] { return list(*kind, common); });
}

}  // namespace wordline::cli
