// Which place of the memory holds a block: a string of fields, lowest first, with division fields and hashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "wordline/memory/address_map_plan.h"
#include "wordline/memory/place.h"
#include "wordline/memory/system.h"

namespace wordline::memory {

// A bijection between the blocks of a system and their places. Written as words from the lowest field to the highest:
//   "column:4 pseudochannel channel module bankgroup column bank sid row bank+=row"
// A field is module, channel, a level of the standard below the channel, row or column; "name:n" takes n values of it
// (any n that divides what is left), "name" all that is left. After the fields come hashes: "bank^=row[2:3]" xors bits
// 2 to 3 of the row into the bank (whose size must be a power of two), "bank+=row" adds modulo the size. Hashes are
// applied in their order; each reads what the ones before it left.
class AddressMap {
 public:
  // Throws core::UsageError for unknown or missing fields and sizes that do not divide.
  AddressMap(const System& system, const std::string& text);
  // The map that the system's settings name: a policy of policy/address_map, or the text of one.
  explicit AddressMap(const System& system);

  // The place of a block below blocks(). Compiled (address_map_plan.h): it is asked once an access.
  Place place(std::uint64_t block) const { return plan_.place(block); }
  // take(i, the place of block_at(i)) for each i below `count`.
  template <class BlockAt, class Take>
  void place_each(std::size_t count, const BlockAt& block_at, const Take& take) const {
    plan_.place_each(count, block_at, take);
  }
  std::uint64_t block(const Place& place) const;
  std::uint64_t blocks() const { return blocks_; }
  const std::string& text() const { return text_; }

 private:
  int field_of(const std::string& name) const;
  void add_piece(const std::string& word, std::vector<std::int64_t>& left);
  void add_hash(const std::string& word);
  [[noreturn]] void fail(const std::string& word, const std::string& wanted, const std::string& nearest = "") const;

  static constexpr int most_fields = 12;
  std::string text_;
  std::vector<MapField> fields_;  // module, channel, levels below, row, column
  std::vector<MapPiece> pieces_;
  std::vector<MapHash> hashes_;
  std::uint64_t blocks_ = 0;
  PlacePlan plan_;
};

// Names of the address maps in policy/address_map.
const std::vector<std::string>& address_map_names();

}  // namespace wordline::memory
