// Tables that cannot be used: each error names its line and what was wanted.
#include "wordline/dram/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wordline/core/document.h"

namespace wordline::dram {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A toy standard with one rank and one bus; `%` lines are replaced by the cases.
const char* const standard_text = R"(levels = ["channel", "rank", "bankgroup", "bank"]
ticks_per_clock = 1
transfers_per_clock = 2
burst_length = 8
data_bits = 64
data_bus = "channel"
rounding = "ceiling"
[buses]
command = "channel"
[commands]
ACT = { level = "bank", effect = "activate", bus = "command", clocks = 2 }
PRE = { level = "bank", effect = "precharge", bus = "command", clocks = 1 }
RD = { level = "bank", effect = "read", bus = "command", clocks = 1, latency = "tCL" }
[timings]
tRC = "tRAS + tRP"
[[rules]]
name = "tRC"
level = "bank"
after = ["ACT"]
before = ["ACT"]
wait = "tRC"
)";
const char* const part_text = R"(rate = "1 Gb/s"
[organisation]
channels = 1
bankgroup = 2
bank = 2
rows = 16
columns = 64
device_bits = 8
[timings]
tCL = "10 ns"
tRAS = "30 ns"
tRP = "11 ns"
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

Standard compiled(const std::string& standard, const std::string& part, const LevelSizes& sizes = {}) {
  const auto s = core::parse_toml(standard, "s.toml"), p = core::parse_toml(part, "p.toml");
  const core::Reader sr(s), pr(p);
  return compile("toy", sr, pr, clocks_of(sr, pr), sizes);
}

std::string error_of(const std::string& standard, const std::string& part, const LevelSizes& sizes = {}) {
  try {
    compiled(standard, part, sizes);
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Compile, ToyTableInTicks) {
  const Standard s = compiled(standard_text, part_text, {{"rank", 3}});
  EXPECT_EQ(s.geometry.banks(), 12);   // three ranks: no power of two
  EXPECT_EQ(s.timing("tRC"), 15 + 6);  // 2 ns clocks
  EXPECT_EQ(s.timing("tBURST"), 4);
  EXPECT_EQ(s.gap(3, s.id("ACT"), s.id("ACT")), 21);
  EXPECT_EQ(s.gap(0, s.id("ACT"), s.id("PRE")), 2);  // the command bus
  EXPECT_EQ(s.gap(0, s.id("RD"), s.id("RD")), 4);    // the data bus
  EXPECT_EQ(s.spec(s.id("ACT")).last_edge, 1);
}

TEST(Compile, ErrorsOfTimings) {
  EXPECT_THAT(error_of(replaced(standard_text, "wait = \"tRC\"", "wait = \"tRQ\""), part_text),
              AllOf(HasSubstr("s.toml:21"), HasSubstr("did you mean \"tRC\"")));
  EXPECT_THAT(error_of(standard_text, replaced(part_text, "tRP = ", "tRRP = ")), HasSubstr("s.toml:15"));
  EXPECT_THAT(error_of(standard_text, std::string(part_text) + "tRDC = \"1 ns\"\n"),
              AllOf(HasSubstr("p.toml:13"), HasSubstr("no rule uses")));
  EXPECT_THAT(error_of(standard_text, replaced(part_text, "\"30 ns\"", "\"tRC\"")), HasSubstr("a circle"));
  EXPECT_THAT(error_of(standard_text, replaced(part_text, "\"30 ns\"", "\"1 ns - 3 ns\"")), HasSubstr("below zero"));
}

TEST(Compile, ErrorsOfRulesAndCommands) {
  EXPECT_THAT(error_of(replaced(standard_text, "after = [\"ACT\"]", "after = [\"ATC\"]"), part_text),
              AllOf(HasSubstr("s.toml:19"), HasSubstr("ACT")));
  EXPECT_THAT(error_of(replaced(standard_text, "level = \"bank\"\nafter", "level = \"banks\"\nafter"), part_text),
              HasSubstr("s.toml:18"));
  EXPECT_THAT(error_of(replaced(standard_text, "clocks = 2", "clocks = 1.5"), part_text), HasSubstr("multiple of 1/1"));
  EXPECT_THAT(
      error_of(replaced(standard_text, "bus = \"command\", clocks = 2", "bus = \"row\", clocks = 2"), part_text),
      HasSubstr("s.toml:11"));
  EXPECT_THAT(error_of(replaced(standard_text, "wait = \"tRC\"", "wait = \"tRC\"\nwidow = 4"), part_text),
              AllOf(HasSubstr("s.toml:22"), HasSubstr("window")));
}

TEST(Compile, ErrorsOfStates) {
  const auto with = [](const std::string& command) {
    return error_of(replaced(standard_text, "PRE = {", command + "\nPRE = {"), part_text);
  };
  EXPECT_THAT(with("PDE = { level = \"rank\", effect = \"power_down_entry\", bus = \"command\", clocks = 1 }"),
              HasSubstr("both power-down entry and exit"));
  EXPECT_THAT(
      with("A1 = { level = \"bank\", effect = \"activate_first\", bus = \"command\", clocks = 1, within = \"0 nCK\" }"),
      HasSubstr("in time"));
  EXPECT_THAT(with("X = { level = \"rank\", effect = \"none\", bus = \"command\", clocks = 1, hold = \"tCL\" }"),
              HasSubstr("a CAS beside the hold of X"));
  EXPECT_THAT(with("X = { level = \"rank\", effect = \"nap\", bus = \"command\", clocks = 1 }"),
              HasSubstr("s.toml:12"));
  EXPECT_THAT(error_of(replaced(standard_text, "before = [\"ACT\"]", "before = [\"any\"]"), part_text), "no error");
}

TEST(Compile, ErrorsOfGeometryAndRate) {
  EXPECT_THAT(error_of(standard_text, replaced(part_text, "columns = 64", "columns = 60")),
              HasSubstr("burst length 8"));
  EXPECT_THAT(error_of(standard_text, replaced(part_text, "rows = 16", "rows = 0")), HasSubstr("p.toml:6"));
  EXPECT_THAT(error_of(standard_text, replaced(part_text, "bank = 2\n", "bnak = 2\n")), HasSubstr("bank"));
  EXPECT_THAT(error_of(standard_text, replaced(part_text, "1 Gb/s", "1 kb/s")), HasSubstr("from 1 Mb/s"));
  EXPECT_THAT(error_of(standard_text, part_text, {{"rnak", 2}}), HasSubstr("rank"));
}

}  // namespace
}  // namespace wordline::dram
