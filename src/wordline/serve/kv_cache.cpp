#include "wordline/serve/kv_cache.h"

#include <algorithm>
#include <stdexcept>

namespace wordline::serve {
namespace {

void hold(bool law, const char* what) {
  if (!law) throw std::logic_error(what);
}

// The most of the numbers up to `limit` for which `holds` is true, where it is true for all up to that: looking first
// around `guess`, so that a good one costs two looks.
template <typename Holds>
std::size_t longest(std::size_t guess, std::size_t limit, Holds holds) {
  std::size_t low = 0, high = limit, step = 1;  // the answer is from low to high
  guess = std::min(guess, limit);
  if (guess == 0 || holds(guess)) {
    for (low = guess; low < high; step *= 2) {
      const std::size_t at = std::min(limit, low + step);
      if (holds(at))
        low = at;
      else
        high = at - 1;
      if (high != limit) break;
    }
  } else {
    for (high = guess - 1; low < high; step *= 2) {
      const std::size_t at = high > step ? high - step : 0;
      if (at == 0 || holds(at)) {
        low = at;
        break;
      }
      high = at - 1;
    }
  }
  while (low < high) {
    const std::size_t middle = high - (high - low) / 2;
    if (holds(middle))
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

}  // namespace

KvCache::KvCache(const KvCacheSpec& spec)
    : block_tokens_(spec.block_tokens), total_(spec.blocks), free_(spec.blocks), caching_(spec.prefix_caching) {
  hold(spec.blocks > 0 && spec.block_tokens > 0 && spec.host_blocks >= 0, "a KV cache of no size");
  if (!caching_) return;
  const Node run = list_.make();
  list_[run].blank = total_;
  list_.append(run);
  if (spec.host_blocks > 0) host_.emplace(spec.host_blocks);
}

void KvCache::open(Slot slot, const Request& request) {
  if (slot >= holders_.size()) holders_.resize(slot + 1);
  Holder& holder = holders_[slot];
  hold(!holder.open, "a KV cache slot is opened twice");
  holder.open = true;
  holder.preempted = false;
  holder.found = 0;
  if (request.content && caching_)
    block_hashes(*request.content, block_tokens_, holder.hashes);
  else
    holder.hashes.clear();
}

void KvCache::close(Slot slot) {
  Holder& holder = this->holder(slot, false);
  if (holder.run != no_node) disown(holder);
  if (host_) host_->forget(slot);
  holder.open = false;
}

const KvCache::Holder& KvCache::holder(Slot slot, bool admitted) const {
  hold(slot < holders_.size() && holders_[slot].open && holders_[slot].admitted == admitted,
       admitted ? "a request that was not admitted holds no KV blocks" : "a KV cache slot is not open, or is in use");
  return holders_[slot];
}

// What can be found is always a prefix of what a request has had: whoever holds a block holds those before it, and
// gives them back after it.
std::size_t KvCache::find_shareable(const Holder& holder, std::size_t limit) const {
  const auto here = [&](std::size_t count) { return table_.find(holder.hashes[count - 1]) != no_node; };
  const std::size_t found = longest(holder.found, limit, here);
  holder.found = static_cast<std::uint32_t>(found);
  return found;
}

Hit KvCache::find(Slot slot, std::int64_t known) const {
  const Holder& holder = this->holder(slot, false);
  if (!caching_ || known < 1) return {};
  if (holder.hashes.empty() && holder.run == no_node && !host_) return {};
  const std::int64_t limit = (known - 1) / block_tokens_;
  const auto shareable = static_cast<std::int64_t>(holder.hashes.size());
  const std::int64_t most = std::min(limit, shareable);
  Hit hit;
  if (most > 0) hit.chip = static_cast<std::int64_t>(find_shareable(holder, static_cast<std::size_t>(most)));
  if (host_ && hit.chip < most) {
    const auto here = [&](std::size_t count) { return host_->holds(holder.hashes[count - 1]); };
    const auto deepest = longest(static_cast<std::size_t>(hit.chip), static_cast<std::size_t>(most), here);
    hit.host = std::max<std::int64_t>(0, static_cast<std::int64_t>(deepest) - hit.chip);
  }
  if (hit.blocks() < shareable) return hit;
  if (hit.host == 0 && holder.run != no_node) hit.chip += std::min(list_[holder.run].full, limit - shareable);
  if (host_)
    hit.host +=
        std::max<std::int64_t>(0, std::min(host_->privates(slot), limit - shareable) - (hit.blocks() - shareable));
  return hit;
}

std::int64_t KvCache::cached_tokens(Slot free_slot, const Request& request) {
  open(free_slot, request);
  const std::int64_t tokens = cached_tokens(free_slot, request.prompt_tokens);
  close(free_slot);
  return tokens;
}

// Those of the request's blocks that are no hits in the cache.
std::int64_t KvCache::new_blocks(const Hit& hit, std::int64_t tokens) const {
  return std::max<std::int64_t>(0, needed(tokens) - hit.chip);
}

bool KvCache::fits(const Holder& holder, const Hit& hit, std::int64_t tokens) const {
  std::int64_t left = free_ - new_blocks(hit, tokens);
  if (left >= hit.chip) return true;
  const auto shareable = std::min<std::int64_t>(hit.chip, static_cast<std::int64_t>(holder.hashes.size()));
  left -= hit.chip - shareable;
  for (auto i = static_cast<std::size_t>(shareable); i-- > 0 && left >= 0;)  // the last ones are free sooner
    left -= list_[table_.find(holder.hashes[i])].users == 0;
  return left >= 0;
}

bool KvCache::fits(Slot slot, std::int64_t known, std::int64_t tokens) const {
  return fits(holder(slot, false), find(slot, known), tokens);
}

std::optional<Hit> KvCache::admit(Slot slot, std::int64_t known, std::int64_t tokens, bool publish) {
  Holder& holder = this->holder(slot, false);
  const Hit hit = find(slot, known);
  hold(tokens <= known && tokens >= hit.blocks() * block_tokens_, "a request is admitted with less than its hits");
  if (!fits(holder, hit, tokens)) return std::nullopt;
  if (hit.chip > 0) touch(holder, hit.chip);
  hold(holder.run == no_node || list_[holder.run].full == 0, "a request knows less than it had computed");
  if (holder.run != no_node) disown(holder);
  pop(new_blocks(hit, tokens));
  holder.held = needed(tokens);
  holder.admitted = true;
  if (publish && !holder.hashes.empty()) this->publish(holder, tokens);
  if (host_)
    host_->touch(slot, holder.hashes.data(),
                 std::min(holder.hashes.size(), static_cast<std::size_t>(known / block_tokens_)));
  (holder.preempted ? counts_.preempted_queries : counts_.queries) += known;
  (holder.preempted ? counts_.preempted_hits : counts_.hits) += hit.chip * block_tokens_;
  counts_.host_hits += hit.host * block_tokens_;
  return hit;
}

std::int64_t KvCache::growth(Slot slot, std::int64_t tokens) const {
  return std::max<std::int64_t>(0, needed(tokens) - holder(slot, true).held);
}

bool KvCache::grow(Slot slot, std::int64_t tokens, std::int64_t ahead) {
  const std::int64_t more = growth(slot, tokens + ahead);
  Holder& holder = this->holder(slot, true);
  if (more > free_) return false;
  if (more > 0) {
    pop(more);
    holder.held += more;
  }
  if (!holder.hashes.empty()) publish(holder, tokens);
  return true;
}

void KvCache::take(std::int64_t blocks) {
  pop(blocks);
  taken_ += blocks;
}

// Takes the first blocks in the queue; what they held is gone.
void KvCache::pop(std::int64_t blocks) {
  hold(blocks <= free_, "more KV blocks taken than are free");
  free_ -= blocks;
  if (!caching_) return;
  if (BlockNode& first = list_[list_.first()]; first.blank > blocks) {
    first.blank -= blocks;
    return;
  }
  while (blocks > 0) {
    const Node node = list_.first();
    if (list_[node].hash == 0) {
      pop_run(node, blocks);
    } else {
      pop_block(node);
      --blocks;
    }
  }
}

void KvCache::pop_block(Node node) {
  const BlockNode& block = list_[node];
  list_.remove(node);
  const Node next = block.same_after;
  if (next == node) {
    table_.erase(block.hash);
  } else {
    list_[block.same_before].same_after = next;
    list_[next].same_before = block.same_before;
    if (table_.find(block.hash) == node) table_.set(block.hash, next);
  }
  list_.drop(node);
  ++counts_.evicted_blocks;
}

void KvCache::pop_run(Node node, std::int64_t& blocks) {
  BlockNode& run = list_[node];
  const std::int64_t blank = std::min(run.blank, blocks);
  const std::int64_t full = std::min(run.full, blocks - blank);
  run.blank -= blank;
  run.full -= full;
  blocks -= blank + full;
  counts_.evicted_blocks += full;
  if (run.full + run.blank > 0) return;
  if (run.owner != no_slot) holders_[run.owner].run = no_node;
  list_.remove(node);
  list_.drop(node);
}

// Takes the request's first blocks, which are hits, where they are; out of the queue where they stand in it.
void KvCache::touch(Holder& holder, std::int64_t blocks) {
  const auto shareable =
      static_cast<std::size_t>(std::min<std::int64_t>(blocks, static_cast<std::int64_t>(holder.hashes.size())));
  for (std::size_t i = 0; i < shareable; ++i) {
    const Node node = table_.find(holder.hashes[i]);
    if (list_[node].users++ == 0) {
      list_.remove(node);
      --free_;
    }
    holder.blocks.push_back(node);
  }
  const std::int64_t privates = blocks - static_cast<std::int64_t>(shareable);
  if (privates == 0) return;
  list_[holder.run].full -= privates;
  free_ -= privates;
}

// Others can find those of the request's blocks that are full of its first `tokens` tokens.
void KvCache::publish(Holder& holder, std::int64_t tokens) {
  const std::size_t full = std::min(holder.hashes.size(), static_cast<std::size_t>(tokens / block_tokens_));
  while (holder.blocks.size() < full) {
    const std::uint64_t hash = holder.hashes[holder.blocks.size()];
    const Node node = list_.make();
    const Node first = table_.find(hash);
    if (first == no_node) table_.set(hash, node);
    BlockNode& block = list_[node];
    block.hash = hash;
    block.users = 1;
    block.same_after = first == no_node ? node : first;
    block.same_before = first == no_node ? node : list_[first].same_before;
    list_[block.same_before].same_after = node;
    list_[block.same_after].same_before = node;
    holder.blocks.push_back(node);
  }
}

void KvCache::give_back(Slot slot, std::int64_t computed, bool again) {
  Holder& holder = this->holder(slot, true);
  const std::int64_t uncounted = std::max<std::int64_t>(0, needed(computed) - holder.held);
  hold(uncounted <= taken_, "more KV blocks given back than were taken");
  taken_ -= uncounted;
  const std::int64_t held = holder.held + uncounted;
  holder.held = 0;
  holder.admitted = false;
  holder.preempted = again;
  if (!caching_) {
    free_ += held;
    return;
  }
  if (!holder.hashes.empty()) publish(holder, computed);
  const auto shareable = static_cast<std::int64_t>(holder.blocks.size());
  const std::int64_t full = computed / block_tokens_ - shareable;
  hold(full >= 0, "a request has computed less than it was admitted with");
  if (held > shareable) {
    const Node run = list_.make();
    list_[run].full = full;
    list_[run].blank = held - shareable - full;
    if (again && full > 0) {
      list_[run].owner = slot;
      holder.run = run;
    }
    list_.append(run);
    free_ += held - shareable;
  }
  for (auto it = holder.blocks.rbegin(); it != holder.blocks.rend(); ++it) {
    if (--list_[*it].users > 0) continue;
    list_.append(*it);
    ++free_;
  }
  holder.blocks.clear();
  if (host_) host_->store(slot, holder.hashes.data(), static_cast<std::size_t>(shareable), full);
}

// Nobody finds what is left of the slot's private blocks in the queue.
void KvCache::disown(Holder& holder) {
  BlockNode& run = list_[holder.run];
  run.owner = no_slot;
  if (run.full + run.blank == 0) {
    list_.remove(holder.run);
    list_.drop(holder.run);
  }
  holder.run = no_node;
}

}  // namespace wordline::serve
