#include <gtest/gtest.h>

#include <random>

#include "wordline/core/error.h"
#include "wordline/dram/data_rates.h"

namespace wordline::dram {
namespace {

// The two examples of HBM-Power's case study.
TEST(DataRates, OfAPatternAreTheKnownOnes) {
  EXPECT_EQ(pattern_rates("0101", false), (DataRates{1, 0, 0}));
  EXPECT_EQ(pattern_rates("0110", true), (DataRates{0.75, 0.5, 1}));
  EXPECT_EQ(pattern_rates("0000", false), (DataRates{0, 0, 0}));
  EXPECT_EQ(pattern_rates("0011", false), (DataRates{0.5, 1, 0}));
  EXPECT_EQ(pattern_rates("01010101", false), pattern_rates("0101", false));
}

TEST(DataRates, OfRandomDataAreOneHalf) {
  std::mt19937_64 random(7);
  std::vector<std::byte> data(1 << 16);
  for (auto& byte : data) byte = static_cast<std::byte>(random());
  const DataRates rates = data_rates(data, 64);
  EXPECT_NEAR(rates.dq, 0.5, 0.005);
  EXPECT_NEAR(rates.tsv, 0.5, 0.005);
  EXPECT_NEAR(rates.busflip, 0.5, 0.005);
}

// Beats of 8 pins: every pin carries 0, 1, 0, 1, ...; a stretch of data does not go round as a pattern does.
TEST(DataRates, OfMemoryAreThoseOfTheBeatsItHolds) {
  const std::vector<std::byte> striped = {std::byte{0x00}, std::byte{0xff}, std::byte{0x00}, std::byte{0xff},
                                          std::byte{0x00}, std::byte{0xff}, std::byte{0x00}, std::byte{0xff}};
  EXPECT_EQ(data_rates(striped, 8), (DataRates{1, 0, 0}));
  const std::vector<std::byte> half = {std::byte{0x0f}, std::byte{0x0f}, std::byte{0x0f}, std::byte{0x0f},
                                       std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}};
  EXPECT_EQ(data_rates(half, 8), (DataRates{0.5 / 7, 0.5 / 3, 0.5}));  // one change of seven, two of six, four of four
}

TEST(DataRates, RefuseWhatTheyCannotRead) {
  EXPECT_THROW(pattern_rates("01a1", false), core::InputError);
  EXPECT_THROW(pattern_rates("010", false), core::InputError);
  EXPECT_THROW(pattern_rates("", false), core::InputError);
  EXPECT_THROW(data_rates({}, 64), core::InputError);
  const std::vector<std::byte> data(64);
  EXPECT_THROW(data_rates(data, 12), core::InputError);
}

}  // namespace
}  // namespace wordline::dram
