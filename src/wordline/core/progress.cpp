#include "wordline/core/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace wordline::core {

namespace {
std::atomic<bool> enabled{true};
constexpr auto patience = std::chrono::milliseconds(500);  // shorter work shows no bar
constexpr auto interval = std::chrono::milliseconds(100);
}  // namespace

void Progress::enable(bool on) { enabled = on; }

Progress::Progress(std::string label, std::uint64_t total)
    : label_(std::move(label)),
      total_(std::max<std::uint64_t>(total, 1)),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::advance(std::uint64_t pieces) {
  const std::uint64_t done = done_.fetch_add(pieces) + pieces;
  if (!enabled || !::isatty(STDERR_FILENO)) return;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now - start_ < patience || now - last_ < interval) return;
  last_ = now;
  draw(std::min(done, total_));
}

void Progress::draw(std::uint64_t done) {
  constexpr int width = 30;
  const double share = static_cast<double>(done) / static_cast<double>(total_);
  const std::chrono::duration<double> spent = last_ - start_;
  const double left = share > 0 ? spent.count() / share * (1 - share) : 0;
  const int filled = static_cast<int>(share * width);
  fmt::print(stderr, "\r{} [{:#>{}}{:>{}}] {:3.0f} %  {:.0f} s left\x1b[K", label_, "", filled, "", width - filled,
             share * 100, left);
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace wordline::core
