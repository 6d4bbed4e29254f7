// Reads one table of a document key by key, with units and messages that name file, line, column and the nearest valid
// name.
#pragma once

#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "wordline/core/document.h"
#include "wordline/core/units.h"

namespace wordline::core {

// One number of the catalogue with where it comes from. kind: standard, datasheet, measured, derived or assumed.
struct Fact {
  std::string subject;  // "chips/h100-sxm"
  std::string path;     // "link.bandwidth"
  std::string value;    // as written: "450 GB/s"
  std::string source, kind;
  Location where;
};
using Facts = std::vector<Fact>;

// A number with a dimension as read from text: "350 ns", "3.35 TB/s", "12.5 USD/h", "178 KRW/kWh", "5.2 Gb/s".
struct ParsedQuantity {
  double base_units;
  Dimension dimension;
};
// Parses number and unit; nullopt where it is no quantity. `why` says what is wrong, with the nearest known unit.
std::optional<ParsedQuantity> parse_quantity(std::string_view text, std::string* why = nullptr);
// What a dimension is called in messages: "a time such as \"350 ns\"".
std::string dimension_name(Dimension);

// A source with its short name, which stands alone or before ',', ':' or ';', written out as [sources] has it.
std::string full_source(const Table& sources, const std::string& text);

// View of one table. Every key that is asked for counts as known; finish() rejects the others by name.
// Catalogue mode (facts given): every number needs `source` and `kind`, its own ({value=, source=, kind=}) or its
// nearest enclosing table's, and is recorded. `[sources]` at the file's top may name long sources: in
// `source = "jesd238"` and `source = "jesd238, table 94"` the name is replaced (full_source).
class Reader {
 public:
  explicit Reader(const Value& table, Facts* facts = nullptr, std::string subject = "");

  bool has(std::string_view key) const;
  std::string text(std::string_view key) const;
  std::string text_or(std::string_view key, std::string fallback) const;
  // A text that must be one of `choices`.
  std::string choice(std::string_view key, const std::vector<std::string>& choices) const;
  bool flag_or(std::string_view key, bool fallback) const;
  std::int64_t integer(std::string_view key, std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t max = std::numeric_limits<std::int64_t>::max()) const;
  std::int64_t integer_or(std::string_view key, std::int64_t fallback,
                          std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                          std::int64_t max = std::numeric_limits<std::int64_t>::max()) const;
  double number(std::string_view key, double min = -std::numeric_limits<double>::infinity(),
                double max = std::numeric_limits<double>::infinity()) const;
  double number_or(std::string_view key, double fallback, double min = -std::numeric_limits<double>::infinity(),
                   double max = std::numeric_limits<double>::infinity()) const;
  // A quantity with its unit; negative ones are rejected.
  template <class Q>
  Q quantity(std::string_view key) const {
    return Q(base_units(key, Q::dimension));
  }
  template <class Q>
  Q quantity_or(std::string_view key, Q fallback) const {
    return has(key) ? quantity<Q>(key) : fallback;
  }
  // One quantity, or {low=, mid=, high=} with low <= mid <= high (mid may be left out: the middle).
  template <class Q>
  Range<Q> range(std::string_view key) const {
    auto r = base_range(key, Q::dimension);
    return {Q(r.low), Q(r.mid), Q(r.high)};
  }
  Range<double> number_range(std::string_view key) const { return base_range(key, Dimension{}); }
  // A number written as an expression ("max(8 nCK, 5 ns)"): its text as it stands; sourced and recorded as a number is.
  std::string expression(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;
  std::vector<std::int64_t> integers(std::string_view key) const;
  std::vector<double> numbers(std::string_view key) const;

  Reader table(std::string_view key) const;  // must be there
  std::optional<Reader> optional_table(std::string_view key) const;
  std::vector<Reader> tables(std::string_view key) const;  // an array of tables; none is an empty one
  std::vector<std::string> keys() const;                   // in alphabetical order; does not mark them known
  const Value& value() const { return *value_; }
  const Value& value(std::string_view key) const;  // the raw value, marked known; must be there
  const Location& where() const { return value_->where; }
  const Location& where(std::string_view key) const;  // the key's place, or the table's

  // Throws InputError for the first key that nobody asked for, with the nearest known one.
  void finish() const;
  // Throws InputError at `key`: what is there, and what was wanted.
  [[noreturn]] void fail(std::string_view key, const std::string& wanted, const std::string& nearest = "") const;

 private:
  struct Context;
  Reader(const Value&, std::shared_ptr<const Context>, std::string path);
  const Value* look_up(std::string_view key) const;
  const Value& number_value(std::string_view key) const;  // unwraps {value=...}, records the fact
  double base_units(std::string_view key, Dimension wanted) const;
  Range<double> base_range(std::string_view key, Dimension wanted) const;

  const Value* value_;
  std::shared_ptr<const Context> context_;
  std::string path_;
  std::shared_ptr<std::set<std::string, std::less<>>> known_;
};

}  // namespace wordline::core
