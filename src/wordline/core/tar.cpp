// libarchive would be a library more for what is 512-byte headers with octal numbers in them.
#include "wordline/core/tar.h"

#include <charconv>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::core {
namespace {

constexpr std::size_t block = 512;

// A field of a header up to its first NUL.
std::string_view field(std::string_view header, std::size_t at, std::size_t size) {
  const auto text = header.substr(at, size);
  return text.substr(0, text.find('\0'));
}

std::optional<std::uint64_t> octal(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return 0;
  text = text.substr(begin, text.find(' ', begin) - begin);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// The sum of the header's bytes, its checksum field taken as blanks.
std::uint64_t checksum(std::string_view header) {
  std::uint64_t sum = 8 * ' ';
  for (std::size_t i = 0; i < block; ++i)
    if (i < 148 || i >= 156) sum += static_cast<unsigned char>(header[i]);
  return sum;
}

// The value of `path` in pax records, each "LENGTH KEY=VALUE\n".
std::string pax_path(std::string_view records) {
  std::string path;
  while (!records.empty()) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), length);
    if (error != std::errc() || length < 3 || length > records.size()) break;
    const auto record = records.substr(0, length - 1);
    const auto blank = record.find(' ');
    if (blank == std::string_view::npos) break;
    if (const auto member = record.substr(blank + 1); member.starts_with("path=")) path = member.substr(5);
    records.remove_prefix(length);
  }
  return path;
}

}  // namespace

bool is_tar(std::string_view text) { return text.size() >= block && text.substr(257, 5) == "ustar"; }

std::vector<TarFile> files_of_tar(std::string_view archive, const std::string& name) {
  std::vector<TarFile> files;
  std::string long_name;
  for (std::size_t at = 0; at + block <= archive.size();) {
    const auto header = archive.substr(at, block);
    if (header.find_first_not_of('\0') == std::string_view::npos) return files;  // the end
    const auto size = octal(field(header, 124, 12)), sum = octal(field(header, 148, 8));
    if (!is_tar(header) || !size || !sum || *sum != checksum(header))
      throw InputError(fmt::format("{}: found a damaged tar header at byte {}; wanted a whole archive", name, at));
    at += block;
    if (*size > archive.size() - at) break;
    const auto text = archive.substr(at, *size);
    const char type = header[156];
    if (type == 'L') {
      long_name = std::string(text.substr(0, text.find('\0')));
    } else if (type == 'x') {
      long_name = pax_path(text);
    } else {
      if (type == '0' || type == '\0') {
        std::string path = long_name;
        if (path.empty()) {
          const auto folder = header.substr(257, 6) == std::string_view("ustar\0", 6) ? field(header, 345, 155) : "";
          path = std::string(folder) + (folder.empty() ? "" : "/") + std::string(field(header, 0, 100));
        }
        files.push_back({std::move(path), text});
      }
      long_name.clear();
    }
    at += (*size + block - 1) / block * block;
  }
  throw InputError(fmt::format("{}: found the end of the file before the archive's; wanted a whole one", name));
}

}  // namespace wordline::core
