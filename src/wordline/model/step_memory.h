// Costs of steps by two counts that describe them, for those that come again and again.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/model/step.h"

namespace wordline::model {

// A table in which each pair of counts has one place; of two with the same place the later stays. It grows as it fills,
// to at most `most` entries (a power of two) of 88 bytes.
class StepMemory {
 public:
  explicit StepMemory(std::size_t most) : most_(most) {}

  // The cost of (major, minor), both at least 0: remembered, or computed now. Neighbours in `minor` lie side by side.
  template <class Compute>
  StepCost look_up(std::int64_t major, std::int64_t minor, Compute compute) {
    if (const Entry* known = find(major, minor)) return known->cost;
    const StepCost cost = compute();
    put({major, minor, cost});
    return cost;
  }

 private:
  struct Entry {
    std::int64_t major = -1, minor = -1;
    StepCost cost;
  };
  const Entry* find(std::int64_t major, std::int64_t minor) const {
    if (entries_.empty()) return nullptr;
    const Entry& entry = entries_[place(major, minor)];
    return entry.major == major && entry.minor == minor ? &entry : nullptr;
  }
  std::size_t place(std::int64_t major, std::int64_t minor) const {
    constexpr std::uint64_t apart = 0x9e3779b97f4a7c15u;  // 2^64 over the golden ratio: Fibonacci hashing
    return static_cast<std::size_t>(((static_cast<std::uint64_t>(major) * apart) >> 32) +
                                    static_cast<std::uint64_t>(minor)) &
           (entries_.size() - 1);
  }
  void put(const Entry& entry);

  std::size_t most_, used_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace wordline::model
