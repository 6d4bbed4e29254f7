// Requests that were admitted but wait for keys and values of theirs, as vLLM's schedulers keep them.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "wordline/serve/kv_cache.h"
#include "wordline/serve/scheduler.h"

namespace wordline::serve {

// A request whose keys and values are in part in the host's memory (OffloadingConnector) or on another replica
// (NixlConnector) is given its blocks and waits, without a seat, until they have come (WAITING_FOR_REMOTE_KVS); then it
// goes before all who wait. Here it gets the blocks of all that it knows at once, so that no two of them can wait for
// each other's; vLLM has it ask again for those that are still to be computed.
class FetchQueue {
 public:
  void open(Slot slot, const Request& request) {
    if (slot >= remote_.size()) remote_.resize(slot + 1);
    remote_[slot] = request.remote;
  }
  // Whether an admission with that hit has something to fetch.
  bool wants(Slot slot, const Hit& hit) const { return hit.host > 0 || remote_[slot]; }
  // Admits the request, of which `known` tokens are known, and puts what it has to fetch into the step; tokens that
  // need not be computed once that has come.
  std::int64_t begin(Slot slot, std::int64_t known, const Hit& hit, KvCache& cache, Step& step);
  void arrived(Slot slot) { arrived_.push_back(slot); }
  // Whether one waits for a seat alone; the first of them, which takes it.
  bool ready() const { return !arrived_.empty(); }
  Slot take();
  // Those that wait for a fetch or, after it, for a seat.
  std::int64_t size() const { return size_; }

 private:
  std::vector<bool> remote_;  // the request's prompt is to be fetched from another replica
  std::deque<Slot> arrived_;
  std::int64_t size_ = 0;
};

}  // namespace wordline::serve
