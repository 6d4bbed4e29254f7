#include "wordline/core/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace wordline::core {

void parallel_for(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t workers = std::min<std::size_t>(threads, count);
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::size_t failed_at = count;
  std::exception_ptr failure;
  const auto loop = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (i < failed_at) {
          failed_at = i;
          failure = std::current_exception();
        }
      }
    }
  };
  if (workers <= 1) {
    loop();
  } else {
    std::vector<std::jthread> pool;
    for (std::size_t w = 0; w < workers; ++w) pool.emplace_back(loop);
    pool.clear();
  }
  if (failure) std::rethrow_exception(failure);
}

namespace {

// Who has made and taken how many shares; of the work that can begin the one that is furthest behind goes first.
class ShareBoard {
 public:
  ShareBoard(std::size_t consumers, std::size_t slots, bool alone)
      : slots_(slots), early_(alone ? 1 : 2), taken_(consumers, 0), busy_(consumers, false) {}

  static constexpr std::size_t none = ~std::size_t{0};
  struct Work {
    std::size_t consumer = none;  // none: the maker's
    std::size_t share = 0;
    bool last = false;
  };

  // Waits for some work and claims it; false where all is done or somebody failed.
  bool claim(Work& work) {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (failed_ || is_done()) return false;
      const std::size_t least = *std::min_element(taken_.begin(), taken_.end());
      if (made_ < least + early_ && claim_making(work, least)) return true;
      std::size_t behind = none;
      for (std::size_t c = 0; c < taken_.size(); ++c)
        if (!busy_[c] && taken_[c] < made_ && (behind == none || taken_[c] < taken_[behind])) behind = c;
      if (behind != none) {
        busy_[behind] = true;
        work = {.consumer = behind, .share = taken_[behind], .last = ended_ && taken_[behind] + 1 == made_};
        return true;
      }
      if (claim_making(work, least)) return true;
      changed_.wait(lock);
    }
  }
  // `last`: of the maker's.
  void done(const Work& work, bool last) {
    const std::lock_guard lock(mutex_);
    if (work.consumer == none) {
      making_ = false;
      ended_ = last;
      ++made_;
    } else {
      busy_[work.consumer] = false;
      ++taken_[work.consumer];
    }
    changed_.notify_all();
  }
  void fail() {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    changed_.notify_all();
  }

 private:
  bool is_done() const {
    return ended_ && std::all_of(taken_.begin(), taken_.end(), [&](std::size_t taken) { return taken == made_; });
  }
  bool claim_making(Work& work, std::size_t least_taken) {
    if (ended_ || making_ || made_ == least_taken + slots_) return false;
    making_ = true;
    work = {.consumer = none, .share = made_, .last = false};
    return true;
  }

  std::size_t slots_, early_;  // so many shares ahead, making comes first
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t made_ = 0;
  bool making_ = false, ended_ = false, failed_ = false;
  std::vector<std::size_t> taken_;
  std::vector<bool> busy_;
};

}  // namespace

void share_out(std::size_t consumers, unsigned threads, std::size_t slots, const std::function<bool(std::size_t)>& make,
               const std::function<void(std::size_t, std::size_t, bool)>& take) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  ShareBoard board(consumers, slots, threads == 1);
  parallel_for(std::min<std::size_t>(threads, consumers + 1), threads, [&](std::size_t) {
    ShareBoard::Work work;
    while (board.claim(work)) {
      bool last = false;
      try {
        if (work.consumer == ShareBoard::none)
          last = make(work.share % slots);
        else
          take(work.consumer, work.share % slots, work.last);
      } catch (...) {
        board.fail();
        throw;
      }
      board.done(work, last);
    }
  });
}

}  // namespace wordline::core
