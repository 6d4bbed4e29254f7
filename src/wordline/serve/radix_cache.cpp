#include "wordline/serve/radix_cache.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <stdexcept>

namespace wordline::serve {
namespace {

void hold(bool law, const char* what) {
  if (!law) throw std::logic_error(what);
}

std::uint64_t child_hash(Node parent, std::uint64_t text, std::int64_t from, bool own) {
  const std::uint64_t hash = mix(mix(parent, text), static_cast<std::uint64_t>(from) << 1 | (own ? 1 : 0));
  return hash + (hash == 0);
}

}  // namespace

RadixCache::Segment RadixCache::Cursor::rest() const {
  return {segment->text, segment->from + done, std::min(segment->tokens - done, left), segment->own};
}

void RadixCache::Cursor::advance(std::int64_t tokens) {
  left -= tokens;
  done += tokens;
  if (done < segment->tokens) return;
  done = 0;
  ++segment;
}

RadixCache::RadixCache(std::int64_t tokens) : total_(tokens), tree_(2) { hold(tokens > 0, "a KV cache of no size"); }

void RadixCache::open(Slot slot, const Request& request) {
  if (slot >= sequences_.size()) sequences_.resize(slot + 1);
  Sequence& it = sequences_[slot];
  hold(!it.open, "a KV cache slot is opened twice");
  it.open = true;
  it.key.clear();
  std::int64_t tokens = 0;
  if (request.content)
    for (const Piece& piece : *request.content) {
      if (piece.tokens > 0) it.key.push_back({piece.text, 0, piece.tokens, false});
      tokens += piece.tokens;
    }
  it.key.push_back({++opened_, tokens, std::numeric_limits<std::int64_t>::max(), true});
  it.node = no_node;
}

void RadixCache::close(Slot slot) { sequence(slot, false).open = false; }

RadixCache::Sequence& RadixCache::sequence(Slot slot, bool locked) {
  hold(slot < sequences_.size() && sequences_[slot].open && sequences_[slot].locked == locked,
       locked ? "a request that does not run has no locked tokens" : "a KV cache slot is not open, or is in use");
  return sequences_[slot];
}

std::int64_t RadixCache::match(Slot slot, std::int64_t known) {
  Sequence& it = sequence(slot, false);
  const Walk walk = this->walk(it, std::max<std::int64_t>(0, known - 1));
  it.node = walk.node;
  it.tokens = walk.tokens;
  it.evicted = evicted_;
  return walk.tokens;
}

void RadixCache::lock(Slot slot) {
  Sequence& it = sequence(slot, false);
  hold(it.node != no_node && it.evicted == evicted_, "a request is locked with a match that is no longer true");
  raise_lock(it.node);
  it.locked = true;
}

bool RadixCache::take(std::int64_t tokens) {
  if (tokens > free() + evictable_) return false;
  if (tokens > free()) evict(tokens);
  taken_ += tokens;
  return true;
}

void RadixCache::insert(Slot slot, std::int64_t computed) {
  Sequence& it = sequence(slot, true);
  settle(it, computed);
  put(it, computed);
  const Walk walk = this->walk(it, computed);
  lower_lock(it.node);
  raise_lock(walk.node);
  it.node = walk.node;
  it.tokens = walk.tokens;
}

void RadixCache::release(Slot slot, std::int64_t computed) {
  Sequence& it = sequence(slot, true);
  settle(it, computed);
  put(it, computed);
  lower_lock(it.node);
  it.node = no_node;
  it.locked = false;
}

void RadixCache::preempt(Slot slot, std::int64_t computed) {
  Sequence& it = sequence(slot, true);
  settle(it, computed);
  lower_lock(it.node);
  it.node = no_node;
  it.locked = false;
}

// What the request took for its tokens since its latest match or insertion is no longer merely taken.
void RadixCache::settle(Sequence& sequence, std::int64_t computed) {
  const std::int64_t tokens = computed - sequence.tokens;
  hold(tokens >= 0 && tokens <= taken_, "a request has computed tokens for which no room was taken");
  taken_ -= tokens;
}

// Goes along the tree as far as it has the sequence's first tokens, which are used; a node that it shares in part is
// split.
RadixCache::Walk RadixCache::walk(const Sequence& sequence, std::int64_t tokens) {
  const std::int64_t now = ++clock_;
  Walk walk{root_, 0, {sequence.key.data(), 0, tokens}};
  while (walk.rest.left > 0) {
    const Segment next = walk.rest.rest();
    const Node child = children_.find(child_hash(walk.node, next.text, next.from, next.own));
    if (child == no_node) break;
    tree_[child].used = now;
    const std::int64_t shared = common(tree_[child].key, walk.rest);
    for (std::int64_t ahead = shared; ahead > 0;) {
      const std::int64_t step = std::min(ahead, walk.rest.segment->tokens - walk.rest.done);
      walk.rest.advance(step);
      ahead -= step;
    }
    walk.tokens += shared;
    if (shared < tree_[child].tokens) {
      walk.node = split(child, shared);
      break;
    }
    walk.node = child;
  }
  return walk;
}

std::int64_t RadixCache::common(const std::vector<Segment>& key, Cursor cursor) {
  std::int64_t shared = 0;
  for (const Segment& segment : key) {
    Segment mine = segment;
    while (mine.tokens > 0) {
      if (cursor.left == 0) return shared;
      const Segment its = cursor.rest();
      if (!mine.same_place(its)) return shared;
      const std::int64_t step = std::min(mine.tokens, its.tokens);
      cursor.advance(step);
      mine.from += step;
      mine.tokens -= step;
      shared += step;
    }
  }
  return shared;
}

// The upper part, of so many tokens, becomes a node of its own between `lower` and its parent.
Node RadixCache::split(Node lower, std::int64_t tokens) {
  const Node upper = make();
  Branch &above = tree_[upper], &below = tree_[lower];
  std::size_t whole = 0;
  for (std::int64_t left = tokens; left > 0;) {
    Segment segment = below.key[whole];
    if (segment.tokens > left) {
      below.key[whole].from += left;
      below.key[whole].tokens -= left;
      segment.tokens = left;
    } else {
      ++whole;
    }
    above.key.push_back(segment);
    left -= segment.tokens;
  }
  below.key.erase(below.key.begin(), below.key.begin() + static_cast<std::ptrdiff_t>(whole));
  above.tokens = tokens;
  below.tokens -= tokens;
  above.locks = below.locks;
  above.parent = below.parent;
  above.hash = below.hash;
  children_.set(above.hash, upper);
  hang(lower, upper);
  return upper;
}

// Puts the sequence's first tokens into the tree, where they are not in it yet.
void RadixCache::put(const Sequence& sequence, std::int64_t tokens) {
  const Walk walk = this->walk(sequence, tokens);
  if (walk.rest.left == 0) return;
  const Node leaf = make();
  Branch& branch = tree_[leaf];
  branch.tokens = walk.rest.left;
  for (Cursor rest = walk.rest; rest.left > 0;) {
    branch.key.push_back(rest.rest());
    rest.advance(branch.key.back().tokens);
  }
  evictable_ += branch.tokens;
  hang(leaf, walk.node);
  offer(leaf);
}

Node RadixCache::make() {
  Node node = static_cast<Node>(tree_.size());
  if (spare_.empty()) {
    tree_.emplace_back();
  } else {
    node = spare_.back();
    spare_.pop_back();
    Branch& branch = tree_[node];
    branch.key.clear();
    branch.children = branch.locks = 0;
  }
  tree_[node].used = ++clock_;
  return node;
}

void RadixCache::hang(Node node, Node parent) {
  Branch& branch = tree_[node];
  const Segment& first = branch.key.front();
  branch.parent = parent;
  branch.hash = child_hash(parent, first.text, first.from, first.own);
  children_.set(branch.hash, node);
  ++tree_[parent].children;
}

void RadixCache::raise_lock(Node node) {
  for (; node != root_; node = tree_[node].parent) {
    Branch& branch = tree_[node];
    if (branch.locks++ > 0) continue;
    evictable_ -= branch.tokens;
    locked_ += branch.tokens;
  }
}

void RadixCache::lower_lock(Node node) {
  for (; node != root_; node = tree_[node].parent) {
    Branch& branch = tree_[node];
    if (--branch.locks > 0) continue;
    evictable_ += branch.tokens;
    locked_ -= branch.tokens;
    offer(node);
  }
}

// Into the heap of leaves, where it may be evicted and is not in it.
void RadixCache::offer(Node node) {
  Branch& branch = tree_[node];
  if (node == root_ || branch.locks > 0 || branch.children > 0 || branch.queued) return;
  branch.queued = true;
  leaves_.push_back({branch.used, node});
  std::push_heap(leaves_.begin(), leaves_.end(), std::greater<>());
}

// Evicts whole leaves until they were at least so many tokens, or there are none.
void RadixCache::evict(std::int64_t tokens) {
  while (tokens > 0 && !leaves_.empty()) {
    std::pop_heap(leaves_.begin(), leaves_.end(), std::greater<>());
    const Leaf leaf = leaves_.back();
    leaves_.pop_back();
    Branch& branch = tree_[leaf.node];
    branch.queued = false;
    if (branch.used != leaf.used || branch.locks > 0 || branch.children > 0) {
      offer(leaf.node);
      continue;
    }
    tokens -= branch.tokens;
    evictable_ -= branch.tokens;
    evicted_ += branch.tokens;
    children_.erase(branch.hash);
    const Node parent = branch.parent;
    --tree_[parent].children;
    spare_.push_back(leaf.node);
    offer(parent);
  }
}

}  // namespace wordline::serve
