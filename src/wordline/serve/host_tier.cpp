#include "wordline/serve/host_tier.h"

#include <algorithm>

namespace wordline::serve {

void HostTier::store(Slot slot, const std::uint64_t* hashes, std::size_t count, std::int64_t privates) {
  if (privates > 0) {
    if (slot >= runs_.size()) runs_.resize(slot + 1);
    Node& run = runs_[slot];
    if (run == no_node) {
      run = list_.make();
      list_[run].owner = slot;
    } else {
      list_.remove(run);
    }
    const std::int64_t more = std::max<std::int64_t>(0, privates - list_[run].full);
    list_[run].full += more;
    used_ += more;
    stored_ += more;
    list_.append(run);
  }
  for (std::size_t i = count; i-- > 0;) {
    Node node = table_.find(hashes[i]);
    if (node == no_node) {
      node = list_.make();
      list_[node].hash = hashes[i];
      table_.set(hashes[i], node);
      ++used_;
      ++stored_;
    } else {
      list_.remove(node);
    }
    list_.append(node);
  }
  shrink();
}

void HostTier::touch(Slot slot, const std::uint64_t* hashes, std::size_t count) {
  if (privates(slot) > 0) use(runs_[slot]);
  for (std::size_t i = count; i-- > 0;)
    if (const Node node = table_.find(hashes[i]); node != no_node) use(node);
}

void HostTier::forget(Slot slot) {
  if (privates(slot) == 0) return;
  list_[runs_[slot]].owner = no_slot;
  runs_[slot] = no_node;
}

void HostTier::use(Node node) {
  list_.remove(node);
  list_.append(node);
}

void HostTier::shrink() {
  while (used_ > capacity_) {
    const Node node = list_.first();
    BlockNode& it = list_[node];
    if (it.hash != 0) {
      table_.erase(it.hash);
      --used_;
    } else {
      const std::int64_t gone = std::min(it.full, used_ - capacity_);
      it.full -= gone;
      used_ -= gone;
      if (it.full > 0) return;
      if (it.owner != no_slot) runs_[it.owner] = no_node;
    }
    list_.remove(node);
    list_.drop(node);
  }
}

}  // namespace wordline::serve
