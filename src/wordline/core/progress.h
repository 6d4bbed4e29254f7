// A progress bar with the time left, on standard error, shown only on a terminal and only when work is long.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace wordline::core {

// Counts `total` pieces of work; advance() may be called from any thread. The line is cleared at the end.
class Progress {
 public:
  Progress(std::string label, std::uint64_t total);
  ~Progress();
  void advance(std::uint64_t pieces = 1);
  // Off switches every bar (--quiet).
  static void enable(bool on);

 private:
  void draw(std::uint64_t done);
  std::string label_;
  std::uint64_t total_;
  std::atomic<std::uint64_t> done_{0};
  std::chrono::steady_clock::time_point start_, last_;
  std::mutex mutex_;
  bool shown_ = false;
};

}  // namespace wordline::core
