// A TOML or JSON document as a tree in which every value knows its file, line and column.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "wordline/core/error.h"

namespace wordline::core {

class Value;
using Array = std::vector<Value>;
using Table = std::map<std::string, Value, std::less<>>;

// One value of a document. JSON null is std::monostate.
class Value {
 public:
  using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Table>;
  Data data;
  Location where;

  bool is_table() const;
  bool is_array() const;
  bool is_number() const;
  const Table* table() const;                     // nullptr where it is something else
  const Array* array() const;                     // likewise
  const std::string* text() const;                // likewise
  const Value* find(std::string_view key) const;  // a table's member, or nullptr
  std::string describe() const;                   // 'the string "350 nx"', "the number 3", "a table": for messages
};

// Parse, or throw InputError at the offending line and column. `name` is what messages call the file.
Value parse_toml(std::string_view text, const std::string& name);
Value parse_json(std::string_view text, const std::string& name);
// Reads a file by its extension (.toml, .json), `.gz` and `.zst` unpacked.
Value read_document(const std::filesystem::path& file);

// Puts `value` (TOML syntax, e.g. `4`, `"350 ns"`; bare words are taken as strings) at a dotted path: `--set a.b=c`.
void set_value(Value& root, const std::string& assignment);

// `child` laid over `parent`: tables merge key by key, all else is replaced. Locations stay with the values.
Value merged(const Value& parent, const Value& child);

}  // namespace wordline::core
