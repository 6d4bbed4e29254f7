// Where the block with a hash is: an open-addressed table for hashes that are already well mixed.
#pragma once

#include <cstdint>
#include <vector>

namespace wordline::serve {

// A node of a BlockList; 0 is none.
using Node = std::uint32_t;
inline constexpr Node no_node = 0;

// From hashes (never 0) to nodes. Linear probing at most half full; nothing is left behind by what is erased.
class BlockTable {
 public:
  Node find(std::uint64_t hash) const {
    if (entries_.empty()) return no_node;
    return entries_[place(hash)].node;
  }
  // Adds the hash, or gives it another node.
  void set(std::uint64_t hash, Node node) {
    if (entries_.size() < 2 * (size_ + 1)) grow();
    Entry& entry = entries_[place(hash)];
    size_ += entry.node == no_node;
    entry = {hash, node};
  }
  // The hash must be there.
  void erase(std::uint64_t hash) {
    std::size_t hole = place(hash);
    for (std::size_t i = next(hole); entries_[i].node != no_node; i = next(i)) {
      const std::size_t home = entries_[i].hash & mask();
      if (((i - home) & mask()) < ((i - hole) & mask())) continue;  // it would not be found in the hole
      entries_[hole] = entries_[i];
      hole = i;
    }
    entries_[hole] = {};
    --size_;
  }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    Node node = no_node;
  };
  std::size_t mask() const { return entries_.size() - 1; }
  std::size_t next(std::size_t i) const { return (i + 1) & mask(); }
  // Where the hash is, or the empty place where it would be.
  std::size_t place(std::uint64_t hash) const {
    std::size_t i = hash & mask();
    while (entries_[i].node != no_node && entries_[i].hash != hash) i = next(i);
    return i;
  }
  void grow() {
    std::vector<Entry> old(entries_.empty() ? 64 : 2 * entries_.size());
    old.swap(entries_);
    for (const Entry& entry : old)
      if (entry.node != no_node) entries_[place(entry.hash)] = entry;
  }

  std::vector<Entry> entries_;  // as many as a power of two
  std::size_t size_ = 0;
};

}  // namespace wordline::serve
