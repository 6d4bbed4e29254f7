// wordline list [KIND]: what the catalogue holds.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "args.h"
#include "catalog_kind.h"
#include "output.h"
#include "wordline/core/catalog.h"
#include "wordline/core/error.h"
#include "wordline/core/result.h"

namespace wordline::cli {

namespace {

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

int list(const std::string& asked, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  const std::string kind = asked.empty() ? "" : catalog_kind(catalog, asked, "wordline list");
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
  args.positional("kind", *kind, "a kind: chips, parts (dram/parts), modules, ...; all without it").called("KIND");
  args.footer("Examples: wordline list, wordline list parts");
  args.action([kind, &common = args.common()] { return list(*kind, common); });
}

}  // namespace wordline::cli
