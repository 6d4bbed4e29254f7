// What the fuzz programs share: input that is refused must say where; anything else that is thrown is a fault.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "wordline/core/catalog.h"
#include "wordline/core/error.h"

namespace wordline::fuzz {

// The catalogue of the tree; documents of one input must not outlive it, so every input opens its own.
inline core::Catalog catalog() { return core::Catalog::open({WORDLINE_CATALOG_DIR}); }

// Whether "name:line:column: found ..." or "...: not JSON ..." stands in a message, with whole numbers from 1.
inline bool names_line_and_column(std::string_view message) {
  const auto found = std::min(message.find(": found "), message.find(": not JSON"));
  if (found == std::string_view::npos) return false;
  std::size_t at = found;
  for (int number = 0; number < 2; ++number) {
    std::size_t digits = 0;
    while (at > 0 && message[at - 1] >= '0' && message[at - 1] <= '9') --at, ++digits;
    if (digits == 0 || message[at] == '0' || at == 0 || message[at - 1] != ':') return false;
    --at;
  }
  return at > 0;
}

[[noreturn]] inline void fault(const char* what, const char* message) {
  std::fprintf(stderr, "fuzz: %s: %s\n", what, message);
  std::abort();
}

// Runs `work`; an InputError must name a line and a column.
template <class Work>
void refuses_with_a_place(Work work) {
  try {
    work();
  } catch (const core::InputError& error) {
    if (!names_line_and_column(error.what())) fault("a rejection without line and column", error.what());
  } catch (const std::exception& error) {
    fault("not an InputError", error.what());
  }
}

inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace wordline::fuzz
