// SGLang's radix cache (python/sglang/srt/mem_cache/radix_cache.py), token by token: what RadixCache must come to.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "wordline/serve/radix_cache.h"

namespace wordline::serve {

class PlainRadixCache {
 public:
  // A token is a text's name and a place in it; a request's own tokens are of a text that no other has.
  using Token = std::pair<std::uint64_t, std::int64_t>;
  using Tokens = std::vector<Token>;

  explicit PlainRadixCache(std::int64_t tokens) : free_(tokens) {}

  // A request that will have at most `tokens` tokens.
  void open(Slot slot, const Request& request, std::int64_t tokens) {
    Sequence sequence;
    if (request.content)
      for (const Piece& piece : *request.content)
        for (std::int64_t i = 0; i < piece.tokens; ++i) sequence.tokens.emplace_back(piece.text, i);
    ++opened_;
    while (std::ssize(sequence.tokens) < tokens) sequence.tokens.emplace_back(~opened_, std::ssize(sequence.tokens));
    sequences_[slot] = sequence;
  }

  std::int64_t match(Slot slot, std::int64_t known) {
    Sequence& sequence = sequences_[slot];
    const auto [node, tokens] = match_prefix(first(sequence, known - 1));
    sequence.node = node;
    sequence.shared = tokens;
    return tokens;
  }

  void lock(Slot slot) { add_locks(sequences_[slot].node, 1); }

  bool take(std::int64_t tokens) {
    if (tokens > free_ + size(false)) return false;
    if (free_ < tokens) evict(tokens);
    free_ -= tokens;
    return true;
  }

  void insert(Slot slot, std::int64_t computed) {
    Sequence& sequence = sequences_[slot];
    const Tokens key = first(sequence, computed);
    free_ += put(key) - sequence.shared;  // what was there already
    const auto [node, tokens] = match_prefix(key);
    add_locks(sequence.node, -1);
    add_locks(node, 1);
    sequence.node = node;
    sequence.shared = tokens;
  }

  void release(Slot slot, std::int64_t computed) {
    Sequence& sequence = sequences_[slot];
    free_ += put(first(sequence, computed)) - sequence.shared;
    add_locks(sequence.node, -1);
  }

  void preempt(Slot slot, std::int64_t computed) {
    Sequence& sequence = sequences_[slot];
    free_ += computed - sequence.shared;
    add_locks(sequence.node, -1);
  }

  std::int64_t free() const { return free_; }
  std::int64_t size(bool locked) const { return size(root_, locked); }

 private:
  struct Branch {
    Tokens key;
    Branch* parent = nullptr;
    std::map<Token, std::unique_ptr<Branch>> children;
    int locks = 0;
    std::int64_t used = 0;
  };
  struct Sequence {
    Tokens tokens;
    Branch* node = nullptr;
    std::int64_t shared = 0;
  };

  static Tokens first(const Sequence& sequence, std::int64_t tokens) {
    return {sequence.tokens.begin(), sequence.tokens.begin() + tokens};
  }
  static std::int64_t common(const Tokens& a, const Tokens& b) {
    std::size_t n = 0;
    while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
    return static_cast<std::int64_t>(n);
  }
  static std::int64_t size(const Branch& branch, bool locked) {
    std::int64_t sum = (branch.locks > 0) == locked ? std::ssize(branch.key) : 0;
    for (const auto& [token, child] : branch.children) sum += size(*child, locked);
    return sum;
  }

  std::pair<Branch*, std::int64_t> match_prefix(Tokens key) {
    const std::int64_t now = ++clock_;
    std::int64_t tokens = 0;
    Branch* node = &root_;
    while (!key.empty() && node->children.contains(key[0])) {
      Branch* child = node->children[key[0]].get();
      child->used = now;
      const std::int64_t shared = common(child->key, key);
      tokens += shared;
      if (shared < std::ssize(child->key)) return {split(child, shared), tokens};
      node = child;
      key.erase(key.begin(), key.begin() + shared);
    }
    return {node, tokens};
  }

  // Returns how many of the tokens were there.
  std::int64_t put(Tokens key) {
    const std::int64_t now = ++clock_;
    std::int64_t tokens = 0;
    Branch* node = &root_;
    while (!key.empty() && node->children.contains(key[0])) {
      node = node->children[key[0]].get();
      node->used = now;
      const std::int64_t shared = common(node->key, key);
      tokens += shared;
      key.erase(key.begin(), key.begin() + shared);
      if (shared < std::ssize(node->key)) node = split(node, shared);
    }
    if (key.empty()) return tokens;
    auto leaf = std::make_unique<Branch>();
    leaf->key = key;
    leaf->parent = node;
    leaf->used = ++clock_;
    node->children[key[0]] = std::move(leaf);
    return tokens;
  }

  Branch* split(Branch* lower, std::int64_t tokens) {
    auto upper = std::make_unique<Branch>();
    Branch* const it = upper.get();
    upper->key.assign(lower->key.begin(), lower->key.begin() + tokens);
    upper->parent = lower->parent;
    upper->locks = lower->locks;
    upper->used = ++clock_;
    auto& place = lower->parent->children[lower->key[0]];
    std::unique_ptr<Branch> child = std::move(place);
    place = std::move(upper);
    child->key.erase(child->key.begin(), child->key.begin() + tokens);
    child->parent = it;
    it->children[child->key[0]] = std::move(child);
    return it;
  }

  static void add_locks(Branch* node, int locks) {
    for (; node->parent; node = node->parent) node->locks += locks;
  }

  static Branch* oldest_leaf(Branch& branch) {
    Branch* oldest = nullptr;
    if (branch.children.empty() && branch.locks == 0 && branch.parent) oldest = &branch;
    for (const auto& [token, child] : branch.children)
      if (Branch* const leaf = oldest_leaf(*child); leaf && (!oldest || leaf->used < oldest->used)) oldest = leaf;
    return oldest;
  }

  void evict(std::int64_t tokens) {
    while (tokens > 0) {
      Branch* const leaf = oldest_leaf(root_);
      if (!leaf) return;
      tokens -= std::ssize(leaf->key);
      free_ += std::ssize(leaf->key);
      leaf->parent->children.erase(leaf->key[0]);
    }
  }

  Branch root_;
  std::map<Slot, Sequence> sequences_;
  std::int64_t free_, clock_ = 0;
  std::uint64_t opened_ = 0;
};

}  // namespace wordline::serve
