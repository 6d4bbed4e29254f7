#include "wordline/dram/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wordline::dram {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// HBM3-6400: 625 ps, half clocks.
Tick value(const std::string& text, int ticks_per_clock = 2) {
  ExpressionContext context{core::Clock(625, 1), ticks_per_clock, Rounding::ceiling,
                            [](const std::string& name, const core::Location& at) -> Tick {
                              if (name == "tRP") return 52;
                              throw core::InputError(at, "the timing \"" + name + "\"", "a timing");
                            }};
  const core::Location at{std::make_shared<const std::string>("part.toml"), 7, 10};
  return evaluate(text, context, at);
}

std::string error_of(const std::string& text) {
  try {
    value(text);
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Expression, LiteralsInClocksAndTime) {
  EXPECT_EQ(value("3 nCK"), 6);
  EXPECT_EQ(value("1.5 nCK"), 3);
  EXPECT_EQ(value("16.25 ns"), 52);   // exactly 26 clocks
  EXPECT_EQ(value("16.251 ns"), 54);  // a hair more: 27
  EXPECT_EQ(value("16250 ps"), 52);
  EXPECT_EQ(value("3.9 us"), 12480);
  EXPECT_EQ(value("8ns"), 26);  // 12.8 clocks
}

TEST(Expression, ArithmeticAndFunctions) {
  EXPECT_EQ(value("max(8 nCK, 5 ns)"), 16);
  EXPECT_EQ(value("max(3 nCK, 8 ns, 2 nCK)"), 26);
  EXPECT_EQ(value("min(3 nCK, 8 ns)"), 6);
  EXPECT_EQ(value("tRP + 2 * (3 nCK - 1 nCK)"), 60);
  EXPECT_EQ(value("tRP - 1 nCK - 1 nCK"), 48);  // left to right
  EXPECT_EQ(value("5 nCK / 4"), 3);             // a minimum: up
  EXPECT_EQ(value("floor(5 nCK / 4)"), 2);
}

TEST(Expression, MaximaRoundDown) {
  EXPECT_EQ(value("floor(3900 ns)"), 12480);
  EXPECT_EQ(value("floor(3900.1 ns)"), 12480);
  EXPECT_EQ(value("3900.1 ns"), 12482);
  EXPECT_EQ(value("floor(1 ns) + 1 ns"), 2 + 4);
}

TEST(Expression, ErrorsNameTheColumn) {
  EXPECT_THAT(error_of("tRQ + 1 nCK"), HasSubstr("part.toml:7:11"));
  EXPECT_THAT(error_of("1 nCK + tRQ"), HasSubstr("part.toml:7:19"));
  EXPECT_THAT(error_of("5 ms"), HasSubstr("nCK, ps, ns or us"));
  EXPECT_THAT(error_of("0.25 nCK"), HasSubstr("multiple of 1/2 nCK"));
  EXPECT_THAT(error_of("1.5"), HasSubstr("fraction without a unit"));
  EXPECT_THAT(error_of("3"), HasSubstr("plain number"));
  EXPECT_THAT(error_of("3 + 1 nCK"), HasSubstr("two of one kind"));
  EXPECT_THAT(error_of("2 nCK * 2 nCK"), HasSubstr("product of two times"));
  EXPECT_THAT(error_of("2 nCK / 0"), HasSubstr("above 0"));
  EXPECT_THAT(error_of("max(1 nCK"), HasSubstr("')'"));
  EXPECT_THAT(error_of("ceil(1 nCK)"), HasSubstr("max, min or floor"));
  EXPECT_THAT(error_of("1 nCK 2 nCK"), HasSubstr("an operator or the end"));
  EXPECT_THAT(error_of(""), HasSubstr("the end"));
  EXPECT_THAT(error_of("99999999999999999999 ns"), HasSubstr("too many digits"));
  EXPECT_THAT(error_of("1000001 us"), HasSubstr("above a second"));
  EXPECT_THAT(error_of("999999 us * 999999999"), HasSubstr("beyond 2^40"));
}

TEST(Expression, NamesInOrder) {
  EXPECT_THAT(names_in("max(8 nCK, tWTR_L) + tCWL + 2 * tBURST"), ElementsAre("tWTR_L", "tCWL", "tBURST"));
}

}  // namespace
}  // namespace wordline::dram
