#include "serve_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "wordline/core/error.h"
#include "wordline/core/files.h"

namespace wordline::cli {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw core::InputError(fmt::format("{}: {}", file.string(), why));
}

void write_whole(int handle, const std::string& text, const std::filesystem::path& file) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t more = ::write(handle, text.data() + done, text.size() - done);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) fail(file, fmt::format("cannot be written: {}", std::strerror(errno)));
    done += static_cast<std::size_t>(more);
  }
  if (::fsync(handle) != 0 && errno != EINVAL) fail(file, fmt::format("cannot be written: {}", std::strerror(errno)));
}

}  // namespace

ServeStore::ServeStore(std::filesystem::path file) : file_(std::move(file)) {
  open();
  const std::string text = std::filesystem::file_size(file_) > 0 ? core::read_text(file_) : "";
  std::size_t begin = 0;
  int line = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    ++line;
    const std::string text_of_row = text.substr(begin, end - begin);
    const auto row = nlohmann::json::parse(text_of_row, nullptr, false);
    if (!row.is_object() || !row.contains("key") || !row["key"].is_string())
      throw core::InputError({std::make_shared<std::string>(file_.string()), line, 1},
                             "a line that is no row of a sweep", "a JSON object with a key");
    const auto key = row["key"].get<std::string>();
    if (rows_.emplace(key, text_of_row).second) keys_.push_back(key);
  }
  if (begin < text.size() && ::ftruncate(handle_, static_cast<off_t>(begin)) != 0)
    fail(file_, fmt::format("cannot be written: {}", std::strerror(errno)));
}

ServeStore::~ServeStore() {
  if (handle_ >= 0) ::close(handle_);
}

void ServeStore::open() {
  handle_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (handle_ < 0) fail(file_, fmt::format("cannot be written: {}", std::strerror(errno)));
  if (::flock(handle_, LOCK_EX | LOCK_NB) != 0) fail(file_, "another program writes to it");
}

const std::string* ServeStore::find(const std::string& key) const {
  const auto it = rows_.find(key);
  return it == rows_.end() ? nullptr : &it->second;
}

void ServeStore::append(const std::string& key, const std::string& row) {
  const std::lock_guard lock(mutex_);
  if (!rows_.emplace(key, row).second) return;
  keys_.push_back(key);
  write_whole(handle_, row + "\n", file_);
}

void ServeStore::order(const std::vector<std::string>& keys) {
  std::set<std::string> last(keys.begin(), keys.end());
  std::vector<std::string> wanted;
  std::copy_if(keys_.begin(), keys_.end(), std::back_inserter(wanted),
               [&](const std::string& key) { return last.count(key) == 0; });
  for (const auto& key : keys)
    if (last.erase(key) > 0 && rows_.count(key) > 0) wanted.push_back(key);
  if (wanted == keys_) return;
  std::string text;
  for (const auto& key : wanted) text += rows_.at(key) + "\n";
  core::write_text(file_, text);
  keys_ = std::move(wanted);
  ::close(handle_);
  open();
}

}  // namespace wordline::cli
