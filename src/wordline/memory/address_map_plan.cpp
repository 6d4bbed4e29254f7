#include "wordline/memory/address_map_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "wordline/core/error.h"

namespace wordline::memory {

namespace {

// Bits that hold every number below n.
int bits_below(std::int64_t n) { return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n - 1))); }

bool is_power(std::int64_t n) { return std::has_single_bit(static_cast<std::uint64_t>(n)); }

int log2_of(std::int64_t n) { return std::countr_zero(static_cast<std::uint64_t>(n)); }

std::uint64_t ones(int bits) { return (std::uint64_t{1} << bits) - 1; }

std::uint32_t ones32(int bits) { return static_cast<std::uint32_t>(ones(bits)); }

}  // namespace

Divider::Divider(std::uint64_t by) : by_(by) {
  const int bits = bits_below(static_cast<std::int64_t>(by));  // 2^(bits-1) < by < 2^bits
  const core::Uint128 power = core::Uint128{1} << (PlacePlan::most_block_bits + bits);
  inverse_ = static_cast<std::uint64_t>((power + by - 1) / by) << 6;  // (2^57, 2^58] before
  shift_ = bits - 1;
}

// Decides which hashes lie in the tables and where each field's value stands, then writes the tables.
struct PlacePlan::Builder {
  PlacePlan& plan;
  const std::vector<MapField>& fields;
  const std::vector<MapPiece>& pieces;
  const std::vector<MapHash>& hashes;
  std::vector<bool> in_tables = {};       // by hash
  std::vector<Lane> lanes = {};           // of each field
  std::vector<std::uint32_t> units = {};  // of each field's value in its part

  const MapField& field(int f) const { return fields[static_cast<std::size_t>(f)]; }

  template <class Test>
  bool any_hash(Test test) const {
    return std::any_of(hashes.begin(), hashes.end(), test);
  }
  bool is_hashed(int f) const {
    return any_hash([&](const MapHash& hash) { return hash.into == f; });
  }
  bool is_read(int f) const {
    return any_hash([&](const MapHash& hash) { return hash.from == f; });
  }
  // Whether each bit of the field's value is a bit of the block's number or of one digit's.
  bool has_own_bits(int f) const {
    return std::all_of(pieces.begin(), pieces.end(),
                       [&](const MapPiece& piece) { return piece.field != f || is_power(piece.weight); });
  }
  // Whether the field is the uppermost of its part: nothing stands above its bits there.
  bool is_top(const MapField& of) const {
    return std::none_of(fields.begin(), fields.end(), [&](const MapField& other) {
      return other.part == of.part && other.weight > of.weight && other.size > 1;
    });
  }

  // A bitwise sum is right where no two digits share a bit. Hashes that add are applied after it, so they must not
  // touch what the others hash or are hashed from.
  bool sums_bitwise() const {
    for (std::size_t f = 0; f < fields.size(); ++f)
      if (!has_own_bits(static_cast<int>(f))) return false;
    for (const MapHash& adding : hashes)
      if (adding.adds && any_hash([&](const MapHash& hash) {
            return !hash.adds && (hash.into == adding.into || hash.from == adding.into || hash.into == adding.from);
          }))
        return false;
    return any_hash([](const MapHash& hash) { return !hash.adds; });
  }
  // Whether an ordinary sum modulo the field's size does what its hashes want: the top of a 32-bit word does that.
  bool sums_modulo(int f) const {
    if (plan.xors_ || !is_hashed(f) || is_read(f) || field(f).size == 1 || !is_power(field(f).size)) return false;
    return !any_hash([&](const MapHash& hash) {
      const bool whole = hash.low == 0 && hash.bits >= log2_of(field(f).size);
      return hash.into == f && (!hash.adds || is_hashed(hash.from) || !(whole || has_own_bits(hash.from)));
    });
  }

  void build() {
    plan.xors_ = sums_bitwise();
    for (const MapHash& hash : hashes) in_tables.push_back(plan.xors_ ? !hash.adds : sums_modulo(hash.into));
    lay_lanes();
    std::vector<MapPiece> left(pieces.rbegin(), pieces.rend());  // the highest first
    while (!left.empty()) add_run(left);
  }

  void lay_lanes() {
    int used[4];
    bool full[4] = {};
    for (int part = 0; part < 4; ++part) {
      std::int64_t size = 1;
      for (const MapField& of : fields)
        if (static_cast<int>(of.part) == part) size *= of.size;
      used[part] = bits_below(size);
    }
    std::vector<Step> folds;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const MapField& of = fields[f];
      const int id = static_cast<int>(f), part = static_cast<int>(of.part), bits = bits_below(of.size);
      const bool readable = is_power(of.weight) && (is_power(of.size) || is_top(of));
      const bool modulo = sums_modulo(id) && !full[part];
      Lane lane{part, 0, ones32(bits)};
      std::uint32_t unit = static_cast<std::uint32_t>(of.weight);
      if (modulo || (!readable && (is_hashed(id) || is_read(id))) || (plan.xors_ && !is_power(of.weight) && bits > 0)) {
        lane.shift = modulo ? 32 - bits : used[part];
        used[part] += bits;
        full[part] = full[part] || modulo;
        if (used[part] > 32)
          throw core::UsageError(fmt::format(
              "address map: {} and what it is hashed with need {} bits; wanted at most 32", of.name, used[part]));
        unit = std::uint32_t{1} << lane.shift;
        folds.push_back(
            {Kind::fold, lane, lane, {ones32(lane.shift), static_cast<std::uint32_t>(of.weight), lane.shift}, {}});
      } else if (is_power(of.weight)) {
        lane.shift = log2_of(of.weight);
      }
      if (sums_modulo(id) && !modulo)  // its place at the top is taken: hashed as it stands
        for (std::size_t h = 0; h < hashes.size(); ++h)
          if (hashes[h].into == id) in_tables[h] = false;
      lanes.push_back(lane);
      units.push_back(unit);
    }
    for (std::size_t h = 0; h < hashes.size(); ++h)
      if (!in_tables[h]) add_step(hashes[h]);
    const auto of_bank = [](const Step& fold) { return fold.into.part == static_cast<int>(PlacePart::bank); };
    // The highest first: what it leaves is what stands below it.
    std::sort(folds.begin(), folds.end(), [](const Step& a, const Step& b) { return a.from.shift > b.from.shift; });
    if (const auto bank = std::find_if(folds.rbegin(), folds.rend(), of_bank); bank != folds.rend()) {
      plan.last_ = bank->fold;
      folds.erase(std::next(bank).base());
    }
    plan.steps_.insert(plan.steps_.end(), folds.begin(), folds.end());
  }

  void add_step(const MapHash& hash) {
    Step step;
    step.from = lanes[static_cast<std::size_t>(hash.from)];
    step.from.mask = hash.low > 31 ? 0 : step.from.mask >> hash.low & ones32(hash.bits);
    step.into = lanes[static_cast<std::size_t>(hash.into)];
    const std::int64_t size = field(hash.into).size;
    if (size == 1 || step.from.mask == 0) return;
    step.from.shift += hash.low;
    step.kind = !hash.adds ? Kind::xor_bits : is_power(size) ? Kind::add_bits : Kind::add_modulo;
    if (step.kind == Kind::xor_bits) step.from.mask &= step.into.mask;
    if (step.kind == Kind::add_modulo) step.divider = Divider(static_cast<std::uint64_t>(size));
    plan.steps_.push_back(step);
  }

  // What bit `bit` of a digit adds to the place, the hashes of the tables included.
  Lanes unit_of(const MapPiece& piece, int bit) const {
    std::vector<std::uint64_t> values(fields.size(), 0);
    values[static_cast<std::size_t>(piece.field)] = static_cast<std::uint64_t>(piece.weight) << bit;
    for (std::size_t h = 0; h < hashes.size(); ++h) {
      if (!in_tables[h]) continue;
      const std::uint64_t bits =
          values[static_cast<std::size_t>(hashes[h].from)] >> hashes[h].low & ones(hashes[h].bits);
      std::uint64_t& into = values[static_cast<std::size_t>(hashes[h].into)];
      const std::uint64_t mask = static_cast<std::uint64_t>(field(hashes[h].into).size) - 1;
      into = hashes[h].adds ? (into + bits) & mask : into ^ (bits & mask);
    }
    Lanes sum{};
    for (std::size_t f = 0; f < fields.size(); ++f)
      sum[lanes[f].part] += static_cast<std::uint32_t>(values[f]) * units[f];
    return sum;
  }

  std::size_t add_tables(const std::vector<Lanes>& bit_units) {
    const std::size_t at = plan.tables_.size();
    for (std::size_t first = 0; first < bit_units.size(); first += chunk_bits)
      for (std::size_t value = 0; value < chunk_size; ++value) {
        Lanes sum{};
        for (std::size_t bit = first; bit < std::min(bit_units.size(), first + chunk_bits); ++bit)
          if (value >> (bit - first) & 1) sum = plan.xors_ ? sum ^ bit_units[bit] : sum + bit_units[bit];
        plan.tables_.push_back(sum);
      }
    return at;
  }

  // Takes digits from the back of `left` up to the first that is no power of two. The highest digit needs no division.
  void add_run(std::vector<MapPiece>& left) {
    const auto chunks_of = [](std::size_t bits) { return (bits + chunk_bits - 1) / chunk_bits; };
    Run run;
    std::vector<Lanes> bit_units;
    const auto take = [&] {
      for (int bit = 0; bit < bits_below(static_cast<std::int64_t>(left.back().size)); ++bit)
        bit_units.push_back(unit_of(left.back(), bit));
      left.pop_back();
    };
    while (!left.empty() && (left.size() == 1 || std::has_single_bit(left.back().size))) take();
    run.bits = static_cast<int>(bit_units.size());
    run.mask = ones(run.bits);
    run.chunks = chunks_of(bit_units.size());
    run.table = add_tables(bit_units);
    if (!left.empty()) {
      bit_units.clear();
      run.divider = Divider(left.back().size);
      take();
      run.digit_chunks = chunks_of(bit_units.size());
      run.digit_table = add_tables(bit_units);
    }
    plan.runs_.push_back(run);
  }
};

void PlacePlan::apply_steps(Place& place) const {
  std::uint32_t parts[4];
  std::memcpy(parts, &place, sizeof parts);
  for (const Step& step : steps_) {
    std::uint32_t& part = parts[step.into.part];
    const std::uint32_t bits = parts[step.from.part] >> step.from.shift & step.from.mask;
    const std::uint32_t old = part >> step.into.shift & step.into.mask;
    std::uint64_t sum = std::uint64_t{old} + bits;
    switch (step.kind) {
      case Kind::fold:
        part = (part & step.fold.below) + (part >> step.fold.shift) * step.fold.weight;
        continue;
      case Kind::xor_bits:
        part ^= bits << step.into.shift;
        continue;
      case Kind::add_bits:
        sum &= step.into.mask;
        break;
      case Kind::add_modulo:
        sum -= step.divider.quotient(sum) * step.divider.by();
        break;
    }
    part += (static_cast<std::uint32_t>(sum) - old) << step.into.shift;
  }
  std::memcpy(&place, parts, sizeof parts);
}

PlacePlan::PlacePlan(const std::vector<MapField>& fields, const std::vector<MapPiece>& pieces,
                     const std::vector<MapHash>& hashes) {
  Builder{*this, fields, pieces, hashes}.build();
}

}  // namespace wordline::memory
