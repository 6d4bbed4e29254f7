#include "wordline/core/csv.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "wordline/core/files.h"

namespace wordline::core {

namespace {

// One field from `at` on, unquoted in place; `at` ends on the separator or the line's end.
std::string_view take_field(std::string& text, std::size_t& at, int& line,
                            const std::shared_ptr<const std::string>& name, int column) {
  if (at < text.size() && text[at] == '"') {
    const int first_line = line;
    const std::size_t begin = ++at;
    std::size_t write = begin;
    while (true) {
      if (at >= text.size()) throw InputError({name, first_line, column}, "a quote that never ends", "a closing \"");
      if (text[at] == '"') {
        if (at + 1 < text.size() && text[at + 1] == '"')
          ++at;
        else
          break;
      }
      if (text[at] == '\n') ++line;
      text[write++] = text[at++];
    }
    ++at;
    return std::string_view(text).substr(begin, write - begin);
  }
  const std::size_t begin = at;
  while (at < text.size() && text[at] != ',' && text[at] != '\n' && text[at] != '\r') ++at;
  return std::string_view(text).substr(begin, at - begin);
}

}  // namespace

Csv Csv::parse(std::string text, const std::string& name) {
  Csv out;
  out.name_ = std::make_shared<const std::string>(name);
  out.storage_ = std::move(text);
  std::string& s = out.storage_;
  std::size_t at = s.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  int line = 1;
  bool first = true;
  while (at < s.size()) {
    const std::size_t line_begin = at;
    const int line_number = line;
    std::size_t fields = 0;
    while (true) {
      const int column = static_cast<int>(at - line_begin) + 1;
      const std::string_view field = take_field(s, at, line, out.name_, column);
      const bool ends = at >= s.size() || s[at] == '\n' || s[at] == '\r';
      if (!ends && s[at] != ',')
        throw InputError({out.name_, line, static_cast<int>(at - line_begin) + 1}, "text after a closing quote",
                         "a comma");
      if (fields == 0 && ends && field.empty()) break;  // an empty line
      ++fields;
      if (first) {
        out.header_.emplace_back(field);
        out.header_columns_.push_back(column);
        out.header_line_ = line_number;
      } else {
        out.fields_.push_back(field);
        out.columns_.push_back(column);
      }
      if (ends) break;
      ++at;
    }
    while (at < s.size() && s[at] == '\r') ++at;
    if (at < s.size() && s[at] == '\n') ++at;
    ++line;
    if (fields == 0) continue;
    if (!first) {
      if (fields != out.header_.size())
        throw InputError({out.name_, line_number, 1}, fmt::format("{} fields", fields),
                         fmt::format("{} as in the header", out.header_.size()));
      out.row_lines_.push_back(line_number);
    }
    first = false;
  }
  if (first) throw InputError({out.name_, 1, 1}, "an empty file", "a header line");
  return out;
}

Csv Csv::read(const std::filesystem::path& file) { return parse(read_text(file), file.string()); }

std::size_t Csv::column(std::string_view name) const {
  for (std::size_t i = 0; i < header_.size(); ++i)
    if (header_[i] == name) return i;
  throw InputError({name_, 1, 1}, fmt::format("the columns {}", fmt::join(header_, ", ")),
                   fmt::format("a column \"{}\"", name), nearest_name(name, header_));
}

std::string_view Csv::text(std::size_t row, std::size_t column) const { return fields_[row * header_.size() + column]; }

Location Csv::where(std::size_t row, std::size_t column) const {
  return {name_, row_lines_[row], columns_[row * header_.size() + column]};
}

Location Csv::where_in_header(std::size_t column) const { return {name_, header_line_, header_columns_[column]}; }

double Csv::number(std::size_t row, std::size_t column) const {
  const std::string_view field = text(row, column);
  double x = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), x);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(x))
    throw InputError(where(row, column), fmt::format("\"{}\"", field), fmt::format("a number for {}", header_[column]));
  return x;
}

std::int64_t Csv::integer(std::size_t row, std::size_t column) const {
  const std::string_view field = text(row, column);
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), n);
  if (error != std::errc() || end != field.data() + field.size())
    throw InputError(where(row, column), fmt::format("\"{}\"", field),
                     fmt::format("a whole number for {}", header_[column]));
  return n;
}

std::int64_t Csv::integer(std::size_t row, std::size_t column, std::int64_t least, std::int64_t most) const {
  const std::int64_t n = integer(row, column);
  if (n < least || n > most)
    throw InputError(where(row, column), fmt::format("{} = {}", header_[column], n),
                     fmt::format("{} to {}", least, most));
  return n;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace wordline::core
