// KV blocks in the host's memory: what leaves the chip can come back from there.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/serve/block_list.h"

namespace wordline::serve {

// Least recently used blocks go first. A request's blocks are used together, the last one of them first: so what is
// here of a text is always a prefix of it.
class HostTier {
 public:
  explicit HostTier(std::int64_t blocks) : capacity_(blocks) {}

  bool holds(std::uint64_t hash) const { return table_.find(hash) != no_node; }
  // Private blocks of this slot, its first ones.
  std::int64_t privates(Slot slot) const {
    return slot < runs_.size() && runs_[slot] != no_node ? list_[runs_[slot]].full : 0;
  }
  // The request's blocks, those with hashes and then `privates` of its own, are used: those that are missing are copied
  // to here. Where it has private ones, those of them that are already here are used too, be they more or not.
  void store(Slot slot, const std::uint64_t* hashes, std::size_t count, std::int64_t privates);
  // The same, but nothing is copied: only what is here of these is used.
  void touch(Slot slot, const std::uint64_t* hashes, std::size_t count);
  // Nobody will ask for the slot's private blocks any more.
  void forget(Slot slot);

  std::int64_t used() const { return used_; }
  std::int64_t stored() const { return stored_; }  // blocks copied to here so far

 private:
  void use(Node node);
  void shrink();

  std::int64_t capacity_, used_ = 0, stored_ = 0;
  BlockList list_;
  BlockTable table_;
  std::vector<Node> runs_;  // by slot
};

}  // namespace wordline::serve
