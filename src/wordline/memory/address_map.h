// Which place of the memory holds a block: a string of fields, lowest first, with division fields and hashes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wordline/memory/system.h"

namespace wordline::memory {

// Where a 64-byte block lies. `column` counts blocks in the row.
struct Place {
  std::int32_t channel = 0;  // of the whole system: module * channels of a module + channel
  std::int32_t bank = 0;     // flat in its channel, as dram::Geometry counts
  std::int32_t row = 0;
  std::int32_t column = 0;
  bool operator==(const Place&) const = default;
};

// A bijection between the blocks of a system and their places. Written as words from the lowest field to the highest:
//   "column:4 pseudochannel channel module bankgroup column bank sid row bank+=row"
// A field is module, channel, a level of the standard below the channel, row or column; "name:n" takes n values of it
// (any n that divides what is left), "name" all that is left. After the fields come hashes: "bank^=row[2:3]" xors bits
// 2 to 3 of the row into the bank (whose size must be a power of two), "bank+=row" adds modulo the size.
class AddressMap {
 public:
  // Throws core::UsageError for unknown or missing fields and sizes that do not divide.
  AddressMap(const System& system, const std::string& text);
  // The map that the system's settings name: a policy of policy/address_map, or the text of one.
  explicit AddressMap(const System& system);

  Place place(std::uint64_t block) const;
  std::uint64_t block(const Place& place) const;
  std::uint64_t blocks() const { return blocks_; }
  const std::string& text() const { return text_; }

 private:
  struct Piece {  // a digit of the block's number
    int field;
    std::uint64_t size;
    std::int32_t weight;  // of the digit in its field
    int shift;            // log2(size), or -1 where size is no power of two
  };
  struct Hash {
    int into, from;
    int low, bits;  // of `from`
    bool adds;
  };
  int field_of(const std::string& name) const;
  void add_piece(const std::string& word, std::vector<std::int64_t>& left);
  void add_hash(const std::string& word);
  std::int32_t hashed(const Hash& hash, const std::int32_t* values, bool forward) const;
  [[noreturn]] void fail(const std::string& word, const std::string& wanted, const std::string& nearest = "") const;

  static constexpr int most_fields = 12;
  std::string text_;
  std::vector<std::string> names_;          // module, channel, levels below, row, column
  std::vector<std::int64_t> sizes_;         // of each field
  std::vector<std::int32_t> bank_weights_;  // of each field in Place::bank; 0 where it is no part of it
  std::vector<Piece> pieces_;
  std::vector<Hash> hashes_;
  std::uint64_t blocks_ = 0;
};

// Names of the address maps in policy/address_map.
const std::vector<std::string>& address_map_names();

}  // namespace wordline::memory
