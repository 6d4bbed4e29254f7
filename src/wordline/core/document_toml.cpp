// The one source that includes toml++, which is slow to compile.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <sstream>
#include <utility>

#include "wordline/core/document.h"

namespace wordline::core {

namespace {

using File = std::shared_ptr<const std::string>;

Location location(const toml::source_region& region, const File& file) {
  return {file, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

Value converted(const toml::node& node, const File& file) {
  Value out;
  out.where = location(node.source(), file);
  if (const auto* table = node.as_table()) {
    Table members;
    for (const auto& [key, child] : *table) members.emplace(std::string(key.str()), converted(child, file));
    out.data = std::move(members);
  } else if (const auto* array = node.as_array()) {
    Array items;
    for (const auto& child : *array) items.push_back(converted(child, file));
    out.data = std::move(items);
  } else if (const auto* text = node.as_string()) {
    out.data = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.data = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    out.data = number->get();
  } else if (const auto* flag = node.as_boolean()) {
    out.data = flag->get();
  } else {  // dates and times are kept as written
    std::ostringstream text_of;
    if (const auto* date = node.as_date())
      text_of << date->get();
    else if (const auto* time = node.as_time())
      text_of << time->get();
    else if (const auto* both = node.as_date_time())
      text_of << both->get();
    out.data = text_of.str();
  }
  return out;
}

// What to do about a message of toml++, by its words.
std::string remedy(std::string_view message) {
  const std::pair<std::string_view, const char*> remedies[] = {
      {"cannot redefine", "each key and table once: delete one of them"},
      {"unescaped control characters", "a string that ends on its line: close it with its quote"},
      {"could not determine value type", "a number, true, false, a date, or a string in quotes"},
      {"expected '='", "key = value"},
      {"expected '\"'", "a closing quote"},
      {"expected ']'", "the bracket that closes what stands here"},
      {"encountered end-of-file", "the bracket or quote that closes what stands here"},
  };
  for (const auto& [words, what] : remedies)
    if (message.find(words) != std::string_view::npos) return what;
  return "TOML as toml.io describes it";
}

}  // namespace

Value parse_toml(std::string_view text, const std::string& name) {
  const auto file = std::make_shared<const std::string>(name);
  try {
    const toml::table table = toml::parse(text, name);
    Value out = converted(table, file);
    out.where = {file, 1, 1};
    return out;
  } catch (const toml::parse_error& error) {
    throw InputError(location(error.source(), file), fmt::format("no TOML ({})", error.description()),
                     remedy(error.description()));
  }
}

}  // namespace wordline::core
