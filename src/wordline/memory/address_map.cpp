#include "wordline/memory/address_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <sstream>

#include "wordline/core/error.h"

namespace wordline::memory {

namespace {

constexpr std::int64_t most_row_bit = 30;

// A whole number that fills the text, or -1.
std::int64_t whole(std::string_view text) {
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : -1;
}

// Module, channel, the levels below it, row and column.
std::vector<MapField> fields_of(const System& system) {
  const auto& geometry = system.module.part->standard.geometry;
  std::vector<MapField> fields{{"module", system.count, PlacePart::channel, geometry.channels},
                               {"channel", geometry.channels, PlacePart::channel, 1}};
  for (std::size_t level = 1; level < geometry.levels.size(); ++level)
    fields.push_back({geometry.levels[level], geometry.sizes[level], PlacePart::bank, geometry.banks_below[level]});
  fields.push_back({"row", geometry.rows, PlacePart::row, 1});
  fields.push_back({"column", geometry.columns / system.bursts(), PlacePart::column, 1});
  return fields;
}

std::int64_t without_hash(const MapHash& hash, std::int64_t size, const std::vector<std::int64_t>& values) {
  const std::int64_t old = values[static_cast<std::size_t>(hash.into)];
  const std::int64_t from = values[static_cast<std::size_t>(hash.from)] >> hash.low;
  const std::int64_t bits = from & ((std::int64_t{1} << hash.bits) - 1);
  return hash.adds ? (old + size - bits % size) % size : old ^ (bits & (size - 1));
}

}  // namespace

AddressMap::AddressMap(const System& system, const std::string& text) : text_(text), fields_(fields_of(system)) {
  if (fields_.size() > most_fields)
    throw core::InputError("address map: more levels than " + std::to_string(most_fields));
  std::vector<std::int64_t> left;
  blocks_ = 1;
  int bits = 0;  // at least log2 of the blocks
  for (const MapField& field : fields_) {
    left.push_back(field.size);
    blocks_ *= static_cast<std::uint64_t>(field.size);
    bits += static_cast<int>(std::bit_width(static_cast<std::uint64_t>(field.size - 1)));
    if (field.size < 1 || bits > PlacePlan::most_block_bits)
      throw core::UsageError(fmt::format("address map: the memory has more than 2^{} blocks or no {} at all",
                                         PlacePlan::most_block_bits, field.name));
  }
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word.find('=') == std::string::npos)
      add_piece(word, left);
    else
      add_hash(word);
  }
  for (std::size_t f = 0; f < fields_.size(); ++f)
    if (left[f] > 1)
      fail(fields_[f].name, fmt::format("all {} values of it placed; {} are left", fields_[f].size, left[f]));
  plan_ = PlacePlan(fields_, pieces_, hashes_);
}

void AddressMap::fail(const std::string& word, const std::string& wanted, const std::string& nearest) const {
  throw core::UsageError(fmt::format("address map \"{}\": found {}; wanted {}{}", text_, word, wanted,
                                     nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

int AddressMap::field_of(const std::string& name) const {
  std::vector<std::string> names;
  for (const MapField& field : fields_) names.push_back(field.name);
  const auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end()) fail(name, fmt::format("one of {}", fmt::join(names, ", ")), core::nearest_name(name, names));
  return static_cast<int>(it - names.begin());
}

void AddressMap::add_piece(const std::string& word, std::vector<std::int64_t>& left) {
  const auto colon = word.find(':');
  const int field = field_of(word.substr(0, colon));
  const auto f = static_cast<std::size_t>(field);
  const std::int64_t size = colon == std::string::npos ? left[f] : whole(word.substr(colon + 1));
  if (size < 1 || left[f] % size != 0) fail(word, fmt::format("a size that divides {}", left[f]));
  if (size == 1) return;
  pieces_.push_back({.field = field, .size = static_cast<std::uint64_t>(size), .weight = fields_[f].size / left[f]});
  left[f] /= size;
}

void AddressMap::add_hash(const std::string& word) {
  const auto equals = word.find('=');
  if (equals < 2 || (word[equals - 1] != '^' && word[equals - 1] != '+'))
    fail(word, "\"field^=field\" or \"field+=field\"");
  MapHash hash{.into = field_of(word.substr(0, equals - 1)), .adds = word[equals - 1] == '+'};
  std::string from = word.substr(equals + 1);
  if (const auto open = from.find('['); open != std::string::npos) {
    const auto colon = from.find(':', open);
    const std::int64_t low = colon == std::string::npos ? -1 : whole(from.substr(open + 1, colon - open - 1));
    const std::int64_t high = colon == std::string::npos ? -1 : whole(from.substr(colon + 1, from.size() - colon - 2));
    if (low < 0 || high < low || high > most_row_bit || from.back() != ']') fail(word, "bits as in \"row[2:3]\"");
    hash.low = static_cast<int>(low);
    hash.bits = static_cast<int>(high - low + 1);
    from.resize(open);
  }
  hash.from = field_of(from);
  if (hash.from == hash.into) fail(word, "two different fields");
  const auto size = static_cast<std::uint64_t>(fields_[static_cast<std::size_t>(hash.into)].size);
  if (!hash.adds && !std::has_single_bit(size)) fail(word, fmt::format("\"+=\": the size {} is no power of two", size));
  hashes_.push_back(hash);
}

std::uint64_t AddressMap::block(const Place& place) const {
  const std::int64_t parts[] = {place.channel, place.bank, place.row, place.column};
  std::vector<std::int64_t> values;
  for (const MapField& field : fields_)
    values.push_back(parts[static_cast<std::size_t>(field.part)] / field.weight % field.size);
  for (auto hash = hashes_.rbegin(); hash != hashes_.rend(); ++hash) {
    const auto into = static_cast<std::size_t>(hash->into);
    values[into] = without_hash(*hash, fields_[into].size, values);
  }
  std::uint64_t block = 0;
  for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
    const std::int64_t value = values[static_cast<std::size_t>(piece->field)];
    block = block * piece->size + static_cast<std::uint64_t>(value / piece->weight) % piece->size;
  }
  return block;
}

}  // namespace wordline::memory
