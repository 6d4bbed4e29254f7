// A sweep's results: one JSON object a line, found again by the key of all that went into it.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace wordline::cli {

// Rows are appended whole and are on the disk when append() returns: whoever interrupts the program loses only what was
// not ready. One program at a time writes to a file.
class ServeStore {
 public:
  // Reads what is there; a last line that was cut off is forgotten. Throws core::InputError with file and line for
  // anything that is no row, and where another program writes.
  explicit ServeStore(std::filesystem::path file);
  ~ServeStore();
  ServeStore(const ServeStore&) = delete;
  ServeStore& operator=(const ServeStore&) = delete;

  // The row with this key as a line of JSON, or nullptr.
  const std::string* find(const std::string& key) const;
  // A JSON object without line breaks whose "key" is this one. Thread-safe.
  void append(const std::string& key, const std::string& row);
  // Puts the rows with these keys behind all others, in this order, so that the file does not tell in which order they
  // were ready.
  void order(const std::vector<std::string>& keys);

 private:
  void open();

  std::filesystem::path file_;
  int handle_ = -1;
  std::mutex mutex_;
  std::vector<std::string> keys_;  // in the order of the file
  std::map<std::string, std::string> rows_;
};

}  // namespace wordline::cli
