#include "wordline/serve/fetch_queue.h"

namespace wordline::serve {

std::int64_t FetchQueue::begin(Slot slot, std::int64_t known, const Hit& hit, KvCache& cache, Step& step) {
  const std::int64_t cached = hit.chip * cache.block_tokens();
  cache.admit(slot, known, known, false);
  ++size_;
  if (!remote_[slot]) {
    step.fetches.push_back({slot, hit.host, 0});
    return hit.blocks() * cache.block_tokens();
  }
  remote_[slot] = false;
  step.fetches.push_back({slot, 0, known - cached});
  return known - 1;  // the last one is computed for what follows it
}

Slot FetchQueue::take() {
  const Slot slot = arrived_.front();
  arrived_.pop_front();
  --size_;
  return slot;
}

}  // namespace wordline::serve
