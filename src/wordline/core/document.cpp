#include "wordline/core/document.h"

#include <fmt/format.h>

#include "wordline/core/files.h"

namespace wordline::core {

bool Value::is_table() const { return std::holds_alternative<Table>(data); }
bool Value::is_array() const { return std::holds_alternative<Array>(data); }
bool Value::is_number() const {
  return std::holds_alternative<std::int64_t>(data) || std::holds_alternative<double>(data);
}
const Table* Value::table() const { return std::get_if<Table>(&data); }
const Array* Value::array() const { return std::get_if<Array>(&data); }
const std::string* Value::text() const { return std::get_if<std::string>(&data); }

const Value* Value::find(std::string_view key) const {
  const Table* members = table();
  if (!members) return nullptr;
  const auto it = members->find(key);
  return it == members->end() ? nullptr : &it->second;
}

std::string Value::describe() const {
  struct Describe {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t n) const { return fmt::format("the number {}", n); }
    std::string operator()(double x) const { return fmt::format("the number {}", x); }
    std::string operator()(const std::string& s) const { return fmt::format("the string \"{}\"", s); }
    std::string operator()(const Array& a) const { return fmt::format("an array of {}", a.size()); }
    std::string operator()(const Table&) const { return "a table"; }
  };
  return std::visit(Describe{}, data);
}

Value read_document(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  std::filesystem::path name = file;
  if (name.extension() == ".gz" || name.extension() == ".zst") name.replace_extension();
  return name.extension() == ".json" ? parse_json(text, file.string()) : parse_toml(text, file.string());
}

void set_value(Value& root, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw UsageError(fmt::format("--set {}: wanted path.to.key=value", assignment));
  const std::string path = assignment.substr(0, equals), text = assignment.substr(equals + 1);
  const std::string name = "--set " + path;
  Value parsed;
  try {
    parsed = *parse_toml("value = " + text, name).find("value");
  } catch (const InputError&) {
    parsed.data = text;  // a bare word is a text
  }
  parsed.where = {std::make_shared<const std::string>(name), 0, 0};

  Value* at = &root;
  std::size_t begin = 0;
  while (true) {
    const auto dot = path.find('.', begin);
    const std::string key = path.substr(begin, dot == std::string::npos ? dot : dot - begin);
    Table* members = std::get_if<Table>(&at->data);
    if (!members) throw InputError(at->where, at->describe(), fmt::format("a table for --set {}", path));
    if (dot == std::string::npos) {
      (*members)[key] = parsed;
      return;
    }
    auto [it, added] = members->try_emplace(key);
    if (added) it->second = Value{Table{}, parsed.where};
    at = &it->second;
    begin = dot + 1;
  }
}

Value merged(const Value& parent, const Value& child) {
  if (!parent.is_table() || !child.is_table()) return child;
  Value out{*parent.table(), child.where};
  auto& members = std::get<Table>(out.data);
  for (const auto& [key, value] : *child.table()) {
    auto it = members.find(key);
    if (it == members.end())
      members.emplace(key, value);
    else
      it->second = merged(it->second, value);
  }
  return out;
}

}  // namespace wordline::core
