// The tree of a channel: channel / pseudochannel / stack id or rank / bank group / bank, with any sizes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wordline::dram {

// The sizes of one channel's tree. Level 0 is the channel itself (one node); the last level is the bank. Every node has
// a flat index within its level, counted depth first, so that a bank's flat index alone names all its ancestors. Sizes
// need not be powers of two (12-high stacks have 3 stack ids, 24 Gb dies 24,576 rows).
struct Geometry {
  std::vector<std::string> levels;  // "channel", ..., "bank": as the standard names them
  std::vector<int> sizes;           // children per parent; sizes[0] == 1
  std::vector<int> nodes;           // nodes of each level in the whole channel
  std::vector<int> banks_below;     // banks under one node of each level; 1 for the last level
  std::int32_t rows = 0;            // rows of a bank
  std::int32_t columns = 0;         // bursts of a row (a command's column is a burst's number in its row)
  std::int32_t burst_bytes = 0;     // bytes of one burst on one data path
  int channels = 1;                 // such channels in one stack, or sub-channels in one DIMM

  int depth() const { return static_cast<int>(levels.size()); }
  int bank_level() const { return depth() - 1; }
  // The level of ranks or stack ids: the parent of the bank groups.
  int rank_level() const { return depth() - 3; }
  int ranks() const { return nodes[static_cast<std::size_t>(rank_level())]; }
  int banks() const { return nodes.back(); }
  // The flat index of a bank's ancestor at `level`.
  int node(int level, int bank) const { return bank / banks_below[static_cast<std::size_t>(level)]; }
  // A bank's own number among its siblings at `level`: the field that an address or a trace shows.
  int field(int level, int bank) const { return node(level, bank) % sizes[static_cast<std::size_t>(level)]; }
  // The deepest level whose node both banks share: bank_level() for one and the same bank, 0 where only the channel is.
  int shared_level(int bank_a, int bank_b) const;
  // The flat bank of one field per level (fields[0] is the channel's, 0). Throws InputError for a field out of range.
  int bank_of(const std::vector<int>& fields) const;
  // The level's number, or -1.
  int level_of(const std::string& name) const;
  // Bytes of one channel.
  std::int64_t bytes() const { return std::int64_t{banks()} * rows * columns * burst_bytes; }

  // Fills nodes and banks_below from levels and sizes.
  void finish();
};

}  // namespace wordline::dram
