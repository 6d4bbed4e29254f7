#include "wordline/core/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace wordline::core {

// What all readers of one document share: the facts being collected, and the nearest source and kind on the way down.
struct Reader::Context {
  Facts* facts = nullptr;
  std::string subject;
  const Table* sources = nullptr;  // the file's [sources]
  std::string source, kind;        // of the nearest enclosing table
};

namespace {

const std::vector<std::string> kinds = {"standard", "datasheet", "measured", "derived", "assumed"};

std::string joined(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

double as_double(const Value& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*n);
  return std::get<double>(value.data);
}

// The value as it stands in the file, for facts.
std::string as_written(const Value& value) {
  if (const auto* text = value.text()) return *text;
  if (const auto* n = std::get_if<std::int64_t>(&value.data)) return fmt::format("{}", *n);
  if (const auto* x = std::get_if<double>(&value.data)) return fmt::format("{}", *x);
  if (const auto* items = value.array()) {
    std::string out;
    for (const auto& item : *items) out += (out.empty() ? "" : ", ") + as_written(item);
    return out;
  }
  if (const auto* members = value.table()) {
    std::string out;
    for (const auto* key : {"low", "mid", "high"})
      if (const auto it = members->find(key); it != members->end())
        out += (out.empty() ? "" : " .. ") + as_written(it->second);
    return out;
  }
  return value.describe();
}

std::string provenance_text(const Value& table, const char* key, const std::string& inherited) {
  const Value* value = table.find(key);
  if (!value) return inherited;
  if (!value->text()) throw InputError(value->where, value->describe(), fmt::format("a text for \"{}\"", key));
  return *value->text();
}

}  // namespace

std::string full_source(const Table& sources, const std::string& text) {
  const auto end = std::min(text.find_first_of(",:;"), text.size());
  const auto it = sources.find(text.substr(0, end));
  return it != sources.end() && it->second.text() ? *it->second.text() + text.substr(end) : text;
}

Reader::Reader(const Value& table, Facts* facts, std::string subject)
    : value_(&table), known_(std::make_shared<std::set<std::string, std::less<>>>()) {
  if (!table.is_table()) throw InputError(table.where, table.describe(), "a table");
  auto context = std::make_shared<Context>();
  context->facts = facts;
  context->subject = std::move(subject);
  if (const Value* sources = table.find("sources"); sources && facts) {
    if (!sources->is_table()) throw InputError(sources->where, sources->describe(), "a table of source texts");
    context->sources = sources->table();
    known_->insert("sources");
  }
  if (facts) {
    context->source = provenance_text(table, "source", "");
    context->kind = provenance_text(table, "kind", "");
    known_->insert({"source", "kind"});
  }
  context_ = std::move(context);
}

Reader::Reader(const Value& table, std::shared_ptr<const Context> parent, std::string path)
    : value_(&table), path_(std::move(path)), known_(std::make_shared<std::set<std::string, std::less<>>>()) {
  auto context = std::make_shared<Context>(*parent);
  if (context->facts) {
    context->source = provenance_text(table, "source", parent->source);
    context->kind = provenance_text(table, "kind", parent->kind);
    known_->insert({"source", "kind"});
  }
  context_ = std::move(context);
}

const Value* Reader::look_up(std::string_view key) const {
  known_->insert(std::string(key));
  return value_->find(key);
}

bool Reader::has(std::string_view key) const { return look_up(key) != nullptr; }

const Value& Reader::value(std::string_view key) const {
  if (const Value* found = look_up(key)) return *found;
  std::string near;  // a key that stands there but is no known one: a likely misspelling
  for (const auto& [other, _] : *value_->table())
    if (!known_->contains(other) && near.empty()) near = nearest_name(key, {other});
  if (!near.empty())
    throw InputError(value_->find(near)->where, fmt::format("the key \"{}\"", joined(path_, near)),
                     fmt::format("the key \"{}\"", joined(path_, key)), std::string(key));
  throw InputError(value_->where, path_.empty() ? "no such key" : fmt::format("no such key in [{}]", path_),
                   fmt::format("the key \"{}\"", joined(path_, key)));
}

const Location& Reader::where(std::string_view key) const {
  const Value* found = value_->find(key);
  return found ? found->where : value_->where;
}

const Value& Reader::number_value(std::string_view key) const {
  const Value& outer = value(key);
  const Value* inner = outer.find("value");
  const Value& number = inner ? *inner : outer;
  if (inner) {
    for (const auto& [member, child] : *outer.table())
      if (member != "value" && member != "source" && member != "kind" && member != "note")
        throw InputError(child.where, fmt::format("the key \"{}.{}\"", joined(path_, key), member),
                         "value, source, kind or note", nearest_name(member, {"value", "source", "kind", "note"}));
  }
  if (!context_->facts) return number;

  Fact fact{context_->subject, joined(path_, key), as_written(number), "", "", number.where};
  fact.source = outer.is_table() ? provenance_text(outer, "source", context_->source) : context_->source;
  fact.kind = outer.is_table() ? provenance_text(outer, "kind", context_->kind) : context_->kind;
  if (context_->sources) fact.source = full_source(*context_->sources, fact.source);
  if (fact.source.empty())
    throw InputError(number.where, fmt::format("{} without a source", fact.path),
                     "source = \"...\" beside it or in its table");
  if (std::find(kinds.begin(), kinds.end(), fact.kind) == kinds.end())
    throw InputError(number.where,
                     fact.kind.empty() ? fmt::format("{} without a kind", fact.path)
                                       : fmt::format("the kind \"{}\" of {}", fact.kind, fact.path),
                     "kind = standard, datasheet, measured, derived or assumed", nearest_name(fact.kind, kinds));
  const auto same = [&](const Fact& f) { return f.subject == fact.subject && f.path == fact.path; };
  if (std::none_of(context_->facts->begin(), context_->facts->end(), same)) context_->facts->push_back(std::move(fact));
  return number;
}

std::string Reader::text(std::string_view key) const {
  const Value& found = value(key);
  if (!found.text()) fail(key, "a text");
  return *found.text();
}

std::string Reader::text_or(std::string_view key, std::string fallback) const {
  return has(key) ? text(key) : fallback;
}

std::string Reader::choice(std::string_view key, const std::vector<std::string>& choices) const {
  const std::string found = text(key);
  if (std::find(choices.begin(), choices.end(), found) == choices.end())
    fail(key, fmt::format("one of {}", fmt::join(choices, ", ")), nearest_name(found, choices));
  return found;
}

bool Reader::flag_or(std::string_view key, bool fallback) const {
  if (!has(key)) return fallback;
  const auto* flag = std::get_if<bool>(&value(key).data);
  if (!flag) fail(key, "true or false");
  return *flag;
}

std::int64_t Reader::integer(std::string_view key, std::int64_t min, std::int64_t max) const {
  const Value& found = number_value(key);
  const auto* n = std::get_if<std::int64_t>(&found.data);
  if (!n) fail(key, "a whole number");
  if (*n < min || *n > max)
    fail(key, max == std::numeric_limits<std::int64_t>::max() ? fmt::format("a whole number of at least {}", min)
                                                              : fmt::format("a whole number from {} to {}", min, max));
  return *n;
}

std::int64_t Reader::integer_or(std::string_view key, std::int64_t fallback, std::int64_t min, std::int64_t max) const {
  return has(key) ? integer(key, min, max) : fallback;
}

double Reader::number(std::string_view key, double min, double max) const {
  const Value& found = number_value(key);
  if (!found.is_number()) fail(key, "a number");
  const double x = as_double(found);
  if (!(x >= min && x <= max))
    fail(key, std::isinf(max) ? fmt::format("a number of at least {}", min)
                              : fmt::format("a number from {} to {}", min, max));
  return x;
}

double Reader::number_or(std::string_view key, double fallback, double min, double max) const {
  return has(key) ? number(key, min, max) : fallback;
}

namespace {

double quantity_of(const Value& value, Dimension wanted) {
  double base = 0;
  if (wanted == Dimension{} && value.is_number()) {
    base = as_double(value);
  } else {
    if (!value.text()) throw InputError(value.where, value.describe(), dimension_name(wanted));
    std::string why;
    const auto parsed = parse_quantity(*value.text(), &why);
    if (!parsed) throw InputError(value.where, value.describe() + ": " + why, dimension_name(wanted));
    if (parsed->dimension != wanted) throw InputError(value.where, value.describe(), dimension_name(wanted));
    base = parsed->base_units;
  }
  if (!(base >= 0) || !std::isfinite(base))
    throw InputError(value.where, value.describe(), dimension_name(wanted) + ", not negative");
  return base;
}

}  // namespace

double Reader::base_units(std::string_view key, Dimension wanted) const {
  return quantity_of(number_value(key), wanted);
}

Range<double> Reader::base_range(std::string_view key, Dimension wanted) const {
  const Value& outer = value(key);
  if (!outer.find("low") && !outer.find("high")) return exactly(base_units(key, wanted));
  number_value(key);  // records the fact
  for (const auto& [member, child] : *outer.table())
    if (member != "low" && member != "mid" && member != "high" && member != "source" && member != "kind" &&
        member != "note")
      throw InputError(child.where, fmt::format("the key \"{}.{}\"", joined(path_, key), member),
                       "low, mid, high, source, kind or note",
                       nearest_name(member, {"low", "mid", "high", "source", "kind"}));
  for (const auto* member : {"low", "high"})
    if (!outer.find(member)) fail(key, fmt::format("a range with \"{}\"", member));
  Range<double> range{quantity_of(*outer.find("low"), wanted), 0, quantity_of(*outer.find("high"), wanted)};
  range.mid = outer.find("mid") ? quantity_of(*outer.find("mid"), wanted) : (range.low + range.high) / 2;
  if (!(range.low <= range.mid && range.mid <= range.high)) fail(key, "a range with low <= mid <= high");
  return range;
}

std::string Reader::expression(std::string_view key) const {
  const Value& found = number_value(key);
  if (!found.text()) fail(key, "an expression such as \"max(8 nCK, 5 ns)\"");
  return *found.text();
}

std::vector<std::string> Reader::texts(std::string_view key) const {
  const Array* items = value(key).array();
  if (!items) fail(key, "an array of texts");
  std::vector<std::string> out;
  for (const auto& item : *items) {
    if (!item.text()) throw InputError(item.where, item.describe(), "a text");
    out.push_back(*item.text());
  }
  return out;
}

std::vector<double> Reader::numbers(std::string_view key) const {
  const Array* items = number_value(key).array();
  if (!items) fail(key, "an array of numbers");
  std::vector<double> out;
  for (const auto& item : *items) {
    if (!item.is_number()) throw InputError(item.where, item.describe(), "a number");
    out.push_back(as_double(item));
  }
  return out;
}

std::vector<std::int64_t> Reader::integers(std::string_view key) const {
  const Array* items = number_value(key).array();
  if (!items) fail(key, "an array of whole numbers");
  std::vector<std::int64_t> out;
  for (const auto& item : *items) {
    const auto* n = std::get_if<std::int64_t>(&item.data);
    if (!n) throw InputError(item.where, item.describe(), "a whole number");
    out.push_back(*n);
  }
  return out;
}

Reader Reader::table(std::string_view key) const {
  const Value& found = value(key);
  if (!found.is_table()) fail(key, "a table");
  return Reader(found, context_, joined(path_, key));
}

std::optional<Reader> Reader::optional_table(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return table(key);
}

std::vector<Reader> Reader::tables(std::string_view key) const {
  std::vector<Reader> out;
  if (!has(key)) return out;
  const Array* items = value(key).array();
  if (!items) fail(key, "an array of tables");
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Value& item = (*items)[i];
    if (!item.is_table()) throw InputError(item.where, item.describe(), "a table");
    out.push_back(Reader(item, context_, fmt::format("{}[{}]", joined(path_, key), i)));
  }
  return out;
}

std::vector<std::string> Reader::keys() const {
  std::vector<std::string> out;
  for (const auto& [key, _] : *value_->table()) out.push_back(key);
  return out;
}

void Reader::finish() const {
  for (const auto& [key, found] : *value_->table()) {
    if (known_->contains(key)) continue;
    const std::vector<std::string> names(known_->begin(), known_->end());
    throw InputError(found.where, fmt::format("the unknown key \"{}\"", joined(path_, key)),
                     path_.empty() ? "a known key" : fmt::format("a known key of [{}]", path_),
                     nearest_name(key, names));
  }
}

void Reader::fail(std::string_view key, const std::string& wanted, const std::string& nearest) const {
  const Value* found = value_->find(key);
  if (!found) throw InputError(value_->where, "nothing", fmt::format("{} = {}", joined(path_, key), wanted), nearest);
  const Value* inner = found->find("value");
  throw InputError(inner ? inner->where : found->where,
                   fmt::format("{} for \"{}\"", (inner ? inner : found)->describe(), joined(path_, key)), wanted,
                   nearest);
}

}  // namespace wordline::core
