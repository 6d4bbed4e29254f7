// CSV a line at a time, however long the file: for streams; csv.h holds whole tables.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wordline/core/line_reader.h"

namespace wordline::core {

// The header of a file (plain, `.gz` or `.zst`; "-" is standard input) and then its lines. As csv.h it takes CRLF, a
// BOM and quoted fields, which must end on their line; empty lines are passed over. Throws InputError with file, line
// and column for quotes that do not end, for a file without a header, and for columns without a name or with one twice.
class CsvLines {
 public:
  explicit CsvLines(const std::filesystem::path& file);
  const std::vector<std::string>& header() const { return header_; }
  // The column's index; missing ones throw with the nearest header.
  std::size_t column(std::string_view name) const;
  Location where_in_header(std::size_t column) const;

  // Goes to the next line; false at the end. Its fields may be more or fewer than the header's: the reader's to judge.
  bool next();
  const std::vector<std::string_view>& fields() const { return fields_; }
  // A field without the blanks around it.
  std::string_view word(std::size_t field) const;
  // A measured number: nothing where the field is empty, NaN, NA, null, none, infinite or beyond `limit` either way.
  // Text throws InputError with its place.
  std::optional<double> measured(std::size_t field, double limit = 1e100) const;
  std::string_view text() const { return line_; }  // the line as it stands
  // The place of a field of the line at hand; of the line's begin where there is no such field.
  Location where(std::size_t field) const;
  // Whether the line at hand has an end: where not, the file may have been cut off in its midst.
  bool ended() const { return lines_.ended(); }

 private:
  bool split();

  std::shared_ptr<const std::string> name_;
  LineReader lines_;
  std::vector<std::string> header_;
  std::vector<Location> header_places_;
  std::string_view line_;
  std::string unquoted_;
  std::vector<std::string_view> fields_;
  std::vector<std::size_t> begins_;
};

}  // namespace wordline::core
