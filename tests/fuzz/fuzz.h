// What the fuzz programs share: input that is refused must say where; anything else that is thrown is a fault.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

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

// The path of a file in memory with that text; the next call's takes its place.
inline std::string in_memory(const std::string& text) {
  static const int file = memfd_create("input", 0);
  if (file < 0 || ftruncate(file, 0) != 0 ||
      pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    fault("no file in memory", "memfd_create");
  return "/proc/self/fd/" + std::to_string(file);
}

// Runs `work` on that path; an InputError must name a line and a column, but of a text that begins like a packed file:
// that has no lines of its own.
template <class Work>
void refuses_a_file_with_a_place(const std::string& text, Work work) {
  const std::string file = in_memory(text);
  if (!text.starts_with("\x1f\x8b") && !text.starts_with("\x28\xb5\x2f\xfd")) {
    refuses_with_a_place([&] { work(file); });
    return;
  }
  try {
    work(file);
  } catch (const core::InputError&) {
  }
}

}  // namespace wordline::fuzz
