// An address map compiled for speed: tables for runs of bits, multiplications for divisions, hashes in one packed word.
#pragma once

#include <bit>
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

// A place is the sum of what each bit of the block's number adds to it: looked up seven bits at a time where digits are
// powers of two; a digit that is none is cut out by a multiplication with an inverse, then looked up likewise. The sum
// is a bitwise one (xor) where there are hashes that xor, an ordinary one else; hashes of that kind lie in the tables,
// what does not fit is applied to the sum. Fields whose bits would overlap with others' stand above their part and are
// moved into it at the end.
class PlacePlan {
 public:
  static constexpr int most_block_bits = 57;  // byte addresses of 63 bits

  PlacePlan() = default;
  // Throws core::UsageError where a part of the place would need more than 32 bits. The hashes must be valid.
  PlacePlan(const std::vector<MapField>& fields, const std::vector<MapPiece>& pieces,
            const std::vector<MapHash>& hashes);

  // The place of a block that the map has.
  Place place(std::uint64_t block) const { return placed(xors_ ? sum<true>(block) : sum<false>(block)); }
  // take(i, the place of block_at(i)) for each i below `count`. Neighbours cost less: they differ in one table only.
  template <class BlockAt, class Take>
  void place_each(std::size_t count, const BlockAt& block_at, const Take& take) const {
    if (xors_) return place_each<true, false>(count, block_at, take);
    const bool as_they_are = steps_.empty() && last_.shift == 0;
    as_they_are ? place_each<false, true>(count, block_at, take) : place_each<false, false>(count, block_at, take);
  }

 private:
  using Lanes = std::uint32_t __attribute__((vector_size(16)));  // channel, bank, row, column
  static constexpr int chunk_bits = 7;
  static constexpr std::size_t chunk_size = 1 << chunk_bits;

  // Where a field's value stands in a part of the place.
  struct Lane {
    int part = 0, shift = 0;
    std::uint32_t mask = 0;
  };
  // Digits that are powers of two, `bits` in all, then, where digit_chunks is not 0, one that is none.
  struct Run {
    std::size_t table = 0, chunks = 0;
    std::uint64_t mask = 0;
    int bits = 0;
    std::size_t digit_table = 0, digit_chunks = 0;
    Divider divider;
  };
  enum class Kind : std::uint8_t { fold, xor_bits, add_bits, add_modulo };
  // Moves what stands above `below` down: part = part's low bits + (part >> shift) * weight.
  struct Fold {
    std::uint32_t below = ~std::uint32_t{0}, weight = 0;
    int shift = 0;
  };
  // One hash, or a fold, in place.
  struct Step {
    Kind kind = Kind::xor_bits;
    Lane from, into;
    Fold fold;
    Divider divider;  // of add_modulo
  };

  // One word of each of `chunks` tables, by seven bits of `bits` each, added up. (A jump in, no loop: it is the hot
  // path.)
  template <bool xors>
  static Lanes looked_up(Lanes lanes, const Lanes* tables, std::size_t chunks, std::uint64_t bits) {
    const std::uint64_t offsets = bits * sizeof(Lanes);
    const auto add = [&](Lanes to, int chunk) {
      const std::size_t offset = offsets >> chunk * chunk_bits & (chunk_size - 1) * sizeof(Lanes);
      const auto* table = reinterpret_cast<const unsigned char*>(tables + static_cast<std::size_t>(chunk) * chunk_size);
      const Lanes& word = *reinterpret_cast<const Lanes*>(table + offset);
      return xors ? to ^ word : to + word;
    };
    switch (chunks) {
      case 9:
        lanes = add(lanes, 8);
        [[fallthrough]];
      case 8:
        lanes = add(lanes, 7);
        [[fallthrough]];
      case 7:
        lanes = add(lanes, 6);
        [[fallthrough]];
      case 6:
        lanes = add(lanes, 5);
        [[fallthrough]];
      case 5:
        lanes = add(lanes, 4);
        [[fallthrough]];
      case 4:
        lanes = add(lanes, 3);
        [[fallthrough]];
      case 3:
        lanes = add(lanes, 2);
        [[fallthrough]];
      case 2:
        lanes = add(lanes, 1);
        [[fallthrough]];
      case 1:
        lanes = add(lanes, 0);
        [[fallthrough]];
      default:
        return lanes;
    }
  }
  template <bool xors>
  Lanes sum(std::uint64_t block) const {
    Lanes lanes{};
    for (const Run *run = runs_.data(), *end = run + runs_.size(); run != end; ++run) {
      lanes = looked_up<xors>(lanes, tables_.data() + run->table, run->chunks, block & run->mask);
      if (run->digit_chunks == 0) break;
      block >>= run->bits;
      const std::uint64_t quotient = run->divider.quotient(block);
      const std::uint64_t digit = block - quotient * run->divider.by();
      lanes = looked_up<xors>(lanes, tables_.data() + run->digit_table, run->digit_chunks, digit);
      block = quotient;
    }
    return lanes;
  }
  [[gnu::always_inline]] Place placed(const Lanes& lanes) const {
    Place place = std::bit_cast<Place>(lanes);
    if (!steps_.empty()) apply_steps(place);
    const auto bank = static_cast<std::uint32_t>(place.bank);
    place.bank = static_cast<std::int32_t>((bank & last_.below) + (bank >> last_.shift) * last_.weight);
    return place;
  }
  // `as_they_are`: the sums are the places.
  template <bool xors, bool as_they_are, class BlockAt, class Take>
  void place_each(std::size_t count, const BlockAt& block_at, const Take& take) const {
    // The lowest bits have a table of their own, if no digit cuts through them.
    const Lanes* const low = tables_.data() + (runs_.empty() ? 0 : runs_.front().table);
    const bool own_table = !runs_.empty() && (runs_.front().digit_chunks == 0 || runs_.front().bits >= chunk_bits) &&
                           runs_.front().chunks > 0 && runs_.front().mask % chunk_size == chunk_size - 1;
    std::uint64_t high = ~std::uint64_t{0};
    Lanes rest{};
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t block = block_at(i);
      if (!own_table) {
        take(i, placed(sum<xors>(block)));
        continue;
      }
      if (block >> chunk_bits != high) {
        high = block >> chunk_bits;
        rest = sum<xors>(high << chunk_bits);
      }
      const Lanes& word = low[block % chunk_size];
      const Lanes lanes = xors ? rest ^ word : rest + word;
      take(i, as_they_are ? std::bit_cast<Place>(lanes) : placed(lanes));
    }
  }
  void apply_steps(Place& place) const;

  struct Builder;
  bool xors_ = false;
  std::vector<Run> runs_;
  std::vector<Lanes> tables_;
  std::vector<Step> steps_;
  Fold last_;  // of the bank
};

}  // namespace wordline::memory
