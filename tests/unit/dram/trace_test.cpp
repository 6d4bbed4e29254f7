#include "wordline/dram/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "test_parts.h"
#include "wordline/core/error.h"

namespace wordline::dram {
namespace {

using testing::command;
using testing::part;

TEST(Trace, ComesBackAsItWent) {
  const Part p = part("hbm3e-9200-12h-36gb");
  const Standard& s = p.standard;
  const CommandTrace trace = {command(s, 0, "ACT", {1, 2, 3, 1}, 24575), command(s, 92, "RD", {1, 2, 3, 1}, 0, 31),
                              command(s, 200, "PREA", {1, 2, 0, 0}), command(s, 300, "REFab", {1, 2, 0, 0}),
                              command(s, 400, "REFpb", {0, 1, 2, 3})};
  std::ostringstream out;
  write_trace(out, s, trace);
  EXPECT_EQ(out.str(),
            "tick,command,pseudochannel,sid,bankgroup,bank,row,column\n"
            "0,ACT,1,2,3,1,24575,\n92,RD,1,2,3,1,,31\n200,PREA,1,2,,,,\n300,REFab,1,2,,,,\n400,REFpb,0,1,2,3,,\n");
  EXPECT_EQ(parse_trace(s, out.str(), "t.csv"), trace);
}

TEST(Trace, SameBankRefreshNamesItsBankOnly) {
  const Part p = part("ddr5-4800-x8-16gb");
  EXPECT_EQ(trace_line(p.standard, command(p.standard, 9, "REFsb", {0, 0, 3})), "9,REFsb,0,,3,,");
}

std::string error_of(const std::string& line) {
  const Part p = part("ddr5-4800-x8-16gb");
  try {
    parse_trace(p.standard, "tick,command,rank,bankgroup,bank,row,column\n" + line + "\n", "t.csv");
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Trace, BadLinesAreNamed) {
  EXPECT_THAT(error_of("0,ATC,0,0,0,1,"),
              ::testing::AllOf(::testing::HasSubstr("t.csv:2:3"), ::testing::HasSubstr("ACT")));
  EXPECT_THAT(error_of("0,ACT,0,8,0,1,"),
              ::testing::AllOf(::testing::HasSubstr("t.csv:2"), ::testing::HasSubstr("0 to 7")));
  EXPECT_THAT(error_of("0,ACT,0,0,0,65536,"), ::testing::HasSubstr("row 65536"));
  EXPECT_THAT(error_of("-1,ACT,0,0,0,1,"), ::testing::HasSubstr("tick"));
  EXPECT_THAT(error_of("0,ACT,0,0,0,,"), ::testing::HasSubstr("t.csv:2"));
}

}  // namespace
}  // namespace wordline::dram
