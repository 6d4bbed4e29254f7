#include "wordline/memory/address_map_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "wordline/core/error.h"

namespace wordline::memory {

namespace {

bool is_power(std::int64_t n) { return std::has_single_bit(static_cast<std::uint64_t>(n)); }

// Bits that hold every number below n.
int bits_below(std::int64_t n) { return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n - 1))); }

int log2_of(std::int64_t n) { return std::countr_zero(static_cast<std::uint64_t>(n)); }

std::uint64_t ones(int bits) { return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1; }

// Whether a field is the uppermost of its part: nothing stands above its bits there.
bool is_top(const std::vector<MapField>& fields, const MapField& field) {
  return std::none_of(fields.begin(), fields.end(), [&](const MapField& other) {
    return other.part == field.part && other.weight > field.weight && other.size > 1;
  });
}

// Whether a field's value can be read from its part's bits.
bool stands_in_part(const std::vector<MapField>& fields, const MapField& field) {
  return is_power(field.weight) && (is_power(field.size) || is_top(fields, field));
}

}  // namespace

Divider::Divider(std::uint64_t by) : by_(by) {
  const int bits = bits_below(static_cast<std::int64_t>(by));  // 2^(bits-1) < by < 2^bits
  const core::Uint128 power = core::Uint128{1} << (PlacePlan::most_block_bits + bits);
  inverse_ = static_cast<std::uint64_t>((power + by - 1) / by) << 6;  // (2^57, 2^58] before
  shift_ = bits - 1;
}

PlacePlan::PlacePlan(const std::vector<MapField>& fields, const std::vector<MapPiece>& pieces,
                     const std::vector<MapHash>& hashes) {
  lay_lanes(fields, hashes);
  std::vector<MapPiece> left;  // the highest first; neighbours of one field are one digit
  for (const MapPiece& piece : pieces) {
    if (!left.empty() && left.back().field == piece.field)
      left.back().size *= piece.size;
    else
      left.push_back(piece);
  }
  std::reverse(left.begin(), left.end());
  while (left.size() > 1) add_run(left);
  if (!left.empty()) top_unit_ = unit_of(left.back());
}

void PlacePlan::lay_lanes(const std::vector<MapField>& fields, const std::vector<MapHash>& hashes) {
  int at = 0;
  const auto lane = [&](std::int64_t size) {
    const int bits = bits_below(size);
    const Lane out{at < 64 ? at : 0, ones(bits)};
    at += bits;
    return out;
  };
  for (int part = 0; part < 4; ++part) {
    std::int64_t size = 1;
    for (const MapField& field : fields)
      if (static_cast<int>(field.part) == part) size *= field.size;
    lanes_[part] = lane(size);
  }
  std::vector<Step> folds;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const MapField& field = fields[f];
    const Lane& part = lanes_[static_cast<int>(field.part)];
    const std::uint64_t unit = static_cast<std::uint64_t>(field.weight) << part.shift;
    const bool hashed = std::any_of(hashes.begin(), hashes.end(), [&](const MapHash& hash) {
      return hash.into == static_cast<int>(f) || hash.from == static_cast<int>(f);
    });
    if (hashed && !stands_in_part(fields, field)) {
      const Lane own = lane(field.size);
      folds.push_back({.kind = Kind::fold, .from = own, .into = {}, .divider = {}, .unit = unit});
      field_lanes_.push_back(own);
      field_units_.push_back(std::uint64_t{1} << own.shift);
    } else {
      const int shift = is_power(field.weight) ? part.shift + log2_of(field.weight) : 0;  // else never read
      field_lanes_.push_back({shift, ones(bits_below(field.size))});
      field_units_.push_back(unit);
    }
  }
  if (at > 64) throw core::UsageError(fmt::format("address map: its fields need {} bits; wanted at most 64", at));
  for (const MapHash& hash : hashes) add_hash(fields, hash);
  steps_.insert(steps_.end(), folds.begin(), folds.end());
}

std::uint64_t PlacePlan::unit_of(const MapPiece& piece) const {
  return static_cast<std::uint64_t>(piece.weight) * field_units_[static_cast<std::size_t>(piece.field)];
}

// Takes digits from the back of `pieces` up to the first that is no power of two, but leaves the highest.
void PlacePlan::add_run(std::vector<MapPiece>& pieces) {
  Run run;
  run.table = tables_.size();
  std::vector<std::uint64_t> bit_units;
  for (; pieces.size() > 1 && std::has_single_bit(pieces.back().size); pieces.pop_back())
    for (int bit = 0; bit < std::countr_zero(pieces.back().size); ++bit)
      bit_units.push_back(unit_of(pieces.back()) << bit);
  run.bits = static_cast<int>(bit_units.size());
  run.mask = ones(run.bits);
  run.chunks = (bit_units.size() + 7) / 8;
  bit_units.resize(run.chunks * 8);
  for (std::size_t chunk = 0; chunk < run.chunks; ++chunk)
    for (std::size_t value = 0; value < 256; ++value) {
      std::uint64_t sum = 0;
      for (std::size_t bit = 0; bit < 8; ++bit)
        if (value >> bit & 1) sum += bit_units[chunk * 8 + bit];
      tables_.push_back(sum);
    }
  if (pieces.size() > 1) {
    run.divider = Divider(pieces.back().size);
    run.unit = unit_of(pieces.back());
    pieces.pop_back();
  }
  runs_.push_back(run);
}

void PlacePlan::add_hash(const std::vector<MapField>& fields, const MapHash& hash) {
  Step step;
  step.from = field_lanes_[static_cast<std::size_t>(hash.from)];
  step.from.mask = step.from.mask >> hash.low & ones(hash.bits);
  step.from.shift = step.from.mask ? step.from.shift + hash.low : 0;
  step.into = field_lanes_[static_cast<std::size_t>(hash.into)];
  const std::int64_t size = fields[static_cast<std::size_t>(hash.into)].size;
  if (size == 1 || step.from.mask == 0) return;
  step.kind = !hash.adds ? Kind::xor_bits : is_power(size) ? Kind::add_bits : Kind::add_modulo;
  if (step.kind == Kind::xor_bits) step.from.mask &= step.into.mask;
  if (step.kind == Kind::add_modulo) step.divider = Divider(static_cast<std::uint64_t>(size));
  steps_.push_back(step);
}

}  // namespace wordline::memory
