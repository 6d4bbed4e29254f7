// Compiled address maps place every block where their words say: against digits taken one by one, over made-up
// geometries, all blocks.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "wordline/core/catalog.h"
#include "wordline/core/random.h"
#include "wordline/memory/address_map.h"

namespace wordline::memory {
namespace {

// A system of `count` modules whose only content is a geometry: levels below the channel of the given sizes.
System made_up(std::vector<int> sizes, int rows, int columns, int channels, int count) {
  auto part = std::make_shared<dram::Part>();
  auto& geometry = part->standard.geometry;
  const std::vector<std::string> names{"channel", "pseudochannel", "sid", "bankgroup", "bank"};
  sizes.insert(sizes.begin(), 1);
  geometry.levels.assign(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(sizes.size()));
  geometry.sizes = std::move(sizes);
  geometry.rows = rows, geometry.columns = columns, geometry.channels = channels, geometry.burst_bytes = 64;
  geometry.finish();
  System system;
  system.module.part = part;
  system.count = count;
  return system;
}

using Values = std::map<std::string, std::int64_t>;

Values sizes_of(const System& system) {
  const auto& geometry = system.module.part->standard.geometry;
  Values sizes{
      {"module", system.count}, {"channel", geometry.channels}, {"row", geometry.rows}, {"column", geometry.columns}};
  for (std::size_t level = 1; level < geometry.levels.size(); ++level)
    sizes[geometry.levels[level]] = geometry.sizes[level];
  return sizes;
}

// The place of a block by the words of the map, one after the other, with divisions.
Place by_words(const System& system, const std::string& text, std::uint64_t block) {
  const Values sizes = sizes_of(system);
  Values values, weights;
  for (const auto& [name, size] : sizes) values[name] = 0, weights[name] = 1;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) {
      const std::string name = word.substr(0, word.find(':'));
      const std::int64_t left = sizes.at(name) / weights[name];
      const std::int64_t size = word == name ? left : std::stoll(word.substr(name.size() + 1));
      values[name] += static_cast<std::int64_t>(block % static_cast<std::uint64_t>(size)) * weights[name];
      weights[name] *= size;
      block /= static_cast<std::uint64_t>(size);
      continue;
    }
    const std::string into = word.substr(0, equals - 1);
    std::string from = word.substr(equals + 1);
    std::int64_t low = 0, high = 30;
    if (const auto open = from.find('['); open != std::string::npos) {
      low = std::stoll(from.substr(open + 1));
      high = std::stoll(from.substr(from.find(':') + 1));
      from.resize(open);
    }
    std::int64_t bits = 0;
    for (std::int64_t bit = low; bit <= high; ++bit)
      if (values[from] >> bit & 1) bits += std::int64_t{1} << (bit - low);
    const std::int64_t size = sizes.at(into);
    values[into] = word[equals - 1] == '+' ? (values[into] + bits) % size : values[into] ^ bits % size;
  }
  Place place;
  place.channel = static_cast<std::int32_t>(values["module"] * sizes.at("channel") + values["channel"]);
  const auto& geometry = system.module.part->standard.geometry;
  for (std::size_t level = 1; level < geometry.levels.size(); ++level)
    place.bank = static_cast<std::int32_t>(place.bank * geometry.sizes[level] + values[geometry.levels[level]]);
  place.row = static_cast<std::int32_t>(values["row"]);
  place.column = static_cast<std::int32_t>(values["column"]);
  return place;
}

// A map of the system drawn at random: digits of every field in any order, then up to four hashes.
std::string drawn_map(const System& system, core::Random& random) {
  struct Digit {
    std::string name;
    std::int64_t size;
  };
  std::vector<Digit> digits;
  const Values sizes = sizes_of(system);
  std::vector<std::string> names;
  for (const auto& [name, size] : sizes) {
    names.push_back(name);
    std::int64_t left = size;
    for (const std::int64_t part : {2, 3, 4})
      if (left % part == 0 && random.below(2)) digits.push_back({name, part}), left /= part;
    if (left > 1) digits.push_back({name, left});
  }
  std::string text;
  while (!digits.empty()) {
    const auto at = static_cast<std::ptrdiff_t>(random.below(digits.size()));
    const Digit& digit = digits[static_cast<std::size_t>(at)];
    text += fmt::format("{}:{} ", digit.name, digit.size);
    digits.erase(digits.begin() + at);
  }
  for (std::uint64_t hashes = random.below(5); hashes > 0; --hashes) {
    const std::string& into = names[random.below(names.size())];
    const std::string& from = names[random.below(names.size())];
    if (into == from) continue;
    const std::int64_t size = sizes.at(into);
    const bool power = (size & (size - 1)) == 0;
    text += fmt::format("{}{}={}", into, power && random.below(2) ? '^' : '+', from);
    if (random.below(2)) text += fmt::format("[{}:{}]", random.below(2), 1 + random.below(3));
    text += " ";
  }
  return text;
}

TEST(AddressMapPlan, PlacesEveryBlockWhereTheWordsSay) {
  core::Random random(5);
  const std::vector<std::vector<int>> trees{{1}, {4}, {2, 3, 4, 2}, {2, 1, 2, 4}, {3, 2, 3}, {1, 5, 2, 2}};
  for (const auto& sizes : trees)
    for (int drawn = 0; drawn < 8; ++drawn) {
      const int rows[] = {1, 6, 8, 12}, columns[] = {1, 4, 6}, channels[] = {1, 2, 3}, counts[] = {1, 2, 5, 6};
      const System system = made_up(sizes, rows[random.below(4)], columns[random.below(3)], channels[random.below(3)],
                                    counts[random.below(4)]);
      const std::string text = drawn_map(system, random);
      SCOPED_TRACE(text);
      const AddressMap map(system, text);
      std::set<std::array<std::int32_t, 4>> seen;
      for (std::uint64_t block = 0; block < map.blocks(); ++block) {
        const Place place = map.place(block);
        ASSERT_EQ(place, by_words(system, text, block)) << "block " << block;
        ASSERT_EQ(map.block(place), block);
        seen.insert({place.channel, place.bank, place.row, place.column});
      }
      ASSERT_EQ(seen.size(), map.blocks());  // a bijection
    }
}

TEST(AddressMapPlan, PlacesBlocksOfTheLargestMemoriesToo) {
  core::Random random(6);
  const System system = made_up({2, 3, 4, 4}, 3 << 22, 1 << 12, 16, 1000);
  for (int drawn = 0; drawn < 100; ++drawn) {
    const std::string text = drawn_map(system, random);
    SCOPED_TRACE(text);
    const AddressMap map(system, text);
    ASSERT_GT(map.blocks(), std::uint64_t{1} << 54);
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t block =
          i < 2 ? static_cast<std::uint64_t>(i) * (map.blocks() - 1) : random.below(map.blocks());
      ASSERT_EQ(map.place(block), by_words(system, text, block));
      ASSERT_EQ(map.block(map.place(block)), block);
    }
  }
}

TEST(AddressMapPlan, DividesExactly) {
  core::Random random(7);
  const std::uint64_t most = (std::uint64_t{1} << PlacePlan::most_block_bits) - 1;
  for (const std::uint64_t by : {3u, 5u, 6u, 7u, 12u, 24u, 641u, 49152u, 65535u, 1048575u, 16777215u}) {
    const Divider divider(by);
    for (const std::uint64_t n : {std::uint64_t{0}, by - 1, by, most / by * by - 1, most / by * by, most})
      ASSERT_EQ(divider.quotient(n), n / by) << n << " / " << by;
    for (int i = 0; i < 10'000; ++i) {
      const std::uint64_t n = random.below(most) >> random.below(50);
      ASSERT_EQ(divider.quotient(n), n / by) << n << " / " << by;
    }
  }
}

TEST(AddressMapPlan, ABatchIsItsBlocks) {
  const System system = made_up({2, 3, 4, 2}, 12, 4, 2, 5);
  const AddressMap map(system, "column channel module bank pseudochannel bankgroup sid row bank^=row");
  std::vector<std::uint64_t> blocks(map.blocks());
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = blocks.size() - 1 - i;
  std::vector<Place> places(blocks.size());
  map.place_each(
      blocks.size(), [&](std::size_t i) { return blocks[i]; },
      [&](std::size_t i, const Place& place) { places[i] = place; });
  for (std::size_t i = 0; i < blocks.size(); ++i) ASSERT_EQ(places[i], map.place(blocks[i]));
}

}  // namespace
}  // namespace wordline::memory
