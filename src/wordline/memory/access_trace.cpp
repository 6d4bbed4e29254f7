#include "wordline/memory/access_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "wordline/core/error.h"
#include "wordline/core/files.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

namespace {

std::optional<bool> is_write(std::string_view word) {
  if (word == "ST" || word == "W" || word == "WRITE") return true;
  if (word == "LD" || word == "R" || word == "READ") return false;
  return std::nullopt;
}

std::optional<std::uint64_t> address(std::string_view word) {
  const bool hexadecimal = word.starts_with("0x") || word.starts_with("0X");
  if (hexadecimal) word.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, hexadecimal ? 16 : 10);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

class Parser {
 public:
  Parser(std::string text, const std::string& name, std::uint64_t blocks)
      : text_(std::move(text)), name_(std::make_shared<const std::string>(name)), blocks_(blocks) {}

  std::vector<BlockAccess> accesses() {
    std::vector<BlockAccess> out;
    std::string_view rest = text_;
    for (line_ = 1; !rest.empty(); ++line_) {
      const auto end = std::min(rest.find('\n'), rest.size());
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      line = line.substr(0, line.find('#'));
      const auto words = split(line);
      if (!words.empty()) out.push_back(access(line, words));
    }
    return out;
  }

 private:
  static std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> words;
    constexpr std::string_view blank = " \t\r,";
    for (std::size_t at = 0; (at = line.find_first_not_of(blank, at)) != std::string_view::npos;) {
      const auto end = std::min(line.find_first_of(blank, at), line.size());
      words.push_back(line.substr(at, end - at));
      at = end;
    }
    return words;
  }

  BlockAccess access(std::string_view line, const std::vector<std::string_view>& words) const {
    const auto refuse = [&](std::string_view word) {
      const int column = static_cast<int>(word.data() - line.data()) + 1;
      throw core::InputError({name_, line_, column}, fmt::format("\"{}\"", word),
                             "\"LD|ST address\" or \"address R|W|READ|WRITE [clock]\"");
    };
    if (words.size() < 2 || words.size() > 3) refuse(words.front());
    auto write = is_write(words[0]);
    const std::string_view where = write ? words[1] : words[0];
    if (!write) write = is_write(words[1]);
    if (!write) refuse(words[1]);
    const auto bytes = address(where);
    if (!bytes) refuse(where);
    if (words.size() == 3 && !address(words[2])) refuse(words[2]);
    return {.block = *bytes / 64 % blocks_, .write = *write};
  }

  std::string text_;
  std::shared_ptr<const std::string> name_;
  std::uint64_t blocks_;
  int line_ = 0;
};

class Trace final : public Source {
 public:
  explicit Trace(std::vector<BlockAccess> accesses) : accesses_(std::move(accesses)) {}
  std::size_t next(BlockAccess* into, std::size_t count) override {
    count = std::min(count, accesses_.size() - at_);
    std::copy_n(accesses_.begin() + static_cast<std::ptrdiff_t>(at_), count, into);
    at_ += count;
    return count;
  }

 private:
  std::vector<BlockAccess> accesses_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Source> read_access_trace(const Pattern& pattern, std::uint64_t blocks) {
  auto accesses = Parser(core::read_text(pattern.trace), pattern.trace.string(), blocks).accesses();
  if (pattern.accesses && pattern.accesses < accesses.size()) accesses.resize(pattern.accesses);
  return std::make_unique<Trace>(std::move(accesses));
}

}  // namespace wordline::memory
