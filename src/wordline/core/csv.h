// CSV in and out (RFC 4180, CRLF, BOM and a missing last newline accepted); every field knows its line and column.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "wordline/core/error.h"

namespace wordline::core {

// A table of texts with a header line. Numbers are parsed on request, with an InputError that names file, line and
// column.
class Csv {
 public:
  static Csv parse(std::string text, const std::string& name);
  static Csv read(const std::filesystem::path& file);  // .gz and .zst as they are

  const std::vector<std::string>& header() const { return header_; }
  std::size_t rows() const { return row_lines_.size(); }
  // The column's index; missing ones throw with the nearest header.
  std::size_t column(std::string_view name) const;
  std::string_view text(std::size_t row, std::size_t column) const;
  double number(std::size_t row, std::size_t column) const;
  std::int64_t integer(std::size_t row, std::size_t column) const;
  // The same, from `least` to `most`.
  std::int64_t integer(std::size_t row, std::size_t column, std::int64_t least, std::int64_t most) const;
  Location where(std::size_t row, std::size_t column) const;
  Location where_in_header(std::size_t column) const;

 private:
  std::shared_ptr<const std::string> name_;
  std::string storage_;
  std::vector<std::string> header_;
  std::vector<std::string_view> fields_;  // row-major
  std::vector<int> columns_;              // column of each field in its line, from 1
  std::vector<int> header_columns_;       // the same for the header, which is the first line that is not empty
  int header_line_ = 1;
  std::vector<int> row_lines_;
};

// Quotes a field where it must be.
std::string csv_field(std::string_view text);

}  // namespace wordline::core
