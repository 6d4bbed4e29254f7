// Files in and out: whole texts, unpacked on the way; written to a temporary name, then renamed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace wordline::core {

// The whole file; `.gz` and `.zst` unpacked by their magic numbers. Throws InputError naming the file.
std::string read_text(const std::filesystem::path& file);
// "-" writes to standard output; else writes beside the target and renames, so that no half-written file is ever seen.
void write_text(const std::filesystem::path& file, std::string_view text);

// 128-bit content hash (XXH3) as 32 hexadecimal digits.
std::string content_hash(std::string_view text);

// The user's cache: $WORDLINE_CACHE, else $XDG_CACHE_HOME/wordline, else ~/.cache/wordline. Entries are checksummed;
// a corrupt one reads as absent. Two processes may write one entry at once. An unwritable folder is no error.
class Cache {
 public:
  Cache();
  explicit Cache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::optional<std::string> get(const std::string& kind, const std::string& key) const;
  void put(const std::string& kind, const std::string& key, std::string_view text) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace wordline::core
