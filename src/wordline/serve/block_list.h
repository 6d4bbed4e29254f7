// Blocks of KV cache in an order of use: single ones that several requests may find, and runs of those of one request.
#pragma once

#include <cstdint>
#include <vector>

#include "wordline/serve/block_table.h"
#include "wordline/serve/prefix.h"

namespace wordline::serve {

// One node: a block with a hash, or a run of blocks without, of which the last goes first, so that the rest remains a
// prefix.
struct BlockNode {
  std::uint64_t hash = 0;                  // 0: a run
  std::int64_t full = 0;                   // of a run: the blocks with contents, the first ones of its owner's
  std::int64_t blank = 0;                  // and those behind them without
  Slot owner = no_slot;                    // of a run: who finds it again
  std::uint32_t users = 0;                 // of a block: how many requests hold it
  Node before = no_node, after = no_node;  // neighbours in the order of use, where it is in it
  Node same_before = no_node, same_after = no_node;  // ring of the blocks with this hash, in the order of their making
};

// A pool of nodes, some of which stand in a queue. Nodes are used again; nothing is allocated once it is large enough.
class BlockList {
 public:
  BlockList() : nodes_(1) {}  // node 0 is before the first and after the last

  Node make() {
    if (spare_ == no_node) {
      nodes_.emplace_back();
      return static_cast<Node>(nodes_.size() - 1);
    }
    const Node node = spare_;
    spare_ = nodes_[node].after;
    nodes_[node] = {};
    return node;
  }
  // The node must not stand in the queue.
  void drop(Node node) {
    nodes_[node].after = spare_;
    spare_ = node;
  }
  BlockNode& operator[](Node node) { return nodes_[node]; }
  const BlockNode& operator[](Node node) const { return nodes_[node]; }

  Node first() const { return nodes_[0].after; }
  void append(Node node) {
    const Node last = nodes_[0].before;
    nodes_[node].before = last;
    nodes_[node].after = no_node;
    nodes_[last].after = node;
    nodes_[0].before = node;
  }
  void remove(Node node) {
    const BlockNode& it = nodes_[node];
    nodes_[it.before].after = it.after;
    nodes_[it.after].before = it.before;
  }

 private:
  std::vector<BlockNode> nodes_;
  Node spare_ = no_node;
};

}  // namespace wordline::serve
