// Address maps are bijections, also where sizes are no powers of two.
#include "wordline/memory/address_map.h"

#include <gtest/gtest.h>

#include <set>

#include "wordline/core/catalog.h"
#include "wordline/core/error.h"
#include "wordline/core/random.h"

namespace wordline::memory {
namespace {

const core::Catalog& catalog() {
  static const core::Catalog shipped = core::Catalog::open();
  return shipped;
}

// There and back from random blocks, back and there from random places: with equal sizes of both sets, a bijection.
void expect_bijection(const AddressMap& map, const System& system) {
  const auto& geometry = system.module.part->standard.geometry;
  core::Random random(7);
  for (int i = 0; i < 4'000; ++i) {
    const std::uint64_t block = i < 1500 ? static_cast<std::uint64_t>(i) : random.below(map.blocks());
    const Place place = map.place(block);
    ASSERT_EQ(map.block(place), block);
    ASSERT_TRUE(place.channel >= 0 && place.channel < system.channels());
    ASSERT_TRUE(place.bank >= 0 && place.bank < geometry.banks());
    ASSERT_TRUE(place.row >= 0 && place.row < geometry.rows);
    ASSERT_TRUE(place.column >= 0 && place.column < geometry.columns / system.bursts());
  }
  const auto below = [&](int n) { return static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(n))); };
  for (int i = 0; i < 3'000; ++i) {
    const Place place{below(system.channels()), below(geometry.banks()), below(geometry.rows),
                      below(geometry.columns / system.bursts())};
    const std::uint64_t block = map.block(place);
    ASSERT_LT(block, map.blocks());
    ASSERT_EQ(map.place(block), place);
  }
}

TEST(AddressMap, EveryPolicyIsABijectionOverEveryModuleAndCount) {
  for (const auto& name : catalog().names("memory/modules"))
    for (const int count : {1, 5, 6, 12})
      for (const auto& policy : address_map_names()) {
        SCOPED_TRACE(name + " x " + std::to_string(count) + " " + policy);
        System system = load_system(catalog(), name, count);
        system.settings.address_map = policy;
        const AddressMap map(system);
        EXPECT_EQ(static_cast<double>(map.blocks()) * system.access_bytes(), system.capacity().value());
        expect_bijection(map, system);
      }
}

TEST(AddressMap, HashesAreBijections) {
  const System system = load_system(catalog(), "hbm3e-9200-12h-36gb", 5);
  for (const char* hashes :
       {"bank^=row[0:1]", "bank^=row[3:4] bankgroup^=row", "sid+=row bank^=sid", "module+=row[2:9]"}) {
    SCOPED_TRACE(hashes);
    const AddressMap map(
        system, std::string("column:2 channel pseudochannel module bankgroup bank column sid row:3 row ") + hashes);
    expect_bijection(map, system);
  }
}

TEST(AddressMap, GoesAroundAllDataBusesBeforeItComesBack) {
  const System system = load_system(catalog(), "hbm3-5200-8h-16gb", 5);
  const AddressMap map(system);
  std::vector<int> seen(static_cast<std::size_t>(system.channels() * 2), 0);
  const auto& standard = system.module.part->standard;
  for (std::uint64_t block = 0; block < 4 * seen.size(); ++block) {
    const Place place = map.place(block);
    ++seen[static_cast<std::size_t>(place.channel * 2 + standard.geometry.node(standard.data_bus_level, place.bank))];
  }
  for (const int count : seen) EXPECT_EQ(count, 4);
}

// Of the rows of one bank under the linear map, which a stride would visit one after the other: how many banks they
// lie in.
std::size_t banks_of_a_column_of_rows(const std::string& policy) {
  System system = load_system(catalog(), "ddr5-4800-1rx8-16gb");
  system.settings.address_map = "linear";
  const AddressMap linear(system);
  system.settings.address_map = policy;
  const AddressMap map(system);
  std::set<std::int32_t> banks;
  for (std::int32_t row = 0; row < 64; ++row) banks.insert(map.place(linear.block({0, 0, row, 0})).bank);
  return banks.size();
}

TEST(AddressMap, APermutationSpreadsRowsThatWouldFightForOneBank) {
  EXPECT_EQ(banks_of_a_column_of_rows("linear"), 1u);
  EXPECT_EQ(banks_of_a_column_of_rows("permutation"), 32u);
}

TEST(AddressMap, APermutationKeepsTheBlocksOfARowTogether) {
  System system = load_system(catalog(), "hbm3-5200-8h-16gb");
  system.settings.address_map = "linear";
  const AddressMap linear(system);
  system.settings.address_map = "permutation";
  const AddressMap map(system);
  for (std::uint64_t block = 0; block < 1 << 20; block += 61) {
    const Place a = linear.place(block), b = map.place(block);
    ASSERT_TRUE(a.channel == b.channel && a.row == b.row && a.column == b.column);
  }
}

TEST(AddressMap, MopTakesFourBlocksOfEachBankInTurn) {
  for (const char* name : {"ddr5-4800-2rx4-64gb", "hbm3e-9200-12h-36gb"}) {
    System system = load_system(catalog(), name);
    system.settings.address_map = "mop";
    const AddressMap map(system);
    std::set<std::pair<std::int32_t, std::int32_t>> banks;
    const auto all = static_cast<std::uint64_t>(system.channels() * system.module.part->standard.geometry.banks());
    for (std::uint64_t piece = 0; piece < all; ++piece) {
      const Place first = map.place(piece * 4);
      banks.emplace(first.channel, first.bank);
      for (std::uint64_t i = 1; i < 4; ++i) {
        const Place place = map.place(piece * 4 + i);
        ASSERT_TRUE(place.channel == first.channel && place.bank == first.bank && place.row == first.row);
      }
    }
    EXPECT_EQ(banks.size(), all) << name;
  }
}

std::string message_of(const std::string& text) {
  try {
    AddressMap(load_system(catalog(), "hbm3e-9200-12h-36gb"), text);
  } catch (const core::UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(AddressMap, RefusesWhatIsNoBijection) {
  EXPECT_NE(message_of("column pseudochannel channel bankgroup bank row").find("sid"), std::string::npos);
  EXPECT_NE(message_of("column pseudochanel").find("did you mean \"pseudochannel\""), std::string::npos);
  EXPECT_NE(message_of("sid:2").find("divides 3"), std::string::npos);
  EXPECT_NE(message_of("column pseudochannel channel bankgroup bank sid row sid^=row").find("no power of two"),
            std::string::npos);
  EXPECT_NE(message_of("bank^=bank").find("two different fields"), std::string::npos);
  EXPECT_NE(message_of("bank^=row[1]").find("bits as in"), std::string::npos);
}

}  // namespace
}  // namespace wordline::memory
