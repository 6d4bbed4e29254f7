#include "wordline/fab/metrology/state_bytes.h"

#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "wordline/core/error.h"
#include "wordline/core/files.h"

namespace wordline::fab {

void StateWriter::integer(std::int64_t x) {
  const auto word = static_cast<std::uint64_t>(x);
  for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(word >> shift & 0xff);
}

void StateWriter::number(double x) { integer(std::bit_cast<std::int64_t>(x)); }

void StateWriter::numbers(const std::vector<double>& values) {
  integer(static_cast<std::int64_t>(values.size()));
  for (const double x : values) number(x);
}

void StateWriter::text(std::string_view words) {
  integer(static_cast<std::int64_t>(words.size()));
  bytes_ += words;
}

void StateReader::fail(const std::string& what) const {
  throw core::InputError({std::make_shared<std::string>(name_)}, what, "a state as it was written");
}

std::uint64_t StateReader::word() {
  if (bytes_.size() < 8) fail("a state that ends too soon");
  std::uint64_t x = 0;
  for (int i = 7; i >= 0; --i) x = x << 8 | static_cast<unsigned char>(bytes_[static_cast<std::size_t>(i)]);
  bytes_.remove_prefix(8);
  return x;
}

std::int64_t StateReader::integer() { return static_cast<std::int64_t>(word()); }

std::int64_t StateReader::integer(std::int64_t least, std::int64_t most) {
  const auto x = integer();
  if (x < least || x > most) fail(fmt::format("the number {} where one from {} to {} belongs", x, least, most));
  return x;
}

double StateReader::number() { return std::bit_cast<double>(word()); }

std::vector<double> StateReader::numbers() {
  return read(static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(bytes_.size() / 8))));
}

std::vector<double> StateReader::numbers(std::size_t count) {
  const auto found = integer();
  if (found < 0 || static_cast<std::size_t>(found) != count)
    fail(fmt::format("{} numbers instead of {}", found, count));
  return read(count);
}

std::vector<double> StateReader::read(std::size_t count) {
  if (bytes_.size() / 8 < count) fail("a state that ends too soon");
  std::vector<double> values(count);
  for (auto& x : values) x = number();
  return values;
}

std::vector<double> StateReader::finite(std::vector<double> values) const {
  for (const double x : values)
    if (!std::isfinite(x)) fail("something that is no number among those of a state");
  return values;
}

std::string StateReader::text() {
  const auto size = static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(bytes_.size())));
  if (bytes_.size() < size) fail("a state that ends too soon");
  std::string words(bytes_.substr(0, size));
  bytes_.remove_prefix(size);
  return words;
}

void StateReader::finish() const {
  if (!bytes_.empty()) fail(fmt::format("{} bytes too many", bytes_.size()));
}

void write_state(const std::string& file, std::string_view kind, std::string_view bytes) {
  core::write_text(file, fmt::format("{}\n{}\n{}", kind, core::content_hash(bytes), bytes));
}

std::string read_state(const std::string& file, std::string_view kind) {
  const std::string text = core::read_text(file);
  const auto name = std::make_shared<std::string>(file);
  const auto line = text.find('\n');
  if (line == std::string::npos || std::string_view(text).substr(0, line) != kind)
    throw core::InputError({name, 1, 1}, fmt::format("\"{}\"", text.substr(0, std::min<std::size_t>(line, 40))),
                           fmt::format("a state of kind and version \"{}\"", kind));
  const auto end = text.find('\n', line + 1);
  if (end == std::string::npos) throw core::InputError({name, 2, 1}, "no checksum", "one");
  std::string bytes = text.substr(end + 1);
  if (core::content_hash(bytes) != text.substr(line + 1, end - line - 1))
    throw core::InputError({name, 2, 1}, "a checksum that does not fit what follows: the file is damaged or cut short",
                           "a state as it was written");
  return bytes;
}

}  // namespace wordline::fab
