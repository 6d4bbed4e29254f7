// The KV cache of one replica as SGLang keeps it: a radix tree of token sequences, to the token.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/serve/block_table.h"
#include "wordline/serve/prefix.h"

namespace wordline::serve {

// Tokens of requests (SGLang's RadixCache with page_size 1 and eviction_policy lru). What requests have in common is in
// the tree once. Nodes on the path of a request that runs are locked; of the others, the leaf that was used least
// recently goes first when tokens are short. A request's tokens beyond its content are its own: nobody else's begin
// like them.
//
// A slot is open()ed; it is match()ed as often as the scheduler likes, lock()ed with what it found then, insert()ed
// after each chunk of its prompt, and release()d or preempt()ed; then it can be matched again, or close()d. Anything
// else is a std::logic_error.
class RadixCache {
 public:
  // A cache of so many tokens, above 0.
  explicit RadixCache(std::int64_t tokens);

  void open(Slot slot, const Request& request);
  void close(Slot slot);

  // How many of the request's first tokens are in the tree, short of the last of `known`: the prompt's and those given
  // so far. They count as used now. Costs the nodes on the path, few where texts are long.
  std::int64_t match(Slot slot, std::int64_t known);
  // Nothing of what the request's latest match found is evicted from now on (SGLang's inc_lock_ref). Nothing may have
  // been evicted since.
  void lock(Slot slot);
  // Takes room for tokens to be computed, of one request or of a batch. Where it is short, leaves of at least as many
  // tokens are evicted; false, and nothing is taken, where even that does not do.
  [[nodiscard]] bool take(std::int64_t tokens);
  // Gives back room that was taken and will not be computed into.
  void put_back(std::int64_t tokens) { taken_ -= tokens; }
  // The first `computed` tokens of a locked request are in the tree, and locked, from now on (cache_unfinished_req):
  // those that were not in it must have been taken; room taken for those that meanwhile came there otherwise is free.
  void insert(Slot slot, std::int64_t computed);
  // A locked request has ended: its tokens are in the tree, and may be evicted (cache_finished_req).
  void release(Slot slot, std::int64_t computed);
  // A locked request has to wait again: what it has inserted may be evicted, the rest of its `computed` tokens is lost
  // (release_req of SGLang's retraction).
  void preempt(Slot slot, std::int64_t computed);

  // In tokens: total = free + evictable + locked + those taken and not inserted.
  std::int64_t total() const { return total_; }
  std::int64_t free() const { return total_ - evictable_ - locked_ - taken_; }
  std::int64_t evictable() const { return evictable_; }
  std::int64_t locked() const { return locked_; }  // SGLang's protected_size
  std::int64_t evicted() const { return evicted_; }
  // Branches of the tree.
  std::int64_t nodes() const { return static_cast<std::int64_t>(tree_.size() - spare_.size()) - 2; }

 private:
  // Tokens of a text, or of a request's own.
  struct Segment {
    std::uint64_t text = 0;
    std::int64_t from = 0, tokens = 0;
    bool own = false;
    bool same_place(const Segment& other) const { return text == other.text && from == other.from && own == other.own; }
  };
  // An edge of the tree and what hangs on it.
  struct Branch {
    std::vector<Segment> key;
    std::int64_t tokens = 0;  // of the key
    std::int64_t used = 0;    // when, by clock_
    std::uint64_t hash = 0;   // by which its parent finds it
    Node parent = no_node;
    std::uint32_t children = 0, locks = 0;
    bool queued = false;  // in leaves_
  };
  struct Leaf {
    std::int64_t used;
    Node node;
    bool operator>(const Leaf& other) const { return used > other.used; }
  };
  struct Sequence {
    std::vector<Segment> key;  // the last one is its own, and has no end
    Node node = no_node;       // the end of what it matched or inserted
    std::int64_t tokens = 0;   // up to there
    std::int64_t evicted = 0;  // what had been when it matched
    bool open = false, locked = false;
  };
  // A place in a sequence: `done` tokens of its segment are behind it, `left` may still be read.
  struct Cursor {
    const Segment* segment;
    std::int64_t done, left;
    Segment rest() const;
    void advance(std::int64_t tokens);
  };
  // How far a sequence goes along the tree, and what is left of it.
  struct Walk {
    Node node;
    std::int64_t tokens;
    Cursor rest;
  };

  static constexpr Node root_ = 1;

  Walk walk(const Sequence& sequence, std::int64_t tokens);
  static std::int64_t common(const std::vector<Segment>& key, Cursor cursor);
  Node split(Node lower, std::int64_t tokens);
  void put(const Sequence& sequence, std::int64_t tokens);
  Node make();
  void hang(Node node, Node parent);
  void raise_lock(Node node);
  void lower_lock(Node node);
  void offer(Node node);
  void evict(std::int64_t tokens);
  void settle(Sequence& sequence, std::int64_t computed);
  Sequence& sequence(Slot slot, bool locked);

  std::int64_t total_, evictable_ = 0, locked_ = 0, taken_ = 0, evicted_ = 0;
  std::int64_t clock_ = 0;
  std::uint64_t opened_ = 0;
  std::vector<Branch> tree_;
  std::vector<Node> spare_;
  BlockTable children_;
  std::vector<Leaf> leaves_;  // a heap: whatever may be evicted is in it, perhaps with an older time than its own
  std::vector<Sequence> sequences_;
};

}  // namespace wordline::serve
