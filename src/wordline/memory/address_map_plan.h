// An address map compiled for speed: tables for runs of bits, multiplications for divisions, hashes in one packed word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "wordline/core/wide.h"
#include "wordline/memory/place.h"

namespace wordline::memory {

// The four numbers of a Place, in the order of its members.
enum class PlacePart : std::uint8_t { channel, bank, row, column };

// A field of an address map and its weight in the part of the place to which it belongs.
struct MapField {
  std::string name;
  std::int64_t size = 1;
  PlacePart part = PlacePart::channel;
  std::int64_t weight = 1;
};

// A digit of the block's number, and its weight in its field.
struct MapPiece {
  int field = 0;
  std::uint64_t size = 1;
  std::int64_t weight = 1;
};

// `bits` bits of `from`, from bit `low` on, xored into another field or added to it modulo its size.
struct MapHash {
  int into = 0, from = 0;
  int low = 0, bits = 31;
  bool adds = false;
};

// Exact division by a constant without a division: a multiplication by its inverse, rounded up (Granlund and Montgomery
// 1994), right for every number below 2^57.
class Divider {
 public:
  Divider() = default;
  // `by` is at least 2 and no power of two.
  explicit Divider(std::uint64_t by);
  std::uint64_t quotient(std::uint64_t n) const {
    return static_cast<std::uint64_t>(core::Uint128{n} * inverse_ >> 64) >> shift_;
  }
  std::uint64_t by() const { return by_; }

 private:
  std::uint64_t by_ = 1, inverse_ = 0;
  int shift_ = 0;
};

// The parts of a place, and the fields that are hashed on their own, lie as lanes in one 64-bit word. A run of digits
// that are powers of two is looked up eight bits at a time, a digit that is none costs a multiplication by an inverse.
class PlacePlan {
 public:
  static constexpr int most_block_bits = 57;  // byte addresses of 63 bits

  PlacePlan() = default;
  // Throws core::UsageError where the fields need more than 64 bits. The hashes must be valid.
  PlacePlan(const std::vector<MapField>& fields, const std::vector<MapPiece>& pieces,
            const std::vector<MapHash>& hashes);

  // The place of a block that the map has.
  Place place(std::uint64_t block) const {
    std::uint64_t word = 0;
    for (const Run& run : runs_) {
      const std::uint64_t* table = tables_.data() + run.table;
      for (std::uint64_t low = block & run.mask, n = run.chunks; n > 0; --n, low >>= 8, table += 256)
        word += table[low & 255];
      block >>= run.bits;
      if (run.unit == 0) continue;
      const std::uint64_t quotient = run.divider.quotient(block);
      word += (block - quotient * run.divider.by()) * run.unit;
      block = quotient;
    }
    word += block * top_unit_;
    for (const Step& step : steps_) word = after(step, word);
    return {static_cast<std::int32_t>(word >> lanes_[0].shift & lanes_[0].mask),
            static_cast<std::int32_t>(word >> lanes_[1].shift & lanes_[1].mask),
            static_cast<std::int32_t>(word >> lanes_[2].shift & lanes_[2].mask),
            static_cast<std::int32_t>(word >> lanes_[3].shift & lanes_[3].mask)};
  }

 private:
  struct Lane {
    int shift = 0;
    std::uint64_t mask = 0;
  };
  // Digits that are powers of two, `bits` in all, then one that is none, if `unit` is not 0.
  struct Run {
    std::size_t table = 0;  // of `chunks` tables of 256 words
    std::uint64_t chunks = 0;
    std::uint64_t mask = 0;
    int bits = 0;
    Divider divider;
    std::uint64_t unit = 0;  // of the digit that is none, in the word
  };
  enum class Kind : std::uint8_t { xor_bits, add_bits, add_modulo, fold };
  // One hash, or the folding of a lane of its own into its part, in place on the word.
  struct Step {
    Kind kind = Kind::xor_bits;
    Lane from, into;
    Divider divider;         // of add_modulo
    std::uint64_t unit = 0;  // of fold
  };
  static std::uint64_t after(const Step& step, std::uint64_t word) {
    const std::uint64_t bits = word >> step.from.shift & step.from.mask;
    if (step.kind == Kind::xor_bits) return word ^ bits << step.into.shift;
    if (step.kind == Kind::fold) return word + bits * step.unit;
    const std::uint64_t old = word >> step.into.shift & step.into.mask;
    std::uint64_t sum = old + bits;
    if (step.kind == Kind::add_bits)
      sum &= step.into.mask;
    else
      sum -= step.divider.quotient(sum) * step.divider.by();
    return word + ((sum - old) << step.into.shift);
  }
  void lay_lanes(const std::vector<MapField>& fields, const std::vector<MapHash>& hashes);
  void add_run(std::vector<MapPiece>& pieces);
  void add_hash(const std::vector<MapField>& fields, const MapHash& hash);
  std::uint64_t unit_of(const MapPiece& piece) const;

  std::vector<Run> runs_;
  std::vector<std::uint64_t> tables_;
  std::uint64_t top_unit_ = 0;
  std::vector<Step> steps_;
  Lane lanes_[4];
  std::vector<Lane> field_lanes_;           // where each field's value stands in the word, all its bits
  std::vector<std::uint64_t> field_units_;  // of a field's value in the word
};

}  // namespace wordline::memory
