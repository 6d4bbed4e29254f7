// A text file line by line, however long the file: plain, `.gz` or `.zst` by their magic numbers; "-" is standard
// input.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wordline/core/error.h"

namespace wordline::core {

// Holds one piece of the file and the line at hand. Throws InputError naming the file where it cannot be opened or
// unpacked, and where a line is longer than 1 MiB.
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& file);
  ~LineReader();
  // The next line without its end; nothing at the end of the file. Valid until the next call.
  std::optional<std::string_view> next();
  // Whether the line at hand has an end: the last of a file that was cut off has none.
  bool ended() const { return ended_; }
  // The place of a word of the line at hand.
  Location where(std::string_view word) const;

 private:
  class Bytes;
  bool refill();
  std::shared_ptr<const std::string> name_;
  std::unique_ptr<Bytes> bytes_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::string_view line_;
  int number_ = 0;
  bool ended_ = true;
};

}  // namespace wordline::core
