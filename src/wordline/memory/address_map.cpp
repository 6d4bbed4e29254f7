#include "wordline/memory/address_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <sstream>

#include "wordline/core/error.h"

namespace wordline::memory {

namespace {

constexpr int module_field = 0, channel_field = 1;

// A whole number that fills the text, or -1.
std::int64_t whole(std::string_view text) {
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : -1;
}

}  // namespace

AddressMap::AddressMap(const System& system, const std::string& text) : text_(text) {
  const auto& geometry = system.module.part->standard.geometry;
  names_ = {"module", "channel"};
  sizes_ = {system.count, geometry.channels};
  bank_weights_ = {0, 0};
  for (int level = 1; level < geometry.depth(); ++level) {
    const auto l = static_cast<std::size_t>(level);
    names_.push_back(geometry.levels[l]);
    sizes_.push_back(geometry.sizes[l]);
    bank_weights_.push_back(geometry.banks_below[l]);
  }
  names_.insert(names_.end(), {"row", "column"});
  sizes_.insert(sizes_.end(), {geometry.rows, geometry.columns / system.bursts()});
  bank_weights_.insert(bank_weights_.end(), {0, 0});
  if (names_.size() > most_fields)
    throw core::InputError("address map: more levels than " + std::to_string(most_fields));

  auto left = sizes_;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word.find('=') == std::string::npos)
      add_piece(word, left);
    else
      add_hash(word);
  }
  blocks_ = 1;
  for (std::size_t f = 0; f < sizes_.size(); ++f) {
    if (left[f] > 1) fail(names_[f], fmt::format("all {} values of it placed; {} are left", sizes_[f], left[f]));
    blocks_ *= static_cast<std::uint64_t>(sizes_[f]);
  }
}

void AddressMap::fail(const std::string& word, const std::string& wanted, const std::string& nearest) const {
  throw core::UsageError(fmt::format("address map \"{}\": found {}; wanted {}{}", text_, word, wanted,
                                     nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

int AddressMap::field_of(const std::string& name) const {
  const auto it = std::find(names_.begin(), names_.end(), name);
  if (it == names_.end())
    fail(name, fmt::format("one of {}", fmt::join(names_, ", ")), core::nearest_name(name, names_));
  return static_cast<int>(it - names_.begin());
}

void AddressMap::add_piece(const std::string& word, std::vector<std::int64_t>& left) {
  const auto colon = word.find(':');
  const int field = field_of(word.substr(0, colon));
  const auto f = static_cast<std::size_t>(field);
  const std::int64_t size = colon == std::string::npos ? left[f] : whole(word.substr(colon + 1));
  if (size < 1 || left[f] % size != 0) fail(word, fmt::format("a size that divides {}", left[f]));
  if (size == 1) return;
  const bool power = std::has_single_bit(static_cast<std::uint64_t>(size));
  pieces_.push_back({.field = field,
                     .size = static_cast<std::uint64_t>(size),
                     .weight = static_cast<std::int32_t>(sizes_[f] / left[f]),
                     .shift = power ? std::countr_zero(static_cast<std::uint64_t>(size)) : -1});
  left[f] /= size;
}

void AddressMap::add_hash(const std::string& word) {
  const auto equals = word.find('=');
  if (equals < 2 || (word[equals - 1] != '^' && word[equals - 1] != '+'))
    fail(word, "\"field^=field\" or \"field+=field\"");
  Hash hash{
      .into = field_of(word.substr(0, equals - 1)), .from = 0, .low = 0, .bits = 31, .adds = word[equals - 1] == '+'};
  std::string from = word.substr(equals + 1);
  if (const auto open = from.find('['); open != std::string::npos) {
    const auto colon = from.find(':', open);
    const std::int64_t low = colon == std::string::npos ? -1 : whole(from.substr(open + 1, colon - open - 1));
    const std::int64_t high = colon == std::string::npos ? -1 : whole(from.substr(colon + 1, from.size() - colon - 2));
    if (low < 0 || high < low || high > 30 || from.back() != ']') fail(word, "bits as in \"row[2:3]\"");
    hash.low = static_cast<int>(low);
    hash.bits = static_cast<int>(high - low + 1);
    from.resize(open);
  }
  hash.from = field_of(from);
  if (hash.from == hash.into) fail(word, "two different fields");
  const auto size = static_cast<std::uint64_t>(sizes_[static_cast<std::size_t>(hash.into)]);
  if (!hash.adds && !std::has_single_bit(size)) fail(word, fmt::format("\"+=\": the size {} is no power of two", size));
  hashes_.push_back(hash);
}

std::int32_t AddressMap::hashed(const Hash& hash, const std::int32_t* values, bool forward) const {
  const auto size = static_cast<std::int32_t>(sizes_[static_cast<std::size_t>(hash.into)]);
  const std::int32_t bits = (values[hash.from] >> hash.low) & static_cast<std::int32_t>((1u << hash.bits) - 1);
  const std::int32_t old = values[hash.into];
  if (!hash.adds) return old ^ (bits & (size - 1));
  const std::int32_t shift = bits % size;
  return (old + (forward ? shift : size - shift)) % size;
}

Place AddressMap::place(std::uint64_t block) const {
  std::int32_t values[most_fields] = {};
  for (const Piece& piece : pieces_) {
    std::uint64_t digit;
    if (piece.shift >= 0) {
      digit = block & (piece.size - 1);
      block >>= piece.shift;
    } else {
      digit = block % piece.size;
      block /= piece.size;
    }
    values[piece.field] += static_cast<std::int32_t>(digit) * piece.weight;
  }
  for (const Hash& hash : hashes_) values[hash.into] = hashed(hash, values, true);
  Place place;
  place.channel = values[module_field] * static_cast<std::int32_t>(sizes_[channel_field]) + values[channel_field];
  const std::size_t fields = sizes_.size();
  for (std::size_t f = 2; f + 2 < fields; ++f) place.bank += values[f] * bank_weights_[f];
  place.row = values[fields - 2];
  place.column = values[fields - 1];
  return place;
}

std::uint64_t AddressMap::block(const Place& place) const {
  std::int32_t values[most_fields] = {};
  const auto channels = static_cast<std::int32_t>(sizes_[channel_field]);
  values[module_field] = place.channel / channels;
  values[channel_field] = place.channel % channels;
  const std::size_t fields = sizes_.size();
  for (std::size_t f = 2; f + 2 < fields; ++f)
    values[f] = place.bank / bank_weights_[f] % static_cast<std::int32_t>(sizes_[f]);
  values[fields - 2] = place.row;
  values[fields - 1] = place.column;
  for (auto hash = hashes_.rbegin(); hash != hashes_.rend(); ++hash) values[hash->into] = hashed(*hash, values, false);
  std::uint64_t block = 0;
  for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
    const auto digit = static_cast<std::uint64_t>(values[piece->field] / piece->weight) % piece->size;
    block = block * piece->size + digit;
  }
  return block;
}

}  // namespace wordline::memory
