// Wafer maps: both forms read, and every damage is told with its place.
#include "wordline/fab/wafer_map.h"

#include <gmock/gmock.h>

#include "wordline/core/error.h"

namespace wordline::fab {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string little_endian(std::uint32_t number, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
  return out;
}

// Two labels, one wafer of 2 rows and 3 columns.
std::string small_map() {
  using namespace std::string_literals;
  return "WMAP1\n" + little_endian(1, 4) + little_endian(2, 4) + "\4none\3Loc" + little_endian(70000, 4) +
         little_endian(7, 2) + "\1" + little_endian(2, 2) + little_endian(3, 2) + "\0\1\2\1\1\0"s;
}

TEST(WaferMaps, BinaryFormIsRead) {
  const auto maps = parse_wafer_maps(small_map(), "m.bin");
  ASSERT_EQ(maps.size(), 1u);
  EXPECT_EQ(maps[0].lot, "70000");
  EXPECT_EQ(maps[0].wafer, "7");
  EXPECT_EQ(maps[0].label, "Loc");
  EXPECT_EQ(maps[0].width, 3);
  EXPECT_EQ(maps[0].height, 2);
  EXPECT_EQ(maps[0].at(0, 0), DieResult::none);
  EXPECT_EQ(maps[0].at(2, 0), DieResult::bad);
  EXPECT_EQ(maps[0].at(1, 1), DieResult::good);
  EXPECT_DOUBLE_EQ(maps[0].yield(), 0.75);
}

TEST(WaferMaps, CsvFormReadsBackWhatWasWritten) {
  const auto maps = parse_wafer_maps(small_map(), "m.bin");
  const auto again = parse_wafer_maps(to_csv(maps), "m.csv");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].label, "Loc");
  EXPECT_EQ(again[0].dies, maps[0].dies);
}

TEST(WaferMaps, CsvTakesAnyOrderAndLeavesOutWhatItMay) {
  const auto maps = parse_wafer_maps("result,y,x,wafer\nbad,-3,5,b\ngood,-3,4,a\ngood,-4,4,b\n", "m.csv");
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[0].wafer, "b");
  EXPECT_EQ(maps[0].width, 2);
  EXPECT_EQ(maps[0].at(1, 1), DieResult::bad);
  EXPECT_EQ(maps[0].at(0, 0), DieResult::good);
  EXPECT_EQ(maps[0].at(1, 0), DieResult::none);
  EXPECT_EQ(maps[1].dies.size(), 1u);
}

TEST(WaferMaps, DamageToTheBinaryFormIsToldWithItsByte) {
  const auto whole = small_map();
  for (std::size_t length = 6; length < whole.size(); ++length)
    EXPECT_THAT([&] { parse_wafer_maps(whole.substr(0, length), "m.bin"); },
                ThrowsMessage<core::InputError>(HasSubstr("m.bin: byte ")));
  const auto with = [&](std::size_t at, char byte) {
    auto text = whole;
    text[at] = byte;
    return text;
  };
  EXPECT_THAT([&] { parse_wafer_maps(whole + "x", "m.bin"); }, ThrowsMessage<core::InputError>(HasSubstr("the end")));
  EXPECT_THAT([&] { parse_wafer_maps(with(whole.size() - 1, 3), "m.bin"); },
              ThrowsMessage<core::InputError>(HasSubstr("byte 39: found the result 3; wanted 0, 1 or 2")));
  EXPECT_THAT([&] { parse_wafer_maps(with(29, 2), "m.bin"); }, ThrowsMessage<core::InputError>(HasSubstr("label 2")));
  EXPECT_THAT([&] { parse_wafer_maps(with(31, 100), "m.bin"); }, ThrowsMessage<core::InputError>(HasSubstr("25602")));
  EXPECT_THROW(parse_wafer_maps(with(9, 127), "m.bin"), core::InputError);  // two billion maps are said to follow
}

TEST(WaferMaps, DamageToCsvIsToldWithLineAndColumn) {
  const std::string header = "wafer,x,y,result,label\n";
  const auto told = [&](const std::string& rows, const std::string& words) {
    EXPECT_THAT([&] { parse_wafer_maps(header + rows, "m.csv"); }, ThrowsMessage<core::InputError>(HasSubstr(words)));
  };
  told("a,0,0,god,\n", "m.csv:2:7: found \"god\"; wanted \"good\" or \"bad\"; did you mean \"good\"?");
  told("a,0,0,good,\na,0.5,0,good,\n", "m.csv:3:3: ");
  told("a,0,0,good,\na,0,0,bad,\n", "m.csv:3:3: found a second die at x 0, y 0");
  told("a,0,0,good,Loc\na,1,0,bad,none\n", "m.csv:3:11: found the label \"none\"; wanted \"Loc\"");
  told("a,0,0,good,\na,90000,0,bad,\n", "m.csv:3:3: found a grid of 90001 x 1");
  told("a,0,0,good,\na,900,900,bad,\n", "found a grid of 901 x 901 for the 2 dies");
  EXPECT_THAT([] { parse_wafer_maps("wafer,x,z,result\n", "m.csv"); },
              ThrowsMessage<core::InputError>(HasSubstr("\"y\"")));
}

}  // namespace
}  // namespace wordline::fab
