#include "wordline/core/csv_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace wordline::core {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view{}
                                         : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool stands_for_nothing(std::string_view text) {
  std::string small(text.substr(0, 5));
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  constexpr std::array<std::string_view, 5> words = {"", "na", "n/a", "null", "none"};
  return std::find(words.begin(), words.end(), small) != words.end();
}

}  // namespace

CsvLines::CsvLines(const std::filesystem::path& file)
    : name_(std::make_shared<const std::string>(file.string())), lines_(file) {
  if (!next()) throw InputError({name_, 1, 1}, "an empty file", "a header line");
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].empty()) throw InputError(where(i), "a column without a name", "a name");
    if (std::find(header_.begin(), header_.end(), fields_[i]) != header_.end())
      throw InputError(where(i), fmt::format("a second column \"{}\"", fields_[i]), "each name once");
    header_.emplace_back(fields_[i]);
    header_places_.push_back(where(i));
  }
}

std::size_t CsvLines::column(std::string_view name) const {
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found == header_.end())
    throw InputError(header_places_[0], fmt::format("the columns {}", fmt::join(header_, ", ")),
                     fmt::format("a column \"{}\"", name), nearest_name(name, header_));
  return static_cast<std::size_t>(found - header_.begin());
}

Location CsvLines::where_in_header(std::size_t column) const { return header_places_[column]; }

Location CsvLines::where(std::size_t field) const {
  return lines_.where(line_.substr(field < begins_.size() ? begins_[field] : 0));
}

std::string_view CsvLines::word(std::size_t field) const { return trimmed(fields_[field]); }

std::optional<double> CsvLines::measured(std::size_t field, double limit) const {
  std::string_view text = word(field);
  if (stands_for_nothing(text)) return std::nullopt;
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  double x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument)
    throw InputError(where(field), fmt::format("\"{}\"", fields_[field]),
                     fmt::format("a number for {}", header_[field]));
  return error == std::errc{} && std::abs(x) <= limit ? std::optional(x) : std::nullopt;
}

bool CsvLines::next() {
  while (const auto line = lines_.next()) {
    line_ = *line;
    if (split()) return true;
  }
  fields_.clear();
  begins_.clear();
  return false;
}

bool CsvLines::split() {
  fields_.clear();
  begins_.clear();
  const std::string_view whole = line_.substr(0, line_.ends_with('\r') ? line_.size() - 1 : line_.size());
  std::size_t at = header_.empty() && whole.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  if (at == whole.size()) return false;
  unquoted_.clear();
  unquoted_.reserve(whole.size());  // views into it stay where they are
  while (true) {
    begins_.push_back(at);
    if (at < whole.size() && whole[at] == '"') {
      const std::size_t begin = at++, write = unquoted_.size();
      while (true) {
        if (at >= whole.size())
          throw InputError(lines_.where(line_.substr(begin)), "a quote that does not end on its line", "a closing \"");
        if (whole[at] == '"' && !whole.substr(at + 1).starts_with('"')) break;
        if (whole[at] == '"') ++at;
        unquoted_ += whole[at++];
      }
      ++at;
      if (at < whole.size() && whole[at] != ',')
        throw InputError(lines_.where(line_.substr(at)), "text after a closing quote", "a comma");
      fields_.push_back(std::string_view(unquoted_).substr(write));
    } else {
      const std::size_t begin = at;
      at = std::min(whole.find(',', at), whole.size());
      fields_.push_back(whole.substr(begin, at - begin));
    }
    if (at >= whole.size()) return true;
    ++at;
  }
}

}  // namespace wordline::core
