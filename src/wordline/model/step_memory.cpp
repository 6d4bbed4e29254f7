#include "wordline/model/step_memory.h"

#include <algorithm>

namespace wordline::model {

void StepMemory::put(const Entry& entry) {
  constexpr std::size_t least = 1024;
  if (2 * used_ >= entries_.size() && entries_.size() < most_) {
    std::vector<Entry> before(std::min(most_, std::max(least, 4 * entries_.size())));
    before.swap(entries_);
    used_ = 0;
    for (const Entry& old : before)
      if (old.major >= 0) put(old);
  }
  Entry& at = entries_[place(entry.major, entry.minor)];
  used_ += at.major < 0 ? 1 : 0;
  at = entry;
}

}  // namespace wordline::model
