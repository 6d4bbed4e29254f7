// What a validation compared, as CSV for tools/validation_plots.py.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "wordline/core/csv.h"

namespace wordline::validation {

// FOLDER/NAME.csv where WORDLINE_WRITE names a folder; nothing where it does not. Checks nothing.
class Comparison {
 public:
  Comparison(const std::string& name, const std::string& header) {
    const char* folder = std::getenv("WORDLINE_WRITE");
    if (folder == nullptr || *folder == '\0') return;
    const auto file = std::filesystem::path(folder) / (name + ".csv");
    std::filesystem::create_directories(folder);
    out_.open(file);
    if (!out_) throw std::runtime_error("cannot write " + file.string());
    out_ << header << '\n';
  }

  template <class First, class... Rest>
  void row(const First& first, const Rest&... rest) {
    if (!out_.is_open()) return;
    field(first);
    ((out_ << ',', field(rest)), ...);
    out_ << '\n';
  }

 private:
  template <class Field>
  void field(const Field& value) {
    if constexpr (std::is_arithmetic_v<Field>)
      out_ << value;
    else
      out_ << core::csv_field(value);
  }

  std::ofstream out_;
};

}  // namespace wordline::validation
