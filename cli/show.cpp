// wordline show KIND NAME: one thing of the catalogue, every number with its source and kind; of a part also what it
// takes over from its standard.
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

// One line of the answer; kind and source are empty for a text that is no number.
struct Line {
  std::string path, value, kind, source;
};

// The source and kind that hold for the numbers of a table, and the short names of long sources.
struct Origin {
  std::string kind, source;
  const core::Value* named = nullptr;
};

std::string text_of(const core::Value& value) {
  if (const auto* text = value.text()) return *text;
  if (const auto* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return fmt::format("{}", *whole);
  if (const auto* number = std::get_if<double>(&value.data)) return fmt::format("{}", *number);
  std::vector<std::string> parts;
  if (const auto* array = value.array())
    for (const auto& each : *array) parts.push_back(text_of(each));
  for (const char* key : {"low", "mid", "high"})
    if (const auto* bound = value.find(key)) parts.push_back(fmt::format("{} {}", key, text_of(*bound)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

// A number, a quantity, or an expression over them ("max(4 nCK, 7.5 ns)").
bool is_quantity(const core::Value& value) {
  if (!value.text()) return value.is_number();
  const std::string& text = *value.text();
  return core::parse_quantity(text) || (!text.empty() && text.front() >= '0' && text.front() <= '9') ||
         text.find('(') != std::string::npos;
}

// A table that stands for one number: {value = ...} or {low = ..., high = ...}.
bool is_one_number(const core::Value& value) {
  return value.is_table() && (value.find("value") || (value.find("low") && value.find("high")));
}

Origin within(const core::Value& table, Origin origin) {
  if (const auto* kind = table.find("kind"); kind && kind->text()) origin.kind = *kind->text();
  if (const auto* source = table.find("source"); source && source->text()) {
    const core::Table* names = origin.named ? origin.named->table() : nullptr;
    origin.source = names ? core::full_source(*names, *source->text()) : *source->text();
  }
  return origin;
}

// What one table of an array is called: by what it names (a rule, a command), or its number.
std::string called(const core::Value& table, std::size_t number) {
  for (const char* key : {"name", "command"})
    if (const auto* name = table.find(key); name && name->text()) return *name->text();
  return fmt::format("{}", number);
}

void walk(const core::Value& value, const std::string& path, Origin origin, std::vector<Line>& lines);

void walk_members(const core::Value& table, const std::string& path, const Origin& origin, std::vector<Line>& lines) {
  for (const auto& [key, member] : *table.table()) {
    if (key == "source" || key == "kind" || (path.empty() && key == "sources")) continue;
    walk(member, path.empty() ? key : path + "." + key, origin, lines);
  }
}

void walk(const core::Value& value, const std::string& path, Origin origin, std::vector<Line>& lines) {
  if (value.is_table()) origin = within(value, origin);
  const auto* array = value.array();
  if (array && std::any_of(array->begin(), array->end(), [](const auto& each) { return each.is_table(); })) {
    for (std::size_t i = 0; i < array->size(); ++i)
      walk((*array)[i], fmt::format("{}[{}]", path, called((*array)[i], i)), origin, lines);
  } else if (value.is_table() && !is_one_number(value)) {
    walk_members(value, path, origin, lines);
  } else {
    const core::Value* inner = value.find("value");
    const bool number =
        is_one_number(value) || is_quantity(value) || (array && std::any_of(array->begin(), array->end(), is_quantity));
    lines.push_back({path, text_of(inner ? *inner : value), number ? origin.kind : "", number ? origin.source : ""});
  }
}

std::string table_of(const std::vector<Line>& lines) {
  std::size_t path_width = 0, value_width = 0;
  for (const auto& line : lines) {
    path_width = std::max(path_width, line.path.size());
    if (!line.kind.empty()) value_width = std::max(value_width, line.value.size());
  }
  std::string text;
  for (const auto& line : lines)
    text += line.kind.empty() ? fmt::format("{:<{}}  {}\n", line.path, path_width, line.value)
                              : fmt::format("{:<{}}  {:<{}}  {:<9}  {}\n", line.path, path_width, line.value,
                                            value_width, line.kind, line.source);
  return text;
}

std::vector<Line> lines_of(const core::Value& document) {
  std::vector<Line> lines;
  walk(document, "", Origin{"", "", document.find("sources")}, lines);
  return lines;
}

// The numbers that a part takes over from its standard, as "standard.timings.tREFI".
void add_standard(const core::Catalog& catalog, const core::Value& part, std::vector<Line>& lines) {
  const core::Value* standard = part.find("standard");
  if (!standard || !standard->text()) return;
  const auto own = [&lines, count = lines.size()](const std::string& path) {
    const auto end = lines.begin() + static_cast<std::ptrdiff_t>(count);
    return std::any_of(lines.begin(), end, [&](const Line& line) { return line.path == path; });
  };
  for (Line& line : lines_of(catalog.load("dram/standards", *standard->text(), standard->where))) {
    if (line.kind.empty() || own(line.path)) continue;
    line.path = "standard." + line.path;
    lines.push_back(std::move(line));
  }
}

int show(const std::string& asked, const std::string& name, const Common& common) {
  const auto catalog = core::Catalog::open(common.catalogs);
  const std::string kind = catalog_kind(catalog, asked, "wordline show");
  const core::Value& value = catalog.load(kind, name, {std::make_shared<std::string>("command line")});
  std::vector<Line> lines = lines_of(value);
  if (kind == "dram/parts") add_standard(catalog, value, lines);
  auto document = core::result_document("show", catalog);
  document["subject"] = kind + "/" + name;
  for (const auto& line : lines) {
    nlohmann::ordered_json entry{{"path", line.path}, {"value", line.value}};
    if (!line.kind.empty()) {
      entry["kind"] = line.kind;
      entry["source"] = line.source;
    }
    document["values"].push_back(std::move(entry));
  }
  write_result(common, document, table_of(lines));
  return core::exit_done;
}

}  // namespace

void add_show(Args& program) {
  auto& args = program.command("show", "one thing of the catalogue: every number with its kind and source");
  struct Asked {
    std::string kind, name;
  };
  auto asked = std::make_shared<Asked>();
  args.positional("kind", asked->kind, "a kind: chip, part (dram/parts), module, ...").required();
  args.positional("name", asked->name, "a name of that kind, e.g. h100-sxm").required();
  args.footer("Examples: wordline show chip h100-sxm, wordline show part ddr5-4800-x8-16gb");
  args.action([asked, &common = args.common()] { return show(asked->kind, asked->name, common); });
}

}  // namespace wordline::cli
