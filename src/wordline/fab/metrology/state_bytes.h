// A state as bytes: numbers in little-endian order, read back to the same bits, on any machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wordline::fab {

class StateWriter {
 public:
  void integer(std::int64_t x);
  void number(double x);
  void numbers(const std::vector<double>& values);  // with their count
  void text(std::string_view words);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Reads what StateWriter wrote, in its order. Throws core::InputError, naming `name`, where the bytes end too soon or a
// count cannot be.
class StateReader {
 public:
  StateReader(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}
  std::int64_t integer();
  std::int64_t integer(std::int64_t least, std::int64_t most);
  double number();
  std::vector<double> numbers();
  std::vector<double> numbers(std::size_t count);                // of which there must be so many
  std::vector<double> finite(std::vector<double> values) const;  // throws where one is no finite number
  std::string text();
  void finish() const;  // throws where bytes are left over
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::uint64_t word();
  std::vector<double> read(std::size_t count);
  std::string_view bytes_;
  std::string name_;
};

// A whole state file: its kind and version, a checksum (XXH3), the bytes. Written beside the target and renamed.
void write_state(const std::string& file, std::string_view kind, std::string_view bytes);
// The bytes of one; throws core::InputError for another kind or version and for a checksum that does not hold.
std::string read_state(const std::string& file, std::string_view kind);

}  // namespace wordline::fab
